//! Templates of token requests, and the state file that other programs write as well.
#![no_main]

#[path = "../bodies/token_state.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::check(data));
