//! A message of one's own as JavaScript sees it: every member of `Message` in its place.

use serde_json::{Value, json};

use crate::pack::session_type;

/// Where a message stands on its way.
pub(crate) const SENDING: i32 = 1;
pub(crate) const SENT: i32 = 2;
/// `msgFrom`: a person or a bot.
const FROM_USER: i32 = 100;

/// What is told of a message of one's own; the rest of its members follows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Own<'a> {
    pub(crate) id: &'a str,
    pub(crate) server_id: &'a str,
    pub(crate) conversation: &'a str,
    pub(crate) self_id: &'a str,
    pub(crate) target: Option<&'a channel::Target>,
    pub(crate) kind: i32,
    pub(crate) content: &'a str,
    pub(crate) text: &'a str,
    /// As in a received message: JSON, empty for text.
    pub(crate) parts: &'a str,
    pub(crate) mentions: &'a [String],
    pub(crate) extra: &'a str,
    pub(crate) sent_at: i64,
    pub(crate) created_at: i64,
    pub(crate) status: i32,
}

pub(crate) fn object(own: &Own<'_>) -> Value {
    let (recv_id, group_id, session) = match own.target {
        Some(channel::Target::User(id)) => (id.as_str(), "", session_type(channel::Chat::Direct)),
        Some(channel::Target::Group(id)) => ("", id.as_str(), session_type(channel::Chat::Group)),
        None => ("", "", 0),
    };
    let mut message = json!({
        "clientMsgID": own.id,
        "serverMsgID": own.server_id,
        "conversationID": own.conversation,
        "sendID": own.self_id,
        "recvID": recv_id,
        "groupID": group_id,
        "senderNickname": "",
        "senderFaceUrl": "",
        "senderPlatformID": 0,
        "sessionType": session,
        "msgFrom": FROM_USER,
        "contentType": own.kind,
        "content": own.content,
        "seq": 0,
        "sendTime": own.sent_at,
        "createTime": own.created_at,
        "status": own.status,
        "isRead": false,
        "attachedInfo": "",
        "ex": own.extra,
        "atUserIDList": own.mentions,
        "text": own.text,
        "media": [],
        "quote": null,
        "forwarded": null,
        "isAtSelf": false,
        "delivery": 0,
        "redelivered": false,
        "offline": false,
    });
    for name in ELEMENTS {
        message[*name] = Value::Null;
    }
    if let Ok(Value::Object(parts)) = serde_json::from_str(own.parts) {
        for (name, part) in parts {
            message[name] = part;
        }
    } else if own.kind == TEXT {
        message["textElem"] = json!({ "content": own.text });
    }
    message
}

/// `contentType` of a text.
const TEXT: i32 = 101;

const ELEMENTS: &[&str] = &[
    "textElem",
    "pictureElem",
    "soundElem",
    "videoElem",
    "fileElem",
    "atTextElem",
    "mergeElem",
    "cardElem",
    "locationElem",
    "customElem",
    "quoteElem",
    "faceElem",
    "advancedTextElem",
    "markdownTextElem",
    "notificationElem",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_ones_own_has_every_member_that_a_received_one_has() {
        let script = include_str!("js/unpack.js");
        let literal =
            script.split("const message = {").nth(1).and_then(|rest| rest.split("\n      };").next()).unwrap();
        let received: std::collections::BTreeSet<_> = literal
            .lines()
            .filter_map(|line| line.trim().split([':', ',']).next())
            .filter(|name| !name.is_empty())
            .collect();
        let own = object(&Own { kind: TEXT, ..Own::default() });
        let own: std::collections::BTreeSet<_> = own.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(own, received);
    }
}
