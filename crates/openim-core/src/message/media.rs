//! What there is to fetch in a message: pictures, voice, videos and files, also those it quotes or forwards.

use super::content::Content;
use super::embedded::Embedded;
use super::notice::oa::OaNotice;
use super::notice::{self, Notice};
use crate::limits::MEDIA_MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    Picture,
    Voice,
    Video,
    File,
}

/// One thing to fetch. Everything in it is the sender's word: the address must be checked, the type sniffed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    pub kind: MediaKind,
    pub url: String,
    /// Bytes; 0 when not told.
    pub size: i64,
    /// Empty when not told.
    pub mime: String,
    pub name: String,
    /// Seconds; 0 when not told.
    pub duration: i64,
    pub width: i64,
    pub height: i64,
    /// It belongs to a quoted or forwarded message.
    pub embedded: bool,
}

/// The message's own first, then those of what it quotes or forwards; at most [`MEDIA_MAX`].
pub fn media(content: &Content) -> Vec<Media> {
    let mut found = Vec::new();
    collect(content, false, &mut found);
    found
}

fn collect(content: &Content, embedded: bool, found: &mut Vec<Media>) {
    let own = match content {
        Content::Picture(picture) => picture.best().map(|file| Media {
            width: file.width,
            height: file.height,
            ..one(MediaKind::Picture, &file.url, file.size, &file.mime, &base_name(&picture.source_path, &file.url))
        }),
        Content::Sound(sound) => Some(Media {
            duration: sound.duration,
            ..one(MediaKind::Voice, &sound.url, sound.size, &sound.kind, &base_name(&sound.path, &sound.url))
        }),
        Content::Video(video) => Some(Media {
            duration: video.duration,
            width: video.snapshot_width,
            height: video.snapshot_height,
            ..one(MediaKind::Video, &video.url, video.size, &video.kind, &base_name(&video.path, &video.url))
        }),
        Content::File(file) => {
            let name = if file.name.is_empty() { base_name(&file.path, &file.url) } else { base_name(&file.name, "") };
            Some(one(MediaKind::File, &file.url, file.size, &file.kind, &name))
        }
        _ => None,
    };
    if let Some(media) = own.filter(|media| !media.url.is_empty() && found.len() < MEDIA_MAX) {
        found.push(Media { embedded, ..media });
    }
    match content {
        Content::Quote(quote) => collect_embedded(quote.quoted.as_deref(), found),
        Content::At(at) => collect_embedded(at.quoted.as_deref(), found),
        Content::Merger(merger) => collect_embedded(&merger.messages, found),
        Content::Notification { content_type, detail } => {
            if let Notice::Oa(oa) = notice::read(*content_type, detail) {
                collect_oa(&oa, found);
            }
        }
        _ => {}
    }
}

fn collect_embedded<'a>(messages: impl IntoIterator<Item = &'a Embedded>, found: &mut Vec<Media>) {
    for message in messages {
        if found.len() >= MEDIA_MAX {
            return;
        }
        collect(&message.content, true, found);
    }
}

fn collect_oa(oa: &OaNotice, found: &mut Vec<Media>) {
    let parts = [
        oa.picture.clone().map(Content::Picture),
        oa.sound.clone().map(Content::Sound),
        oa.video.clone().map(Content::Video),
        oa.file.clone().map(Content::File),
    ];
    for part in parts.iter().flatten() {
        collect(part, false, found);
    }
}

fn one(kind: MediaKind, url: &str, size: i64, told: &str, name: &str) -> Media {
    Media {
        kind,
        url: url.to_owned(),
        size: size.max(0),
        mime: mime(kind, told, name),
        name: name.to_owned(),
        duration: 0,
        width: 0,
        height: 0,
        embedded: false,
    }
}

/// The last part of a path or, without one, of an address. Never a path: a name says nothing about where to write.
pub(crate) fn base_name(path: &str, url: &str) -> String {
    let from_url = url.split(['?', '#']).next().unwrap_or_default();
    let from = if path.is_empty() { from_url.split_once("://").map_or("", |(_, rest)| rest) } else { path };
    if path.is_empty() && !from.contains('/') {
        return String::new();
    }
    let last = from.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = percent_encoding::percent_decode_str(last).decode_utf8_lossy();
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    if matches!(name, "." | "..") { String::new() } else { name.chars().filter(|c| !c.is_control()).collect() }
}

/// A MIME type as told, or made from a file ending. A file's own "type" is often only its ending.
fn mime(kind: MediaKind, told: &str, name: &str) -> String {
    if told.contains('/') {
        return told.to_ascii_lowercase();
    }
    let ending = if told.is_empty() { name.rsplit_once('.').map_or("", |(_, ending)| ending) } else { told };
    let ending = ending.trim_start_matches('.').to_ascii_lowercase();
    match (kind, ending.as_str()) {
        (_, "png") => "image/png",
        (_, "jpg" | "jpeg") => "image/jpeg",
        (_, "gif") => "image/gif",
        (_, "webp") => "image/webp",
        (_, "mp3") => "audio/mpeg",
        (_, "m4a") | (MediaKind::Voice, "mp4") => "audio/mp4",
        (_, "aac") => "audio/aac",
        (_, "amr") => "audio/amr",
        (_, "ogg" | "opus") => "audio/ogg",
        (_, "wav") => "audio/wav",
        (MediaKind::Voice, "webm") => "audio/webm",
        (_, "mp4") => "video/mp4",
        (_, "mov") => "video/quicktime",
        (_, "webm") => "video/webm",
        (_, "pdf") => "application/pdf",
        (_, "txt") => "text/plain",
        _ => "",
    }
    .to_owned()
}
