//! What a message holds, whatever its kind. Decoding never fails: what does not parse keeps its raw text.

use std::cell::Cell;

use base::TypeScript;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::at::AtText;
use super::embedded::element_names;
use super::merger::Merger;
use super::quote::Quote;
use crate::limits::{CONTENT_IN_MAX, EMBEDDED_DEPTH_MAX, EMBEDDED_MAX, SHOWN_DEPTH_MAX, SHOWN_MAX};
use crate::message::elements::{AdvancedText, Card, Custom, Face, FileElem, Location, Picture, Sound, Typing, Video};
use crate::message::kinds;
use crate::message::lenient::{Lenient, Room};

/// The content of one message.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    Text(String),
    Picture(Box<Picture>),
    Sound(Box<Sound>),
    Video(Box<Video>),
    File(Box<FileElem>),
    At(AtText),
    Merger(Merger),
    Card(Card),
    Location(Location),
    /// 110, 119 or 120.
    Custom(Custom),
    Typing(Typing),
    Quote(Quote),
    Face(Face),
    AdvancedText(AdvancedText),
    Markdown(String),
    /// 1000 to 5000: `notice::parse` reads the detail.
    Notification {
        content_type: i32,
        detail: String,
    },
    /// A kind without a reader, or bytes that are not what the kind promises: the text as it came.
    Raw(String),
}

/// The content of a text or markdown message.
#[derive(Serialize, TypeScript)]
pub struct TextElem<'a> {
    content: &'a str,
}

/// The content of a notification.
#[derive(Serialize, TypeScript)]
pub struct NotificationElem<'a> {
    /// JSON text.
    detail: &'a str,
}

/// Reads the content of a message.
pub fn decode(content_type: i32, bytes: &[u8]) -> Content {
    let left = Cell::new(EMBEDDED_MAX);
    decode_within(content_type, bytes, Room::new(EMBEDDED_DEPTH_MAX, &left))
}

/// Reads the content of a message to be shown: of the messages inside it no more than a reader wants, for a few bytes
/// of each become a whole message in the reader's memory.
pub fn decode_shown(content_type: i32, bytes: &[u8]) -> Content {
    let left = Cell::new(SHOWN_MAX);
    decode_within(content_type, bytes, Room::new(SHOWN_DEPTH_MAX, &left))
}

pub(crate) fn decode_within(content_type: i32, bytes: &[u8], room: Room<'_>) -> Content {
    let raw = || Content::Raw(String::from_utf8_lossy(bytes).into_owned());
    if bytes.is_empty() || bytes.len() > CONTENT_IN_MAX || !has_reader(content_type) {
        return raw();
    }
    serde_json::from_slice(bytes).ok().and_then(|value| read(content_type, &value, room)).unwrap_or_else(raw)
}

/// The content in the element of its kind among the members of a message object; none where it has none.
pub fn of_element(content_type: i32, message: &Map<String, Value>) -> Option<Content> {
    let left = Cell::new(EMBEDDED_MAX);
    let room = Room::new(EMBEDDED_DEPTH_MAX, &left);
    element_names(content_type)
        .iter()
        .filter_map(|name| message.get(*name))
        .find_map(|value| read(content_type, value, room))
}

/// An element read from JSON as leniently as a received one.
pub trait Element: Sized {
    fn of(value: &Value) -> Option<Self>;
}

impl<T: Lenient> Element for T {
    fn of(value: &Value) -> Option<Self> {
        T::read(value, Room::NONE)
    }
}

/// The bytes for `MsgData.content`.
pub fn encode(content: &Content) -> Vec<u8> {
    match content {
        Content::Raw(text) => text.clone().into_bytes(),
        other => write(other).to_string().into_bytes(),
    }
}

