//! What strangers write into a message: read, shown, said in words, written again, all within bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openim_core::limits::{FORWARDED_MAX, READABLE_MAX, SHOWN_MAX};
use openim_core::message::{Content, decode, decode_shown, encode, media, parts, readable};

fuzz_target!(|data: &[u8]| {
    let Some((kind, bytes)) = data.split_first() else { return };
    let kind = 100 + i32::from(kind % 32);
    let content = decode(kind, bytes);
    if !matches!(content, Content::Raw(_)) {
        assert_eq!(decode(kind, &encode(&content)), content, "what was read is read again");
    }
    let shown = decode_shown(kind, bytes);
    assert!(readable(&shown).len() <= READABLE_MAX + 3);
    let _ = media(&shown);
    if let Some(parts) = parts(kind, &shown) {
        let value: serde_json::Value = serde_json::from_str(&parts).expect("it is JSON");
        let forwarded = value["forwarded"]["messages"].as_array().map_or(0, Vec::len);
        assert!(forwarded <= FORWARDED_MAX);
        // Lossy text grows threefold, escapes sixfold; each message inside brings the members it left out.
        assert!(parts.len() <= bytes.len() * 40 + (SHOWN_MAX + 4) * 2_048, "{} of {}", parts.len(), bytes.len());
    }
});
