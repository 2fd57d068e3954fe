//! From a pushed `MsgData` to the channel's message, or to nothing: echoes, notifications, placeholders and typing are
//! never input.

use std::sync::Arc;

use channel::message::Sender;
use channel::{Chat, Inbound, Position};
use openim_core::conversation;
use openim_core::message::{Content, at, decode_shown, kinds, parts, readable};
use openim_core::wire::pb::MsgData;

/// Why a pushed message is not input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotInput {
    /// The bot's own words, from here or from another device.
    Own,
    /// A placeholder for a lost or deleted message.
    Placeholder,
    /// A notification, or its copy inside a chat.
    Notification,
    /// Somebody types.
    Typing,
    /// Nobody said who wrote it.
    Nameless,
}

/// Reads one message of a push. `conversation` is the map key, the only trustworthy name of the conversation.
pub(crate) fn read(conversation: &Arc<str>, message: MsgData, self_id: &str) -> Result<Inbound, NotInput> {
    check(conversation, &message, self_id)?;
    Ok(shape(conversation, message, self_id))
}

/// A message as the channel has it, whoever wrote it.
pub(crate) fn shape(conversation: &Arc<str>, message: MsgData, self_id: &str) -> Inbound {
    let read = decode_shown(message.content_type, &message.content);
    let text = words_of(message.content_type, &read);
    let parts = parts(message.content_type, &read).unwrap_or_default();
    let content = String::from_utf8(message.content)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Inbound {
        position: if message.seq > 0 { Position::Seq { seq: message.seq } } else { Position::None },
        conversation: conversation.clone(),
        id: message.client_msg_id,
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

fn check(conversation: &str, message: &MsgData, self_id: &str) -> Result<(), NotInput> {
    if conversation::is_notification(conversation) || kinds::is_notification(message.content_type) {
        return Err(NotInput::Notification);
    }
    if message.status == kinds::STATUS_DELETED || message.client_msg_id.is_empty() {
        return Err(NotInput::Placeholder);
    }
    if message.content_type == kinds::TYPING {
        return Err(NotInput::Typing);
    }
    if message.send_id.is_empty() {
        return Err(NotInput::Nameless);
    }
    if message.send_id == self_id {
        return Err(NotInput::Own);
    }
    Ok(())
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

    fn read_it(message: MsgData) -> Result<Inbound, NotInput> {
        read(&"si_alice_bot_7".into(), message, "bot_7")
    }

    #[test]
    fn a_text_is_input_with_its_position() {
        let message = read_it(pushed()).unwrap();
        assert_eq!(
            (message.text.as_str(), message.position, message.chat),
            ("hi", Position::Seq { seq: 4 }, Chat::Direct)
        );
        assert_eq!(message.content, r#"{"content":"hi"}"#);
    }

    #[test]
    fn what_nobody_else_said_is_not_input() {
        let cases = [
            (MsgData { send_id: "bot_7".into(), ..pushed() }, NotInput::Own),
            (MsgData { status: 4, ..pushed() }, NotInput::Placeholder),
            (MsgData { client_msg_id: String::new(), ..pushed() }, NotInput::Placeholder),
            (MsgData { content_type: 113, ..pushed() }, NotInput::Typing),
            (MsgData { content_type: 1509, ..pushed() }, NotInput::Notification),
            (MsgData { send_id: String::new(), ..pushed() }, NotInput::Nameless),
        ];
        for (message, why) in cases {
            assert_eq!(read_it(message).unwrap_err(), why);
        }
        assert_eq!(read(&"n_alice_bot_7".into(), pushed(), "bot_7").unwrap_err(), NotInput::Notification);
    }

    #[test]
    fn broken_content_is_delivered_raw() {
        let message = read_it(MsgData { content: b"\xffnot json".to_vec(), ..pushed() }).unwrap();
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
            (199, r#"{"content":"x"}"#, ""),
        ];
        for (content_type, content, words) in cases {
            let message = read_it(MsgData { content_type, content: content.into(), ..pushed() }).unwrap();
            assert_eq!((message.text.as_str(), message.content.as_str()), (words, content));
        }
    }

    #[test]
    fn a_mention_is_read_from_the_list_the_server_uses() {
        let message = MsgData { at_user_id_list: vec!["bot_7".into()], ..pushed() };
        assert!(read_it(message).unwrap().mentions_self);
        assert!(!read_it(MsgData { content: text::encode("@bot_7"), ..pushed() }).unwrap().mentions_self);
    }
}
