//! What the sender says: one plain text for every kind. What is quoted or forwarded was said by others and stands in
//! [`super::parts`](mod@super::parts).

use super::media::base_name;
use super::nested::content::Content;
use super::nested::embedded::Embedded;
use super::notice::{self, Notice};
use crate::limits::{LABEL_MAX, QUOTED_MAX, READABLE_MAX};

/// The text of a message for a reader, or nothing where there is nothing to read.
pub fn readable(content: &Content) -> String {
    cut(words(content), READABLE_MAX)
}

fn words(content: &Content) -> String {
    match content {
        Content::Text(text) | Content::Markdown(text) => text.clone(),
        Content::AdvancedText(advanced) => advanced.text.clone(),
        Content::At(at) => at.text.clone(),
        Content::Quote(quote) => quote.text.clone(),
        Content::Picture(picture) => {
            let url = picture.best().map_or("", |file| file.url.as_str());
            label("picture", " ", &base_name(&picture.source_path, url))
        }
        Content::Sound(sound) => label("voice", " ", &seconds(sound.duration)),
        Content::Video(video) => label("video", " ", &seconds(video.duration)),
        Content::File(file) => label("file", " ", &file.name),
        Content::Card(card) => label("card", ": ", &named(&card.nickname, &card.user_id)),
        Content::Location(place) => {
            let at = format!("({}, {})", place.latitude, place.longitude);
            label("location", ": ", &format!("{} {at}", line(&place.description, LABEL_MAX)))
        }
        Content::Custom(custom) => {
            label("custom", ": ", if custom.description.is_empty() { &custom.data } else { &custom.description })
        }
        Content::Face(face) if face.data.is_empty() => format!("[sticker {}]", face.index),
        Content::Face(face) => label("sticker", ": ", &face.data),
        Content::Merger(merger) => label("forwarded messages", ": ", &merger.title),
        Content::Notification { content_type, detail } => match notice::read(*content_type, detail) {
            Notice::Oa(oa) => oa.readable(),
            _ => String::new(),
        },
        Content::Typing(_) | Content::Raw(_) => String::new(),
    }
}

/// What a message inside another one says. What it quotes in turn would repeat at every level.
pub(crate) fn said(message: &Embedded) -> String {
    let words = match &message.content {
        _ if message.is_revoked() => "[revoked message]".to_owned(),
        other => words(other),
    };
    if words.is_empty() { "[message]".to_owned() } else { cut(words, QUOTED_MAX) }
}

fn label(kind: &str, between: &str, what: &str) -> String {
    match line(what, LABEL_MAX) {
        what if what.is_empty() => format!("[{kind}]"),
        what => format!("[{kind}{between}{what}]"),
    }
}

fn named(name: &str, id: &str) -> String {
    if name.is_empty() || id.is_empty() { format!("{name}{id}") } else { format!("{name} ({id})") }
}

fn seconds(duration: i64) -> String {
    if duration > 0 { format!("{duration} s") } else { String::new() }
}

/// Everything on one line, and no more than `max` bytes of it.
pub(crate) fn line(text: &str, max: usize) -> String {
    // Four times the room: white space shrinks, and a huge text is not walked to its end.
    let head = head(text, max.saturating_mul(4));
    cut(
        head.split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|w| !w.is_empty())
            .collect::<Vec<_>>()
            .join(" "),
        max,
    )
}

fn head(text: &str, max: usize) -> &str {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn cut(text: String, max: usize) -> String {
    if text.len() <= max { text } else { format!("{}…", head(&text, max)) }
}
