//! A message inside a message: what is quoted or forwarded. Everything in it was written by the sender.

use std::cell::Cell;

use base::TypeScript;
use serde_json::{Map, Value};

use super::content::{self, Content};
use super::quote::Quote;
use crate::limits::{EMBEDDED_DEPTH_MAX, EMBEDDED_MAX};
use crate::message::attached::{self, AttachedInfo};
use crate::message::kinds;
use crate::message::lenient::{Lenient, Room, pick, put};
use crate::wire::pb::MsgData;

/// A quoted or forwarded message as its sender tells it; nothing in it is verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedded {
    pub client_msg_id: String,
    pub server_msg_id: String,
    pub create_time: i64,
    pub send_time: i64,
    pub session_type: i32,
    pub send_id: String,
    pub recv_id: String,
    pub group_id: String,
    pub msg_from: i32,
    pub content_type: i32,
    pub sender_platform_id: i32,
    pub sender_nickname: String,
    pub sender_face_url: String,
    pub seq: i64,
    pub is_read: bool,
    pub status: i32,
    pub ex: String,
    pub attached: AttachedInfo,
    pub content: Content,
    /// The quote that this text was before it was quoted itself.
    pub quote: Option<Box<Quote>>,
}

impl Default for Embedded {
    fn default() -> Self {
        Self::of(MsgData::default())
    }
}

impl Embedded {
    /// A received message, to be quoted or forwarded.
    pub fn of(message: MsgData) -> Self {
        Self {
            content: content::decode(message.content_type, &message.content),
            client_msg_id: message.client_msg_id,
            server_msg_id: message.server_msg_id,
            create_time: message.create_time,
            send_time: message.send_time,
            session_type: message.session_type,
            send_id: message.send_id,
            recv_id: message.recv_id,
            group_id: message.group_id,
            msg_from: message.msg_from,
            content_type: message.content_type,
            sender_platform_id: message.sender_platform_id,
            sender_nickname: message.sender_nickname,
            sender_face_url: message.sender_face_url,
            seq: message.seq,
            is_read: message.is_read,
            status: message.status,
            ex: message.ex,
            attached: attached::parse(&message.attached_info),
            quote: None,
        }
    }

    /// As a JSON object, in the form in which messages stand inside messages.
    pub fn to_json(&self) -> Value {
        self.write().unwrap_or_default()
    }

    /// Reads a message object, as the JS client has it, to be quoted or forwarded.
    pub fn from_json(message: &Value) -> Option<Self> {
        let left = Cell::new(EMBEDDED_MAX);
        Self::read(message, Room::new(EMBEDDED_DEPTH_MAX, &left))
    }

    pub fn is_revoked(&self) -> bool {
        self.content_type == kinds::REVOKED
    }

    /// A quote that is quoted itself becomes its text; its element stays beside it.
    #[must_use]
    pub fn flattened(mut self) -> Self {
        if let Content::Quote(quote) = self.content {
            self.content_type = kinds::TEXT;
            self.content = Content::Text(quote.text.clone());
            self.quote = Some(Box::new(quote));
        }
        self
    }
}

impl TypeScript for Embedded {
    fn expression() -> String {
        "Partial<Message>".to_owned()
    }
}

impl Lenient for Embedded {
    fn read(value: &Value, room: Room<'_>) -> Option<Self> {
        let room = room.enter()?;
        let object = value.as_object()?;
        let content_type = pick(object, &["contentType"], room);
        Some(Self {
            client_msg_id: pick(object, &["clientMsgID"], room),
            server_msg_id: pick(object, &["serverMsgID"], room),
            create_time: pick(object, &["createTime"], room),
            send_time: pick(object, &["sendTime"], room),
            session_type: pick(object, &["sessionType"], room),
            send_id: pick(object, &["sendID"], room),
            recv_id: pick(object, &["recvID"], room),
            group_id: pick(object, &["groupID"], room),
            msg_from: pick(object, &["msgFrom"], room),
            content_type,
            sender_platform_id: pick(object, &["senderPlatformID"], room),
            sender_nickname: pick(object, &["senderNickname"], room),
            sender_face_url: pick(object, &["senderFaceUrl", "senderFaceURL"], room),
            seq: pick(object, &["seq"], room),
            is_read: pick(object, &["isRead"], room),
            status: pick(object, &["status"], room),
            ex: pick(object, &["ex"], room),
            attached: read_attached(object, room),
            content: read_content(object, content_type, room),
            quote: if content_type == kinds::TEXT { pick(object, &["quoteElem"], room) } else { None },
        })
    }

