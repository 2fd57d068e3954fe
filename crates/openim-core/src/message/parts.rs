//! The parts of a message besides its words, as JSON: its element under OpenIM's own name, its files, and the messages that
//! it quotes or forwards. Everything in them was written by the sender.

use base::TypeScript;
use serde::Serialize;
use serde_json::{Map, Value};

use super::media::{Media, media};
use super::nested::content::{self, Content};
use super::nested::embedded::{Embedded, element_names};
use super::nested::merger::Merger;
use super::readable::{line, said};
use crate::ids;
use crate::limits::{FORWARDED_MAX, LABEL_MAX, QUOTED_MAX};

/// The quoted message, as the sender of the answer tells it.
#[derive(Serialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(name = "MessageQuote")]
pub struct QuotePart<'a> {
    /// A fingerprint in place of an id that is not a plain one.
    #[serde(rename = "clientMsgID")]
    client_msg_id: String,
    /// Empty in place of an id that no user can have.
    #[serde(rename = "sendID")]
    send_id: &'a str,
    sender_nickname: String,
    /// The kind of the quoted message; 2101 where it was revoked.
    content_type: i32,
    /// At most 2,000 bytes.
    text: String,
    media: Vec<Media>,
}

/// Forwarded messages, at most 50, as the sender tells them.
#[derive(Serialize, TypeScript)]
#[ts(name = "MessageForward")]
pub struct ForwardPart<'a> {
    title: String,
    /// The lines that stand for the messages in a list.
    summary: Vec<String>,
    messages: Vec<ForwardedMessage<'a>>,
}

/// One of several forwarded messages.
#[derive(Serialize, TypeScript)]
#[serde(rename_all = "camelCase")]
pub struct ForwardedMessage<'a> {
    /// Empty in place of an id that no user can have.
    #[serde(rename = "sendID")]
    send_id: &'a str,
    sender_nickname: String,
    content_type: i32,
    /// At most 2,000 bytes.
    text: String,
    media: Vec<Media>,
    /// Unix milliseconds.
    send_time: i64,
}

/// One JSON object, or nothing where the words are everything. Read the content by [`super::decode_shown`]: its bounds are
/// the bounds here.
pub fn parts(content_type: i32, content: &Content) -> Option<String> {
    let plain = matches!(content, Content::Text(_) | Content::Raw(_));
    let name = element_names(content_type).first().filter(|_| !plain)?;
    let mut object = Map::new();
    object.insert((*name).to_owned(), content::write(content));
    let files = media(content);
    if !files.is_empty() {
        object.insert("media".into(), json(&files));
    }
    if let Some(quoted) = quoted(content) {
        object.insert("quote".into(), json(&quote(quoted)));
    }
    if let Content::Merger(merger) = content {
        object.insert("forwarded".into(), json(&forward(merger)));
    }
    Some(Value::Object(object).to_string())
}

/// Writing strings, numbers and lists cannot fail.
fn json(part: &impl Serialize) -> Value {
    serde_json::to_value(part).unwrap_or_default()
}

fn user_id(message: &Embedded) -> &str {
    if ids::is_clean(&message.send_id) { &message.send_id } else { "" }
}

fn quoted(content: &Content) -> Option<&Embedded> {
    match content {
        Content::Quote(quote) => quote.quoted.as_deref(),
        Content::At(at) => at.quoted.as_deref(),
        _ => None,
    }
}

fn quote(message: &Embedded) -> QuotePart<'_> {
    QuotePart {
        client_msg_id: ids::message_id(message.client_msg_id.clone()),
        send_id: user_id(message),
        sender_nickname: line(&message.sender_nickname, LABEL_MAX),
        content_type: message.content_type,
        text: said(message),
        media: media(&message.content),
    }
}

fn forward(merger: &Merger) -> ForwardPart<'_> {
    ForwardPart {
        title: line(&merger.title, LABEL_MAX),
        summary: merger.lines.iter().take(FORWARDED_MAX).map(|text| line(text, QUOTED_MAX)).collect(),
        messages: merger.messages.iter().take(FORWARDED_MAX).map(forwarded_message).collect(),
    }
}

fn forwarded_message(message: &Embedded) -> ForwardedMessage<'_> {
    ForwardedMessage {
        send_id: user_id(message),
        sender_nickname: line(&message.sender_nickname, LABEL_MAX),
        content_type: message.content_type,
        text: said(message),
        media: media(&message.content),
        send_time: message.send_time,
    }
}
