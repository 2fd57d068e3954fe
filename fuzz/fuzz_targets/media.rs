//! A file that somebody sent, told from its bytes: a known kind with its facts or none, whatever its length is said to be.
#![no_main]

#[path = "../bodies/media.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::check(data));
