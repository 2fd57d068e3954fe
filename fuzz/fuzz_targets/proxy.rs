//! The answers of a proxy of each kind: a stream, or an error in one short line without the proxy's password.
#![no_main]

#[path = "../bodies/canned.rs"]
mod canned;
#[path = "../bodies/proxy.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::check(data));
