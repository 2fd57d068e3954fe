//! What there is to fetch in a message: pictures, voice, videos and files.

use base::{TypeScript, media_type};
use serde::Serialize;

use super::elements::{FileElem, Picture, PictureFile, Sound, Video};
use super::nested::content::Content;
use super::notice::oa::OaNotice;
use super::notice::{self, Notice};

/// The kind of a file, in the words that hosts use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TypeScript)]
pub enum MediaKind {
    /// A picture.
    #[serde(rename = "image")]
    Picture,
    /// A voice note.
    #[serde(rename = "audio")]
    Voice,
    /// A video.
    #[serde(rename = "video")]
    Video,
    /// Any other file.
    #[serde(rename = "file")]
    File,
}

/// A file of a message. Everything in it was written by the sender: the address must be checked and the type sniffed. A
/// number is 0 and a text is empty where the sender says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(name = "MessageMedia")]
pub struct Media {
    /// What it is.
    pub kind: MediaKind,
    /// The address of the file.
    pub url: String,
    /// The name of the file, never a path.
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// A MIME type.
    #[serde(rename = "contentType")]
    pub mime: String,
    /// Seconds.
    pub duration: i64,
    /// Pixels.
    pub width: i64,
    /// Pixels.
    pub height: i64,
    /// The address of a small picture of the file.
    pub snapshot_url: String,
}

/// What a message itself brings; what it quotes or forwards brings its own.
pub fn media(content: &Content) -> Vec<Media> {
    let found: Vec<_> = match content {
        Content::Picture(picture) => picture.best().map(|file| of_picture(picture, file)).into_iter().collect(),
        Content::Sound(sound) => vec![of_sound(sound)],
        Content::Video(video) => vec![of_video(video)],
        Content::File(file) => vec![of_file(file)],
        Content::Notification { content_type, detail } => match notice::read(*content_type, detail) {
            Notice::Oa(oa) => of_oa(&oa),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    found.into_iter().filter(|media| !media.url.is_empty()).collect()
}

fn of_picture(picture: &Picture, file: &PictureFile) -> Media {
    Media {
        width: file.width,
        height: file.height,
        snapshot_url: picture.snapshot.url.clone(),
        ..one(MediaKind::Picture, &file.url, file.size, &file.mime, &base_name(&picture.source_path, &file.url))
    }
}

fn of_sound(sound: &Sound) -> Media {
    Media {
        duration: sound.duration,
        ..one(MediaKind::Voice, &sound.url, sound.size, &sound.kind, &base_name(&sound.path, &sound.url))
    }
}

fn of_video(video: &Video) -> Media {
    Media {
        duration: video.duration,
        width: video.snapshot_width,
        height: video.snapshot_height,
        snapshot_url: video.snapshot_url.clone(),
        ..one(MediaKind::Video, &video.url, video.size, &video.kind, &base_name(&video.path, &video.url))
    }
}

fn of_file(file: &FileElem) -> Media {
    let name = if file.name.is_empty() { base_name(&file.path, &file.url) } else { base_name(&file.name, "") };
    one(MediaKind::File, &file.url, file.size, &file.kind, &name)
}

fn of_oa(oa: &OaNotice) -> Vec<Media> {
    let picture = oa.picture.as_deref().and_then(|picture| picture.best().map(|file| of_picture(picture, file)));
    let sound = oa.sound.as_deref().map(of_sound);
    let video = oa.video.as_deref().map(of_video);
    let file = oa.file.as_deref().map(of_file);
    [picture, sound, video, file].into_iter().flatten().collect()
}

fn one(kind: MediaKind, url: &str, size: i64, named: &str, name: &str) -> Media {
    Media {
        kind,
        url: url.to_owned(),
        size: size.max(0),
        mime: mime(kind, named, name),
        name: name.to_owned(),
        duration: 0,
        width: 0,
        height: 0,
        snapshot_url: String::new(),
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

/// The media type that the sender names, or that a file ending stands for. A sender's "type" is often only an ending.
fn mime(kind: MediaKind, named: &str, name: &str) -> String {
    if named.contains('/') {
        return named.to_ascii_lowercase();
    }
    let ending = if named.is_empty() { name.rsplit_once('.').map_or("", |(_, ending)| ending) } else { named };
    let ending = ending.trim_start_matches('.').to_ascii_lowercase();
    match (kind, ending.as_str()) {
        (MediaKind::Voice, "mp4") => "audio/mp4",
        (MediaKind::Voice, "webm") => "audio/webm",
        _ => media_type::of_extension(&ending).unwrap_or_default(),
    }
    .to_owned()
}