impl Content {
    /// The kind a bot sends it as; none for what a bot does not make.
    pub const fn content_type(&self) -> Option<i32> {
        Some(match self {
            Self::Text(_) => kinds::TEXT,
            Self::Picture(_) => kinds::PICTURE,
            Self::Sound(_) => kinds::SOUND,
            Self::Video(_) => kinds::VIDEO,
            Self::File(_) => kinds::FILE,
            Self::At(_) => kinds::AT_TEXT,
            Self::Merger(_) => kinds::MERGER,
            Self::Card(_) => kinds::CARD,
            Self::Location(_) => kinds::LOCATION,
            Self::Custom(_) => kinds::CUSTOM,
            Self::Typing(_) => kinds::TYPING,
            Self::Quote(_) => kinds::QUOTE,
            Self::Face(_) => kinds::FACE,
            Self::AdvancedText(_) => kinds::ADVANCED_TEXT,
            Self::Markdown(_) => kinds::MARKDOWN_TEXT,
            Self::Notification { .. } | Self::Raw(_) => return None,
        })
    }
}

const fn has_reader(content_type: i32) -> bool {
    kinds::is_user_content(content_type) || kinds::is_notification(content_type) || content_type == kinds::TYPING
}

/// None: this is not what the kind promises.
pub(crate) fn read(content_type: i32, value: &Value, room: Room<'_>) -> Option<Content> {
    Some(match content_type {
        kinds::TEXT => Content::Text(plain(value)?),
        kinds::MARKDOWN_TEXT => Content::Markdown(plain(value)?),
        kinds::PICTURE => Content::Picture(Lenient::read(value, room)?),
        kinds::SOUND => Content::Sound(Lenient::read(value, room)?),
        kinds::VIDEO => Content::Video(Lenient::read(value, room)?),
        kinds::FILE => Content::File(Lenient::read(value, room)?),
        kinds::AT_TEXT => Content::At(Lenient::read(value, room)?),
        kinds::MERGER => Content::Merger(Lenient::read(value, room)?),
        kinds::CARD => Content::Card(Lenient::read(value, room)?),
        kinds::LOCATION => Content::Location(Lenient::read(value, room)?),
        kinds::CUSTOM | kinds::CUSTOM_NOT_TRIGGER_CONVERSATION | kinds::CUSTOM_ONLINE_ONLY => {
            Content::Custom(Lenient::read(value, room)?)
        }
        kinds::TYPING => Content::Typing(Lenient::read(value, room)?),
        kinds::QUOTE => Content::Quote(Lenient::read(value, room)?),
        kinds::FACE => Content::Face(Lenient::read(value, room)?),
        kinds::ADVANCED_TEXT => Content::AdvancedText(Lenient::read(value, room)?),
        _ if kinds::is_notification(content_type) => Content::Notification { content_type, detail: detail(value)? },
        _ => return None,
    })
}

pub(crate) fn write(content: &Content) -> Value {
    let object = match content {
        Content::Text(content) | Content::Markdown(content) => serde_json::to_value(TextElem { content }).ok(),
        Content::Picture(elem) => elem.write(),
        Content::Sound(elem) => elem.write(),
        Content::Video(elem) => elem.write(),
        Content::File(elem) => elem.write(),
        Content::At(elem) => elem.write(),
        Content::Merger(elem) => elem.write(),
        Content::Card(elem) => elem.write(),
        Content::Location(elem) => elem.write(),
        Content::Custom(elem) => elem.write(),
        Content::Typing(elem) => elem.write(),
        Content::Quote(elem) => elem.write(),
        Content::Face(elem) => elem.write(),
        Content::AdvancedText(elem) => elem.write(),
        Content::Notification { detail, .. } => serde_json::to_value(NotificationElem { detail }).ok(),
        Content::Raw(text) => Some(json!(text)),
    };
    object.unwrap_or_default()
}

fn plain(value: &Value) -> Option<String> {
    value.get("content")?.as_str().map(str::to_owned)
}

/// The detail is JSON in a string; where somebody put the object itself, that.
fn detail(value: &Value) -> Option<String> {
    match value.as_object()?.get("detail") {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Object(object)) => Some(Value::Object(object.clone()).to_string()),
        Some(_) => None,
        None => Some(value.to_string()),
    }
}
