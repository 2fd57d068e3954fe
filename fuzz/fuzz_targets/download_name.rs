//! The name that a server gives a file: short, no path, and stable.
#![no_main]

#[path = "../bodies/download_name.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::check(data));
