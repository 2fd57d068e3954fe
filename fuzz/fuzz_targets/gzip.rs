//! Packed frames: nothing comes out larger than a frame may be, and what was packed comes out again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openim_core::limits::GUNZIP_MAX;
use openim_core::wire::compress::{gunzip, gzip};

fuzz_target!(|data: &[u8]| {
    if let Ok(plain) = gunzip(data) {
        assert!(plain.len() <= GUNZIP_MAX);
    }
    assert!(gunzip(&gzip(data)).is_ok_and(|plain| plain == data));
});
