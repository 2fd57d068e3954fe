//! Content that means harm: each is delivered raw or with what could be read, in bounded time and memory.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use openim_core::limits::{EMBEDDED_DEPTH_MAX, EMBEDDED_MAX, FORWARDED_MAX, READABLE_MAX, SHOWN_MAX};
use openim_core::message::notice::{self, Notice};
use openim_core::message::{Content, Embedded, attached, decode, decode_shown, encode, media, parts, readable};
use serde_json::{Value, json};

const KINDS: [i32; 17] = [101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 113, 114, 115, 117, 118, 119, 120];

/// A quote of a quote of a quote ...
fn nested(levels: usize) -> String {
    let open = r#"{"text":"t","quoteMessage":{"contentType":114,"quoteElem":"#;
    format!("{}null{}", open.repeat(levels), "}}".repeat(levels))
}

fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let megabyte = 1024 * 1024;
    vec![
        ("empty", Vec::new()),
        ("not UTF-8", b"\xff\xfe{".to_vec()),
        ("not JSON", b"hello".to_vec()),
        ("cut off", br#"{"content":"h"#.to_vec()),
        ("null", b"null".to_vec()),
        ("a list", b"[]".to_vec()),
        ("a number", b"1e999".to_vec()),
        ("300 lists", [b"[".repeat(300), b"]".repeat(300)].concat()),
        ("300 quotes", nested(300).into_bytes()),
        ("a million open brackets", b"[".repeat(megabyte)),
        (
            "1 MB of text",
            format!(r#"{{"content":"{0}","text":"{0}","title":"{0}"}}"#, "a".repeat(megabyte / 4)).into_bytes(),
        ),
        ("over 1 MB", format!(r#"{{"content":"{}"}}"#, "a".repeat(megabyte)).into_bytes()),
        ("1 MB of messages", format!(r#"{{"multiMessage":[{}{{}}]}}"#, "{},".repeat(megabyte / 3 - 16)).into_bytes()),
        ("NUL and marks", "{\"text\":\"\\u0000\u{202e}\",\"fileName\":\"a\\u0000b\"}".as_bytes().to_vec()),
    ]
}

/// Every member of every kind with a value of a wrong type.
fn wrong_types() -> Vec<Value> {
    let members = [
        "content",
        "text",
        "sourcePath",
        "sourcePicture",
        "bigPicture",
        "snapshotPicture",
        "dataSize",
        "duration",
        "videoSize",
        "fileName",
        "fileSize",
        "atUserList",
        "atUsersInfo",
        "quoteMessage",
        "isAtSelf",
        "title",
        "abstractList",
        "multiMessage",
        "messageEntityList",
        "userID",
        "nickname",
        "description",
        "longitude",
        "latitude",
        "data",
        "index",
        "msgTips",
    ];
    [json!(null), json!(5), json!(-1.5), json!("x"), json!(true), json!([null, 5, "x", {}, []]), json!({"a": [1]})]
        .into_iter()
        .map(|wrong| {
            members.iter().map(|name| ((*name).to_owned(), wrong.clone())).collect::<serde_json::Map<_, _>>().into()
        })
        .collect()
}

#[test]
fn case_46_broken_content_is_delivered_raw() {
    for content_type in KINDS {
        for (what, bytes) in hostile() {
            let content = decode(content_type, &bytes);
            assert!(readable(&content).len() <= READABLE_MAX + '…'.len_utf8(), "{what} as {content_type}");
            assert!(media(&content).len() <= 1);
            let parts = parts(content_type, &decode_shown(content_type, &bytes)).unwrap_or_default();
            assert!(parts.len() <= bytes.len() * 2 + SHOWN_MAX * 1_024, "{what} as {content_type}: {}", parts.len());
            if serde_json::from_slice::<Value>(&bytes).is_ok_and(|value| value.is_object())
                && bytes.len() <= 1024 * 1024
            {
                continue;
            }
            assert_eq!(content, Content::Raw(String::from_utf8_lossy(&bytes).into_owned()), "{what} as {content_type}");
            assert_eq!(readable(&content), "");
        }
    }
}

#[test]
fn case_46_broken_attached_info_and_details_hold_nothing_up() {
    for (what, bytes) in hostile() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        attached::parse(&text);
        let content = json!({ "detail": text }).to_string();
        for content_type in [1201, 1300, 1303, 1400, 1508, 1701, 2001, 2101, 2102, 2200] {
            let of_detail = notice::parse(content_type, content.as_bytes());
            if matches!(what, "empty" | "not JSON" | "cut off" | "a list" | "null" | "300 lists") {
                assert!(matches!(of_detail, Notice::Unreadable { .. }), "{what} as {content_type}");
            }
            notice::parse(content_type, &bytes);
        }
    }
}

#[test]
fn members_of_wrong_types_count_as_missing() {
    for value in wrong_types() {
        for content_type in KINDS {
            let content = decode(content_type, value.to_string().as_bytes());
            let expected_raw = matches!(content_type, 101 | 118) && !value["content"].is_string();
            assert_eq!(matches!(content, Content::Raw(_)), expected_raw, "{value} as {content_type}");
            readable(&content);
            assert_eq!(decode(content_type, &encode(&content)), content, "{value} as {content_type}");
        }
        for content_type in (1201..=1210).chain(1501..=1520).chain([1300, 1400, 2001, 2101, 2102, 2200]) {
            let read = notice::read(content_type, &value.to_string());
            assert!(!matches!(read, Notice::Unreadable { .. }), "{value} as {content_type}");
        }
    }
}

#[test]
fn nested_messages_end_at_the_limit_and_the_answer_is_read() {
    let content = decode(114, nested(40).as_bytes());
    assert_eq!(readable(&content), "t");
    let mut depth = 0;
    let mut at = &content;
    while let Content::Quote(quote) = at
        && let Some(quoted) = &quote.quoted
    {
        depth += 1;
        at = &quoted.content;
    }
    assert_eq!(depth, EMBEDDED_DEPTH_MAX);
}

#[test]
fn a_forward_of_countless_messages_is_cut_also_where_they_are_nested() {
    let many = vec![json!({}); 5_000];
    let nested: Vec<Value> =
        (0..50).map(|_| json!({"contentType":107,"mergeElem":{"multiMessage":vec![json!({}); 500]}})).collect();
    for list in [many, nested] {
        let bytes = json!({ "multiMessage": list }).to_string().into_bytes();
        let Content::Merger(merger) = decode(107, &bytes) else { panic!("it is not a forward") };
        assert!(count(&merger.messages) <= EMBEDDED_MAX);
        let shown = decode_shown(107, &bytes);
        let Content::Merger(merger) = &shown else { panic!("it is not a forward") };
        assert!(count(&merger.messages) <= SHOWN_MAX);
        let parts: Value = serde_json::from_str(&parts(107, &shown).unwrap()).unwrap();
        assert!(parts["forwarded"]["messages"].as_array().unwrap().len() <= FORWARDED_MAX);
    }
}

fn count(messages: &[Embedded]) -> usize {
    let inner = |message: &Embedded| match &message.content {
        Content::Merger(merger) => count(&merger.messages),
        _ => 0,
    };
    messages.iter().map(|message| 1 + inner(message)).sum()
}

#[test]
fn what_fits_a_frame_is_never_cut_and_more_is_cut_between_characters() {
    let text = "é".repeat(18_000);
    assert_eq!(readable(&Content::Text(text.clone())), text);
    let cut = readable(&Content::Text("你".repeat(100_000)));
    assert!(cut.ends_with("你…") && cut.len() <= READABLE_MAX + '…'.len_utf8());
}
