//! Whatever a bot can send reads back as the same value, and any bytes at all are read without harm.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use openim_core::limits::READABLE_MAX;
use openim_core::message::elements::{
    AdvancedText, Card, Custom, Face, FileElem, Location, MessageEntity, Picture, PictureFile, Sound, Typing, Video,
};
use openim_core::message::nested::at::{AtText, AtUser};
use openim_core::message::nested::merger::Merger;
use openim_core::message::nested::quote::Quote;
use openim_core::message::{Content, Embedded, decode, encode, media, notice, readable};
use proptest::collection::vec;
use proptest::prelude::*;

fn word() -> impl Strategy<Value = String> {
    proptest::string::string_regex("(?s).{0,12}").unwrap()
}

fn words<const N: usize>() -> impl Strategy<Value = [String; N]> {
    vec(word(), N).prop_map(|words| words.try_into().unwrap())
}

fn picture_file() -> impl Strategy<Value = PictureFile> {
    (words::<3>(), any::<[i64; 3]>()).prop_map(|([uuid, mime, url], [size, width, height])| PictureFile {
        uuid,
        mime,
        size,
        width,
        height,
        url,
    })
}

fn picture() -> impl Strategy<Value = Content> {
    (word(), picture_file(), picture_file(), picture_file()).prop_map(|(source_path, source, big, snapshot)| {
        Content::Picture(Box::new(Picture { source_path, source, big, snapshot }))
    })
}

fn recordings() -> impl Strategy<Value = Content> {
    let sound = (words::<4>(), any::<[i64; 2]>()).prop_map(|([uuid, path, url, kind], [size, duration])| {
        Content::Sound(Box::new(Sound { uuid, path, url, size, duration, kind }))
    });
    let video = (words::<8>(), any::<[i64; 5]>()).prop_map(|(texts, numbers)| {
        let [path, uuid, url, kind, snapshot_path, snapshot_uuid, snapshot_url, snapshot_kind] = texts;
        let [size, duration, snapshot_size, snapshot_width, snapshot_height] = numbers;
        Content::Video(Box::new(Video {
            path,
            uuid,
            url,
            kind,
            size,
            duration,
            snapshot_path,
            snapshot_uuid,
            snapshot_size,
            snapshot_url,
            snapshot_width,
            snapshot_height,
            snapshot_kind,
        }))
    });
    let file = (words::<5>(), any::<i64>()).prop_map(|([path, uuid, url, name, kind], size)| {
        Content::File(Box::new(FileElem { path, uuid, url, name, size, kind }))
    });
    prop_oneof![sound, video, file]
}

fn small() -> impl Strategy<Value = Content> {
    // A millionth of a degree is ten centimetres; the decimal text of such a number is exact both ways.
    let degree = |number: i32| f64::from(number) / 1e6;
    prop_oneof![
        word().prop_map(Content::Text),
        word().prop_map(Content::Markdown),
        any::<bool>().prop_map(|on| Content::Typing(Typing::new(on))),
        (any::<i64>(), word()).prop_map(|(index, data)| Content::Face(Face { index, data })),
        words::<4>().prop_map(|[user_id, nickname, face_url, ex]| Content::Card(Card {
            user_id,
            nickname,
            face_url,
            ex
        })),
        words::<3>().prop_map(|[data, extension, description]| Content::Custom(Custom {
            data,
            extension,
            description
        })),
        (word(), any::<[i32; 2]>()).prop_map(move |(description, [longitude, latitude])| {
            Content::Location(Location { description, longitude: degree(longitude), latitude: degree(latitude) })
        }),
        (word(), vec((words::<3>(), any::<[i64; 2]>()), 0..3)).prop_map(|(text, marks)| {
            let entities = marks
                .into_iter()
                .map(|([kind, url, ex], [offset, length])| MessageEntity { kind, offset, length, url, ex })
                .collect();
            Content::AdvancedText(AdvancedText { text, entities })
        }),
    ]
}

fn embedded(content: Content) -> impl Strategy<Value = Embedded> {
    (words::<7>(), any::<[i64; 3]>(), any::<[i32; 4]>(), any::<bool>()).prop_map(
        move |(texts, times, numbers, is_read)| {
            let [client_msg_id, server_msg_id, send_id, recv_id, group_id, sender_nickname, ex] = texts;
            let [create_time, send_time, seq] = times;
            let [session_type, msg_from, sender_platform_id, status] = numbers;
            Embedded {
                client_msg_id,
                server_msg_id,
                create_time,
                send_time,
                session_type,
                send_id,
                recv_id,
                group_id,
                msg_from,
                content_type: content.content_type().unwrap(),
                sender_platform_id,
                sender_nickname,
                seq,
                is_read,
                status,
                ex,
                content: content.clone(),
                ..Embedded::default()
            }
        },
    )
}

/// Kinds around other kinds, three deep.
fn content() -> impl Strategy<Value = Content> {
    prop_oneof![small(), picture(), recordings()].prop_recursive(3, 8, 3, |inner| {
        let message = inner.prop_flat_map(embedded).boxed();
        let users = vec(words::<2>().prop_map(|[user_id, name]| AtUser { user_id, name }), 0..3);
        prop_oneof![
            (word(), message.clone()).prop_map(|(text, quoted)| Content::Quote(Quote::new(text, quoted))),
            (word(), users, proptest::option::of(message.clone()))
                .prop_map(|(text, users, quoted)| Content::At(AtText::new(text, users, quoted))),
            (word(), vec(word(), 0..3), vec(message, 0..3)).prop_map(|(title, lines, messages)| {
                Content::Merger(Merger { title, lines, messages, entities: Vec::new() })
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_sent_reads_back_as_the_same_value(content in content()) {
        let bytes = encode(&content);
        prop_assert_eq!(decode(content.content_type().unwrap(), &bytes), content);
    }

    #[test]
    fn unknown_members_change_nothing(content in content(), extra in word()) {
        let mut value: serde_json::Value = serde_json::from_slice(&encode(&content)).unwrap();
        value.as_object_mut().unwrap().insert("newerServer".into(), serde_json::json!({ "x": [extra] }));
        prop_assert_eq!(decode(content.content_type().unwrap(), value.to_string().as_bytes()), content);
    }

    #[test]
    fn damaged_content_is_still_delivered(content in content(), at in any::<prop::sample::Index>(), byte in any::<u8>(), kind in 100..122) {
        let mut bytes = encode(&content);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let read = decode(kind, &bytes);
        prop_assert!(readable(&read).len() <= READABLE_MAX + 3);
        media(&read);
        // What was read can be read again: nothing of it depends on the damage.
        if let Some(kind) = read.content_type() {
            prop_assert_eq!(decode(kind, &encode(&read)).content_type(), Some(kind));
        }
    }

    #[test]
    fn any_detail_is_read_or_kept(kind in 1000..2300, detail in word()) {
        let text = serde_json::json!({ "detail": detail }).to_string();
        let kept = matches!(notice::parse(kind, text.as_bytes()), notice::Notice::Unreadable { raw, .. } if raw == detail);
        prop_assert_eq!(kept, !serde_json::from_str::<serde_json::Value>(&detail).is_ok_and(|value| value.is_object()));
    }
}

#[test]
fn a_place_keeps_every_bit_of_its_coordinates() {
    let content = br#"{"description":"x","longitude":113.93000000000000682121026329696178436279296875,"latitude":0.1000000000000000055511151231257827021181583404541015625e-7}"#;
    let read = decode(109, content);
    assert_eq!(decode(109, &encode(&read)), read);
}
