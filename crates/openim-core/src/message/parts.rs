//! What a message holds besides its words, as JSON for whoever takes it: its element under OpenIM's own name, what there
//! is to fetch, and what it quotes or forwards. Everything in it was written by its sender.

use serde_json::{Map, Value, json};

use super::media::{Media, MediaKind, media};
use super::nested::content::{self, Content};
use super::nested::embedded::{Embedded, element_names};
use super::readable::{line, said};
use crate::limits::{FORWARDED_MAX, LABEL_MAX, QUOTED_MAX};

/// One JSON object, or nothing where the words are all. Read the content by [`super::decode_shown`], whose bounds are
/// the bounds here.
pub fn parts(content_type: i32, content: &Content) -> Option<String> {
    let plain = matches!(content, Content::Text(_) | Content::Raw(_));
    let name = element_names(content_type).first().filter(|_| !plain)?;
    let mut object = Map::new();
    object.insert((*name).to_owned(), content::write(content));
    let found = media(content);
    if !found.is_empty() {
        object.insert("media".into(), files(&found));
    }
    if let Some(quoted) = quoted(content) {
        object.insert("quote".into(), quote(quoted));
    }
    if let Content::Merger(merger) = content {
        object.insert("forwarded".into(), forwarded(&merger.title, &merger.lines, &merger.messages));
    }
    Some(Value::Object(object).to_string())
}

fn quoted(content: &Content) -> Option<&Embedded> {
    match content {
        Content::Quote(quote) => quote.quoted.as_deref(),
        Content::At(at) => at.quoted.as_deref(),
        _ => None,
    }
}

fn quote(message: &Embedded) -> Value {
    json!({
        "clientMsgID": message.client_msg_id,
        "sendID": message.send_id,
        "senderNickname": line(&message.sender_nickname, LABEL_MAX),
        "contentType": message.content_type,
        "text": said(message),
        "media": files(&media(&message.content)),
    })
}

fn forwarded(title: &str, lines: &[String], messages: &[Embedded]) -> Value {
    let summary: Vec<_> = lines.iter().take(FORWARDED_MAX).map(|text| line(text, QUOTED_MAX)).collect();
    let messages: Vec<_> = messages.iter().take(FORWARDED_MAX).map(forwarded_message).collect();
    json!({ "title": line(title, LABEL_MAX), "summary": summary, "messages": messages })
}

fn forwarded_message(message: &Embedded) -> Value {
    json!({
        "sendID": message.send_id,
        "senderNickname": line(&message.sender_nickname, LABEL_MAX),
        "contentType": message.content_type,
        "text": said(message),
        "media": files(&media(&message.content)),
        "sendTime": message.send_time,
    })
}

fn files(found: &[Media]) -> Value {
    found
        .iter()
        .map(|file| {
            json!({
                "kind": kind(file.kind),
                "url": file.url,
                "name": file.name,
                "size": file.size,
                "contentType": file.mime,
                "duration": file.duration,
                "width": file.width,
                "height": file.height,
                "snapshotUrl": file.snapshot_url,
            })
        })
        .collect()
}

/// The words hosts use.
const fn kind(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Picture => "image",
        MediaKind::Voice => "audio",
        MediaKind::Video => "video",
        MediaKind::File => "file",
    }
}
