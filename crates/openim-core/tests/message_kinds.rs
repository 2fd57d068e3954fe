//! Every kind as the protocol writes it: read into a value, written back, and said in words.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use openim_core::message::attached::{self, AttachedInfo};
use openim_core::message::elements::Typing;
use openim_core::message::nested::at::{self, AtText, AtUser};
use openim_core::message::nested::quote::Quote;
use openim_core::message::{Content, Embedded, MediaKind, decode, encode, media, parts, readable};
use openim_core::wire::pb::MsgData;
use serde_json::{Value, json};

/// The JSON of each kind and what a person reads.
fn golden() -> Vec<(i32, Value, &'static str)> {
    let file = |url: &str| json!({"uuid":"u","type":"image/png","size":5,"width":2,"height":2,"url":url});
    let entity = json!({"type":"url","offset":0,"length":2,"url":"https://a.example","ex":""});
    vec![
        (101, json!({"content":"hi"}), "hi"),
        (
            102,
            json!({"sourcePath":"","sourcePicture":file("https://o.example/photo.png"),"bigPicture":file("https://o.example/photo.png"),"snapshotPicture":file("https://o.example/photo.png?type=image")}),
            "[picture photo.png]",
        ),
        (
            103,
            json!({"uuid":"u","soundPath":"","sourceUrl":"https://o.example/a.mp3","dataSize":9,"duration":2,"soundType":"mp3"}),
            "[voice 2 s]",
        ),
        (
            104,
            json!({"videoPath":"","videoUUID":"v","videoUrl":"https://o.example/a.mp4","videoType":"video/mp4","videoSize":4,"duration":3,"snapshotPath":"","snapshotUUID":"s","snapshotSize":4,"snapshotUrl":"https://o.example/s.jpg","snapshotWidth":10,"snapshotHeight":10,"snapshotType":"jpg"}),
            "[video 3 s]",
        ),
        (
            105,
            json!({"filePath":"","uuid":"f","sourceUrl":"https://o.example/x","fileName":"a.pdf","fileSize":123,"fileType":"application/pdf"}),
            "[file a.pdf]",
        ),
        (
            106,
            json!({"text":"@Alice ping","atUserList":["alice"],"atUsersInfo":[{"atUserID":"alice","groupNickname":"Alice"}],"isAtSelf":false}),
            "@Alice ping",
        ),
        (
            107,
            json!({"title":"t","abstractList":["a: b","c: d"],"multiMessage":[],"messageEntityList":[]}),
            "[forwarded messages: t]",
        ),
        (108, json!({"userID":"alice","nickname":"Alice","faceURL":"f","ex":""}), "[card: Alice (alice)]"),
        (109, json!({"description":"Town hall","longitude":1.5,"latitude":2.5}), "[location: Town hall (2.5, 1.5)]"),
        (110, json!({"data":"{}","extension":"","description":"a poll"}), "[custom: a poll]"),
        (113, json!({"msgTips":"yes"}), ""),
        (115, json!({"index":1,"data":""}), "[sticker 1]"),
        (117, json!({"text":"hi","messageEntityList":[entity]}), "hi"),
        (118, json!({"content":"# md"}), "# md"),
        (119, json!({"data":"x","extension":"","description":""}), "[custom: x]"),
        (120, json!({"data":"x","extension":"","description":""}), "[custom: x]"),
    ]
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn from_alice(content_type: i32, content: &Value) -> MsgData {
    MsgData {
        client_msg_id: "m1".into(),
        send_id: "alice".into(),
        sender_nickname: "Alice".into(),
        content_type,
        content: bytes(content),
        seq: 7,
        ..MsgData::default()
    }
}

fn as_parts(content_type: i32, content: &Content) -> Value {
    serde_json::from_str(&parts(content_type, content).unwrap()).unwrap()
}

fn as_json(content: &Content) -> Value {
    serde_json::from_slice(&encode(content)).unwrap()
}

#[test]
fn every_kind_is_read_and_written_back_as_it_stands_in_the_protocol() {
    for (content_type, value, words) in golden() {
        let content = decode(content_type, &bytes(&value));
        assert!(!matches!(content, Content::Raw(_)), "{content_type} was not read");
        assert_eq!(as_json(&content), value, "{content_type}");
        assert_eq!(readable(&content), words, "{content_type}");
    }
}

#[test]
fn case_45_other_kinds_are_parsed_and_unknown_ones_stay_raw() {
    for (content_type, value, _) in
        golden().into_iter().filter(|(kind, ..)| matches!(kind, 107..=110 | 115 | 117 | 118))
    {
        let content = decode(content_type, &bytes(&value));
        let expected = if content_type == 119 { 110 } else { content_type };
        assert_eq!(content.content_type(), Some(expected));
    }
    assert_eq!(decode(199, br#"{"any":"thing"}"#), Content::Raw(r#"{"any":"thing"}"#.into()));
    assert_eq!(decode(-1, b"x"), Content::Raw("x".into()));
}

#[test]
fn case_42_an_at_message_names_its_users_and_everybody_by_the_tag() {
    let users = ["alice", "AtAllTag"].map(|id| AtUser { user_id: id.into(), name: "N".into() }).to_vec();
    let sent = AtText::new("@Alice @all ping".into(), users, None);
    let value = as_json(&Content::At(sent.clone()));
    assert_eq!(value["atUserList"], json!(["alice", "AtAllTag"]));
    assert_eq!(value.get("quoteMessage"), None);
    let Content::At(received) = decode(106, &bytes(&value)) else { panic!("it is not an at message") };
    assert_eq!(received, sent);
    assert!(at::mentions(&received.at_user_list, "alice") && at::mentions(&received.at_user_list, "bot_7"));
    assert!(!at::mentions(&["alice".to_owned()], "bot_7"));
}

#[test]
fn case_43_quoting_a_quote_quotes_its_text() {
    let first = Embedded::of(from_alice(101, &json!({"content":"question"})));
    let answer = encode(&Content::Quote(Quote::new("answer".into(), first)));
    let second = Embedded::of(from_alice(114, &serde_json::from_slice(&answer).unwrap()));
    for (outer, content_type) in [
        (Content::Quote(Quote::new("really?".into(), second.clone())), 114),
        (Content::At(AtText::new("really?".into(), Vec::new(), Some(second))), 106),
    ] {
        let value = as_json(&outer);
        let inner = &value["quoteMessage"];
        assert_eq!((&inner["contentType"], &inner["textElem"]["content"]), (&json!(101), &json!("answer")));
        assert_eq!(inner["quoteElem"]["quoteMessage"]["textElem"]["content"], "question");
        assert_eq!((&inner["content"], &inner["senderFaceUrl"]), (&json!(""), &json!("")));
        assert_eq!(decode(content_type, &bytes(&value)), outer);
        assert_eq!(readable(&outer), "really?", "what is quoted is not said");
        assert_eq!(as_parts(content_type, &outer)["quote"]["text"], "answer");
    }
}

#[test]
fn case_43_a_quote_of_what_is_gone_is_still_an_answer() {
    for quote in
        [json!({"text":"yes"}), json!({"text":"yes","quoteMessage":null}), json!({"text":"yes","quoteMessage":"?"})]
    {
        assert_eq!(readable(&decode(114, &bytes(&quote))), "yes");
    }
    let revoked = json!({"text":"yes","quoteMessage":{"contentType":2101,"senderFaceURL":"f","senderNickname":"Alice",
        "offlinePushInfo":null,"atUserIDList":null,"content":"{\"revokerID\":\"alice\"}"}});
    let content = decode(114, &bytes(&revoked));
    assert_eq!(readable(&content), "yes");
    assert_eq!(
        as_parts(114, &content)["quote"],
        json!({"clientMsgID":"","sendID":"","senderNickname":"Alice",
        "contentType":2101,"text":"[revoked message]","media":[]})
    );
    let Content::Quote(quote) = content else { panic!("it is not a quote") };
    assert_eq!(quote.quoted.unwrap().sender_face_url, "f");
}

#[test]
fn both_spellings_of_the_senders_face_are_read() {
    for name in ["senderFaceUrl", "senderFaceURL"] {
        let quote = json!({"text":"","quoteMessage":{"contentType":101,"textElem":{"content":"q"},name:"f"}});
        let Content::Quote(quote) = decode(114, &bytes(&quote)) else { panic!("it is not a quote") };
        let quoted = quote.quoted.unwrap();
        assert_eq!((quoted.sender_face_url.as_str(), quoted.content), ("f", Content::Text("q".into())));
    }
}

#[test]
fn an_embedded_message_is_read_from_its_element_or_from_its_raw_content() {
    for message in [
        json!({"contentType":118,"notificationElem":{"content":"# a"}}),
        json!({"contentType":118,"content":"{\"content\":\"# a\"}"}),
        json!({"contentType":"118","textElem":{"content":"# a"}}),
    ] {
        let Content::Merger(merger) = decode(107, &bytes(&json!({"multiMessage":[message, null]}))) else { panic!() };
        assert_eq!(merger.messages.len(), 1);
        assert_eq!(merger.messages[0].content, Content::Markdown("# a".into()));
    }
}

#[test]
fn every_kind_survives_being_quoted_and_forwarded() {
    for (content_type, value, _) in golden() {
        let inner = Embedded::of(from_alice(content_type, &value));
        let outer = Content::Quote(Quote::new("look".into(), inner));
        assert_eq!(decode(114, &encode(&outer)), outer, "{content_type}");
    }
}

#[test]
fn a_forward_is_its_title_and_what_was_said_beside_it() {
    let text = Embedded::of(from_alice(101, &json!({"content":"two\nlines"})));
    let file = Embedded::of(from_alice(105, &json!({"fileName":"a.pdf","sourceUrl":"https://o.example/a"})));
    let merger = json!({"title":"Chat\nof Alice","abstractList":["Alice: two"]});
    let Content::Merger(mut merger) = decode(107, &bytes(&merger)) else { panic!("it is not a forward") };
    merger.messages = vec![text, file];
    let content = Content::Merger(merger);
    assert_eq!(readable(&content), "[forwarded messages: Chat of Alice]");
    assert_eq!(media(&content), [], "what is forwarded is not the sender's own");
    let forwarded = &as_parts(107, &content)["forwarded"];
    assert_eq!(forwarded["title"], "Chat of Alice");
    assert_eq!(forwarded["summary"], json!(["Alice: two"]));
    let facts = |n: usize| {
        let message = &forwarded["messages"][n];
        (message["sendID"].clone(), message["text"].clone(), message["media"][0]["name"].clone())
    };
    assert_eq!(facts(0), (json!("alice"), json!("two\nlines"), Value::Null));
    assert_eq!(facts(1), (json!("alice"), json!("[file a.pdf]"), json!("a.pdf")));
}

#[test]
fn every_kind_but_text_has_its_element_under_the_protocols_name() {
    assert_eq!(parts(101, &decode(101, br#"{"content":"hi"}"#)), None);
    assert_eq!(parts(105, &decode(105, b"not json")), None, "what cannot be read is raw content only");
    for (content_type, value, _) in golden().into_iter().filter(|(kind, ..)| *kind != 101) {
        let parts = as_parts(content_type, &decode(content_type, &bytes(&value)));
        let (name, element) = parts.as_object().unwrap().iter().find(|(name, _)| name.ends_with("Elem")).unwrap();
        assert_eq!(*element, value, "{name}");
        let media = parts.get("media").map(|media| media[0]["kind"].as_str().unwrap().to_owned());
        let expected = [(102, "image"), (103, "audio"), (104, "video"), (105, "file")];
        let expected = expected.iter().find(|(kind, _)| *kind == content_type).map(|(_, word)| (*word).to_owned());
        assert_eq!(media, expected, "{content_type}");
    }
}

#[test]
fn media_is_told_with_its_facts() {
    let facts: Vec<_> = golden()
        .into_iter()
        .filter(|(kind, ..)| (102..=105).contains(kind))
        .flat_map(|(kind, value, _)| media(&decode(kind, &bytes(&value))))
        .map(|one| (one.kind, one.name, one.mime, one.size, one.duration, one.width))
        .collect();
    let fact = |kind, name: &str, mime: &str, size, duration, width| {
        (kind, name.to_owned(), mime.to_owned(), size, duration, width)
    };
    assert_eq!(
        facts,
        [
            fact(MediaKind::Picture, "photo.png", "image/png", 5, 0, 2),
            fact(MediaKind::Voice, "a.mp3", "audio/mpeg", 9, 2, 0),
            fact(MediaKind::Video, "a.mp4", "video/mp4", 4, 3, 10),
            fact(MediaKind::File, "a.pdf", "application/pdf", 123, 0, 0),
        ]
    );
}

#[test]
fn a_name_of_media_is_never_a_path() {
    for (name, kept) in
        [("../../etc/passwd", "passwd"), ("C:\\x\\a.doc", "a.doc"), ("..%2F..%2Fkey", "key"), ("..", "")]
    {
        let value = json!({"fileName":name,"sourceUrl":"https://o.example/"});
        assert_eq!(media(&decode(105, &bytes(&value)))[0].name, kept, "{name}");
    }
    assert_eq!(
        media(&decode(105, &bytes(&json!({"fileName":"a.pdf"})))),
        [],
        "without an address there is nothing to fetch"
    );
}

#[test]
fn attached_info_that_is_empty_or_broken_means_the_defaults() {
    for odd in ["", "x", "[]", "null", "{}", r#"{"groupHasReadInfo":null,"messageEntityList":null,"burnDuration":{}}"#]
    {
        assert_eq!(attached::parse(odd), AttachedInfo::default(), "{odd}");
    }
    let told = attached::parse(
        r#"{"groupHasReadInfo":{"hasReadCount":3,"unreadCount":1},"isPrivateChat":true,"burnDuration":30}"#,
    );
    assert_eq!((told.group_has_read.has_read, told.is_private_chat, told.burn_duration), (3, true, 30));
}

#[test]
fn typing_says_yes_or_no() {
    assert_eq!(encode(&Content::Typing(Typing::new(true))), br#"{"msgTips":"yes"}"#);
    assert_eq!(encode(&Content::Typing(Typing::new(false))), br#"{"msgTips":"no"}"#);
    let Content::Typing(typing) = decode(113, br#"{"msgTips":"no"}"#) else { panic!("it is not typing") };
    assert!(!typing.is_on());
}
