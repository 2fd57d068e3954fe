//! What clients note beside a message: anything is the defaults or a value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openim_core::message::attached::{AttachedInfo, parse};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let read = parse(&text);
    if serde_json::from_str::<serde_json::Value>(&text).is_err() {
        assert_eq!(read, AttachedInfo::default());
    }
});
