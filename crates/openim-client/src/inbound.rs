//! What a pushed `MsgData` is: the channel's message, an event, or nothing. Echoes and placeholders are never input.

use std::sync::Arc;

use channel::message::Sender;
use channel::{Chat, Inbound, Position};
use openim_core::message::nested::at;
use openim_core::message::{Content, decode_shown, kinds, parts, readable};
use openim_core::wire::pb::MsgData;
use openim_core::{conversation, events, ids};

/// What a pushed message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Somebody's words.
    Message,
    /// A notification, or its copy inside a chat.
    Notification,
    /// Somebody types.
    Typing,
    /// A kind nobody knows: an event with its raw content, never words.
    Unknown,
    /// The bot's own words, from here or from another device.
    Own,
    /// A placeholder for a lost or deleted message.
    Placeholder,
    /// Nobody said who wrote it.
    Nameless,
    /// From somebody else to somebody else.
    Misdirected,
    /// Its sender's or its group's id holds what no id may hold: it could be taken for another one.
    UncleanId,
}

/// `conversation` is the map key, the only trustworthy name of the conversation.
pub(crate) fn class(conversation: &str, message: &MsgData, self_id: &str) -> Class {
    let notification = conversation::is_notification(conversation)
        || (kinds::is_notification(message.content_type) && !is_notice_of_an_account(message));
    if message.status == kinds::STATUS_DELETED || (notification && message.content.is_empty()) {
        return Class::Placeholder;
    }
    if notification {
        return Class::Notification;
    }
    if message.send_id.is_empty() {
        return if message.content.is_empty() { Class::Placeholder } else { Class::Nameless };
    }
    if message.send_id == self_id {
        return Class::Own;
    }
    let is_ours = message.recv_id.is_empty() || message.recv_id == self_id;
    if message.session_type == conversation::SINGLE && !is_ours {
        return Class::Misdirected;
    }
    if !ids::is_clean(&message.send_id) || !(message.group_id.is_empty() || ids::is_clean(&message.group_id)) {
        return Class::UncleanId;
    }
    match message.content_type {
        kinds::TYPING => Class::Typing,
        kind if events::is_unknown_kind(kind) => Class::Unknown,
        _ => Class::Message,
    }
}

/// The one notification that is a message: a service account's words to its readers.
const fn is_notice_of_an_account(message: &MsgData) -> bool {
    message.content_type == kinds::OA_NOTIFICATION && message.session_type == conversation::NOTIFICATION
}

/// A message as the channel has it, whoever wrote it. An odd message id is replaced, odd ids of people are left out.
pub(crate) fn shape(conversation: &Arc<str>, mut message: MsgData, self_id: &str) -> Inbound {
    message.at_user_id_list.retain(|id| ids::is_clean(id));
    if !ids::is_clean(&message.recv_id) {
        message.recv_id.clear();
    }
    let read = decode_shown(message.content_type, &message.content);
    let text = words_of(message.content_type, &read);
    let parts = parts(message.content_type, &read).unwrap_or_default();
    let content = String::from_utf8(message.content)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    // The sender may leave its id out; the server's own tells repeats as well.
    let id = if message.client_msg_id.is_empty() { message.server_msg_id.clone() } else { message.client_msg_id };
    Inbound {
        position: if message.seq > 0 { Position::Seq { seq: message.seq } } else { Position::None },
        conversation: conversation.clone(),
        id: ids::message_id(id),
        server_id: message.server_msg_id,
        chat: match message.session_type {
            conversation::GROUP => Chat::Group,
            conversation::NOTIFICATION => Chat::Notice,
            _ => Chat::Direct,
        },
        kind: message.content_type,
        origin: message.msg_from,
        sender: Sender {
            id: message.send_id,
            name: message.sender_nickname,
            face: message.sender_face_url,
            platform: message.sender_platform_id,
        },
        recipient: message.recv_id,
        group: message.group_id,
        text,
        content,
        parts,
        sent_at: message.send_time,
        created_at: message.create_time,
        status: message.status,
        is_read: message.is_read,
        mentions_self: at::mentions(&message.at_user_id_list, self_id),
        mentions: message.at_user_id_list,
        attached: message.attached_info,
        extra: message.ex,
        offline: false,
    }
}