    fn write(&self) -> Option<Value> {
        let mut object = Map::new();
        put(&mut object, "clientMsgID", &self.client_msg_id);
        put(&mut object, "serverMsgID", &self.server_msg_id);
        put(&mut object, "createTime", &self.create_time);
        put(&mut object, "sendTime", &self.send_time);
        put(&mut object, "sessionType", &self.session_type);
        put(&mut object, "sendID", &self.send_id);
        put(&mut object, "recvID", &self.recv_id);
        put(&mut object, "groupID", &self.group_id);
        put(&mut object, "msgFrom", &self.msg_from);
        put(&mut object, "contentType", &self.content_type);
        put(&mut object, "senderPlatformID", &self.sender_platform_id);
        put(&mut object, "senderNickname", &self.sender_nickname);
        put(&mut object, "senderFaceUrl", &self.sender_face_url);
        put(&mut object, "seq", &self.seq);
        put(&mut object, "isRead", &self.is_read);
        put(&mut object, "status", &self.status);
        put(&mut object, "ex", &self.ex);
        put(&mut object, "attachedInfo", &String::new());
        put(&mut object, "attachedInfoElem", &self.attached);
        put(&mut object, "quoteElem", &self.quote);
        match (&self.content, element_names(self.content_type).first()) {
            (Content::Raw(text), _) => put(&mut object, "content", text),
            (content, Some(name)) => {
                put(&mut object, "content", &String::new());
                object.insert((*name).to_owned(), content::write(content));
            }
            (content, None) => put(&mut object, "content", &content::write(content).to_string()),
        }
        Some(object.into())
    }
}

fn read_attached(object: &Map<String, Value>, room: Room<'_>) -> AttachedInfo {
    match object.get("attachedInfoElem").and_then(|value| AttachedInfo::read(value, room)) {
        Some(attached) => attached,
        None => attached::parse(&pick::<String>(object, &["attachedInfo"], room)),
    }
}

/// The element of the kind; without one, what `content` says.
fn read_content(object: &Map<String, Value>, content_type: i32, room: Room<'_>) -> Content {
    let element = element_names(content_type)
        .iter()
        .filter_map(|name| object.get(*name))
        .find_map(|value| content::read(content_type, value, room));
    element.unwrap_or_else(|| {
        let text: String = pick(object, &["content"], room);
        content::decode_within(content_type, text.as_bytes(), room)
    })
}

/// Where the element of a kind stands: the name we write, then names others write.
pub(crate) const fn element_names(content_type: i32) -> &'static [&'static str] {
    match content_type {
        kinds::TEXT => &["textElem"],
        kinds::PICTURE => &["pictureElem"],
        kinds::SOUND => &["soundElem"],
        kinds::VIDEO => &["videoElem"],
        kinds::FILE => &["fileElem"],
        kinds::AT_TEXT => &["atTextElem"],
        kinds::MERGER => &["mergeElem"],
        kinds::CARD => &["cardElem"],
        kinds::LOCATION => &["locationElem"],
        kinds::CUSTOM | kinds::CUSTOM_NOT_TRIGGER_CONVERSATION | kinds::CUSTOM_ONLINE_ONLY => &["customElem"],
        kinds::TYPING => &["typingElem"],
        kinds::QUOTE => &["quoteElem"],
        kinds::FACE => &["faceElem"],
        kinds::ADVANCED_TEXT => &["advancedTextElem", "notificationElem"],
        kinds::MARKDOWN_TEXT => &["markdownTextElem", "notificationElem", "textElem"],
        _ if kinds::is_notification(content_type) => &["notificationElem"],
        _ => &[],
    }
}
