//! The answer of a server to a websocket upgrade, or of a proxy to `CONNECT`: the stream, or a refusal within bounds.
#![no_main]

#[path = "../bodies/canned.rs"]
mod canned;
#[path = "../bodies/upgrade.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::check(data));