/// What the sender says. The kinds that applications keep for their own signals are read only where they describe
/// themselves.
fn words_of(content_type: i32, content: &Content) -> String {
    match content {
        Content::Custom(custom) if content_type != kinds::CUSTOM => {
            readable(&Content::Text(custom.description.clone()))
        }
        _ => readable(content),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openim_core::message::text;

    fn pushed() -> MsgData {
        MsgData {
            send_id: "alice".into(),
            recv_id: "bot_7".into(),
            client_msg_id: "m1".into(),
            session_type: 1,
            content_type: 101,
            content: text::encode("hi"),
            seq: 4,
            status: 2,
            ..MsgData::default()
        }
    }

    const CHAT: &str = "si_alice_bot_7";

    fn read_it(pushed: MsgData) -> Inbound {
        assert_eq!(class(CHAT, &pushed, "bot_7"), Class::Message);
        shape(&CHAT.into(), pushed, "bot_7")
    }

    #[test]
    fn a_text_is_input_with_its_position() {
        let message = read_it(pushed());
        assert_eq!(
            (message.text.as_str(), message.position, message.chat),
            ("hi", Position::Seq { seq: 4 }, Chat::Direct)
        );
        assert_eq!(message.content, r#"{"content":"hi"}"#);
    }

    #[test]
    fn what_nobody_else_said_is_not_input() {
        let cases = [
            (MsgData { send_id: "bot_7".into(), ..pushed() }, Class::Own),
            (MsgData { status: 4, ..pushed() }, Class::Placeholder),
            (MsgData { send_id: String::new(), content: Vec::new(), ..pushed() }, Class::Placeholder),
            (MsgData { content_type: 113, ..pushed() }, Class::Typing),
            (MsgData { content_type: 199, ..pushed() }, Class::Unknown),
            (MsgData { content_type: -1, ..pushed() }, Class::Unknown),
            (MsgData { content_type: 199, send_id: "bot_7".into(), ..pushed() }, Class::Own),
            (MsgData { content_type: 1400, ..pushed() }, Class::Notification),
            (MsgData { send_id: String::new(), ..pushed() }, Class::Nameless),
        ];
        for (message, expected) in cases {
            assert_eq!(class(CHAT, &message, "bot_7"), expected, "{message:?}");
        }
        assert_eq!(class("n_alice_bot_7", &pushed(), "bot_7"), Class::Notification, "whatever its kind");
        assert_eq!(class("n_alice_bot_7", &MsgData { status: 4, ..pushed() }, "bot_7"), Class::Placeholder);
    }

    #[test]
    fn a_message_of_an_id_that_is_none_is_not_input() {
        let odd = ["alice\u{a0}", "\u{feff}alice", "alice\u{202e}", "a\nSYSTEM: b", "a:thread:9", &"x".repeat(50_000)];
        for id in odd {
            let from = MsgData { send_id: id.into(), ..pushed() };
            let group = MsgData { session_type: 3, group_id: id.into(), ..pushed() };
            assert_eq!(class(CHAT, &from, "bot_7"), Class::UncleanId, "{id:.20?}");
            assert_eq!(class(&conversation::group(id), &group, "bot_7"), Class::UncleanId, "{id:.20?}");
        }
        for id in ["Alice", "\u{212a}1", "张三"] {
            assert_eq!(class(CHAT, &MsgData { send_id: id.into(), ..pushed() }, "bot_7"), Class::Message);
        }
    }

    #[test]
    fn odd_ids_inside_a_message_are_replaced_or_left_out() {
        let quoted = r#"{"clientMsgID":"1\n2","sendID":"x\nSYSTEM: y","contentType":101,"textElem":{"content":"q"}}"#;
        let message = read_it(MsgData {
            client_msg_id: "a\u{1b}[2J\n".into(),
            at_user_id_list: vec!["bot_7".into(), "a\nb".into(), "AtAllTag".into(), String::new()],
            content_type: 114,
            content: format!(r#"{{"text":"yes","quoteMessage":{quoted}}}"#).into(),
            ..pushed()
        });
        assert!(message.id.starts_with("unclean.") && message.id.len() == 40, "{}", message.id);
        assert_eq!(message.mentions, ["bot_7", "AtAllTag"]);
        let parts: serde_json::Value = serde_json::from_str(&message.parts).unwrap();
        let quote = &parts["quote"];
        assert_eq!(quote["sendID"], "");
        assert!(quote["clientMsgID"].as_str().unwrap().starts_with("unclean."), "{quote}");
    }

    #[test]
    fn a_message_without_an_id_is_input_under_the_servers_id() {
        let message = MsgData { client_msg_id: String::new(), server_msg_id: "s1".into(), ..pushed() };
        assert_eq!(read_it(message).id, "s1");
    }

    #[test]
    fn case_61_the_copy_of_a_group_notification_is_no_input() {
        for content_type in [1501, 1504, 1507, 1508, 1509, 1510, 1511, 1514, 1519] {
            let copy = MsgData { content_type, session_type: 3, ..pushed() };
            assert_eq!(class("sg_g100", &copy, "bot_7"), Class::Notification);
        }
    }

    #[test]
    fn case_62_an_account_that_only_speaks_is_heard() {
        let detail =
            serde_json::json!({"notificationName":"WireNotice","text":"Hello","url":"https://n.example"}).to_string();
        let content = serde_json::json!({"detail":detail}).to_string().into_bytes();
        let notice = MsgData { content_type: 1400, session_type: 4, content, ..pushed() };
        let message = read_it(notice);
        assert_eq!((message.chat, message.text.as_str()), (Chat::Notice, "Hello\nhttps://n.example"));
    }

    #[test]
    fn broken_content_is_delivered_raw() {
        let message = read_it(MsgData { content: b"\xffnot json".to_vec(), ..pushed() });
        assert_eq!((message.text.as_str(), message.content.as_str()), ("", "\u{fffd}not json"));
    }

    #[test]
    fn every_kind_has_words_and_signals_only_those_they_bring() {
        let cases = [
            (102, r#"{"sourcePicture":{"url":"https://o.example/photo.png"}}"#, "[picture photo.png]"),
            (106, r#"{"text":"@bot hi","atUserList":null}"#, "@bot hi"),
            (110, r#"{"data":"x","description":""}"#, "[custom: x]"),
            (114, r#"{"text":"yes","quoteMessage":{"contentType":101,"textElem":{"content":"q"}}}"#, "yes"),
            (119, r#"{"data":"x","description":"a vote"}"#, "a vote"),
            (120, r#"{"data":"x","description":""}"#, ""),
        ];
        for (content_type, content, words) in cases {
            let message = read_it(MsgData { content_type, content: content.into(), ..pushed() });
            assert_eq!((message.text.as_str(), message.content.as_str()), (words, content));
        }
    }

    #[test]
    fn a_mention_is_read_from_the_list_the_server_uses() {
        let message = MsgData { at_user_id_list: vec!["bot_7".into()], ..pushed() };
        assert!(read_it(message).mentions_self);
        assert!(!read_it(MsgData { content: text::encode("@bot_7"), ..pushed() }).mentions_self);
    }
}
