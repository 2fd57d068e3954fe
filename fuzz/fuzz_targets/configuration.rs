//! The configuration of an account, as an operator or a program writes it: a login and its token refresh, or a refusal.
#![no_main]

#[path = "../bodies/configuration.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::check(data));
