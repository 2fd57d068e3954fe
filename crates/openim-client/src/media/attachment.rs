//! A message whose file is still here: a picture, a voice note, a video or a file named by its path.
//!
//! The path never stands in the message, neither on the wire nor in the object the caller holds: a message somebody else
//! wrote can therefore not make us upload a file by naming it. Messages and files find each other by the message's id.

use std::path::PathBuf;
use std::sync::Arc;

use base::{Error, Kind, Result, media_type};
use lru::LruCache;
use openim_core::message::elements::{FileElem, Picture, PictureFile, Sound, Video};
use openim_core::message::{Content, encode, kinds, parts};
use parking_lot::Mutex;

use super::file::Rules;
use super::name;
use super::progress::Watch;
use super::sniff::{self, Facts};
use super::upload::{Look, Upload, Uploaded, Uploader, look};
use crate::limits::{ATTACHMENTS_MAX, SNAPSHOT_SIDE};

/// What a file is sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Picture,
    Sound,
    Video,
    File,
}

impl Form {
    pub const fn content_type(self) -> i32 {
        match self {
            Self::Picture => kinds::PICTURE,
            Self::Sound => kinds::SOUND,
            Self::Video => kinds::VIDEO,
            Self::File => kinds::FILE,
        }
    }

    /// What a file of these facts is best sent as.
    pub fn of(facts: Option<&Facts>) -> Self {
        match facts.map(|facts| (facts.kind, facts.content_type)) {
            // Not every client can show these.
            None | Some((sniff::Kind::File, _) | (_, "image/heic" | "image/avif" | "video/x-matroska")) => Self::File,
            Some((sniff::Kind::Picture, _)) => Self::Picture,
            Some((sniff::Kind::Sound, _)) => Self::Sound,
            Some((sniff::Kind::Video, _)) => Self::Video,
        }
    }
}

/// A file to send.
#[derive(Debug, Clone)]
pub struct Enclosure {
    pub path: PathBuf,
    pub rules: Rules,
    pub name: Option<String>,
    pub content_type: Option<String>,
    /// Seconds of a recording, where the caller knows better than the file.
    pub duration: Option<i64>,
    /// A picture of a video's beginning; a video without one is sent without.
    pub snapshot: Option<PathBuf>,
}

/// A file bound to a message.
pub struct Attachment {
    form: Form,
    enclosure: Enclosure,
    before: Parts,
    /// Uploaded once, however often the message is sent.
    after: tokio::sync::Mutex<Option<Content>>,
}

/// What is said of the file and of a video's picture.
struct Parts {
    main: FileFacts,
    snapshot: Option<FileFacts>,
}

#[derive(Default)]
struct FileFacts {
    id: String,
    url: String,
    name: String,
    size: i64,
    content_type: String,
    facts: Option<Facts>,
}

impl Attachment {
    /// Looks at the file; nothing is uploaded yet. Without a form, the file decides.
    pub async fn new(form: Option<Form>, enclosure: Enclosure) -> Result<Self> {
        let Enclosure { path, rules, name, content_type, snapshot, .. } = &enclosure;
        let main = look(path.clone(), *rules, name.as_deref(), content_type.as_deref()).await?;
        let form = form.unwrap_or_else(|| Form::of(main.facts.as_ref()));
        fits(form, &main, content_type.is_some())?;
        let snapshot = match snapshot.as_ref().filter(|_| form == Form::Video) {
            Some(path) => {
                let seen = look(path.clone(), *rules, None, None).await?;
                fits(Form::Picture, &seen, false)?;
                Some(FileFacts::from(seen))
            }
            None => None,
        };
        let before = Parts { main: main.into(), snapshot };
        Ok(Self { form, enclosure, before, after: tokio::sync::Mutex::new(None) })
    }

    pub const fn form(&self) -> Form {
        self.form
    }

    /// What the message will say, without addresses.
    pub fn content(&self) -> Saying {
        Saying(content(self.form, &self.before, self.enclosure.duration))
    }

    /// The content with the addresses of what is uploaded now, or was before.
    pub async fn uploaded(&self, uploader: &Uploader, watch: Option<Watch>) -> Result<Saying> {
        let mut after = self.after.lock().await;
        if let Some(content) = &*after {
            return Ok(Saying(content.clone()));
        }
        let Enclosure { path, rules, name, content_type, .. } = &self.enclosure;
        let (name, content_type) = (name.clone(), content_type.clone());
        let snapshot = match self.enclosure.snapshot.clone().filter(|_| self.before.snapshot.is_some()) {
            Some(path) => {
                let upload = Upload { path, rules: *rules, name: None, content_type: None, watch: None };
                Some(FileFacts::from(uploader.upload(upload).await?))
            }
            None => None,
        };
        let upload = Upload { path: path.clone(), rules: *rules, name, content_type, watch };
        let main = FileFacts::from(uploader.upload(upload).await?);
        let made = content(self.form, &Parts { main, snapshot }, self.enclosure.duration);
        *after = Some(made.clone());
        Ok(Saying(made))
    }
}

/// What a message with a file says.
pub struct Saying(Content);

impl Saying {
    /// The content for the wire, and the parts a receiver would be shown.
    pub fn written(&self) -> (String, String) {
        let kind = self.0.content_type().unwrap_or_default();
        let text = String::from_utf8_lossy(&encode(&self.0)).into_owned();
        (text, parts(kind, &self.0).unwrap_or_default())
    }
}

/// Refuses a file of another kind: clients would show a broken frame. A picture shows itself as one by its bytes, unless the
/// caller states its type; the name alone does not suffice. Not every recording can be recognised by its bytes.
fn fits(form: Form, look: &Look, is_type_stated: bool) -> Result<()> {
    let (prefix, what) = match form {
        Form::Picture => ("image/", "picture"),
        Form::Sound => ("audio/", "sound"),
        Form::Video => ("video/", "video"),
        Form::File => return Ok(()),
    };
    let is_known = form != Form::Picture || look.facts.is_some() || is_type_stated;
    let content_type = if is_known { look.content_type.as_str() } else { media_type::UNKNOWN };
    if content_type.starts_with(prefix) {
        return Ok(());
    }
    let text = format!("\"{}\" is no {what} but {content_type}; send it as a file", look.name);
    Err(Error::new(Kind::Config, text))
}

fn content(form: Form, told: &Parts, duration: Option<i64>) -> Content {
    let Parts { main, snapshot } = told;
    let seconds = duration.or(main.facts.map(|facts| facts.seconds())).unwrap_or_default();
    match form {
        Form::Picture => Content::Picture(Box::new(picture(main))),
        Form::Sound => Content::Sound(Box::new(Sound {
            uuid: main.id.clone(),
            path: String::new(),
            url: main.url.clone(),
            size: main.size,
            duration: seconds,
            kind: main.ending(),
        })),
        Form::Video => Content::Video(Box::new(video(main, snapshot.as_ref(), seconds))),
        Form::File => Content::File(Box::new(FileElem {
            path: String::new(),
            uuid: main.id.clone(),
            url: main.url.clone(),
            name: main.name.clone(),
            size: main.size,
            kind: main.content_type.clone(),
        })),
    }
}

/// Source and large size are one; the server makes the preview when it is asked for.
fn picture(main: &FileFacts) -> Picture {
    let (width, height) = main.pixels();
    let source = PictureFile {
        uuid: main.id.clone(),
        mime: main.content_type.clone(),
        size: main.size,
        width,
        height,
        url: main.url.clone(),
    };
    let preview = match main.url.as_str() {
        "" => String::new(),
        url => {
            let join = if url.contains('?') { '&' } else { '?' };
            format!("{url}{join}type=image&width={SNAPSHOT_SIDE}&height={SNAPSHOT_SIDE}")
        }
    };
    let snapshot = PictureFile { width: SNAPSHOT_SIDE, height: SNAPSHOT_SIDE, url: preview, ..source.clone() };
    Picture { source_path: String::new(), big: source.clone(), source, snapshot }
}

fn video(main: &FileFacts, snapshot: Option<&FileFacts>, duration: i64) -> Video {
    let none = FileFacts::default();
    let still = snapshot.unwrap_or(&none);
    // Without a picture its place still has the shape of the film.
    let (width, height) = snapshot.map_or_else(|| main.pixels(), FileFacts::pixels);
    Video {
        path: String::new(),
        uuid: main.id.clone(),
        url: main.url.clone(),
        kind: main.content_type.clone(),
        size: main.size,
        duration,
        snapshot_path: String::new(),
        snapshot_uuid: still.id.clone(),
        snapshot_size: still.size,
        snapshot_url: still.url.clone(),
        snapshot_width: width,
        snapshot_height: height,
        snapshot_kind: if snapshot.is_some() { still.ending() } else { String::new() },
    }
}

impl FileFacts {
    fn pixels(&self) -> (i64, i64) {
        self.facts.map_or((0, 0), |facts| (facts.width.into(), facts.height.into()))
    }

    fn ending(&self) -> String {
        let by_bytes = self.facts.map(|facts| facts.extension.to_owned());
        by_bytes.or_else(|| name::ending(&self.name)).unwrap_or_default()
    }
}

impl From<Look> for FileFacts {
    fn from(look: Look) -> Self {
        let Look { name, size, content_type, facts } = look;
        Self { name, size: signed(size), content_type, facts, ..Self::default() }
    }
}

impl From<Uploaded> for FileFacts {
    fn from(uploaded: Uploaded) -> Self {
        let Uploaded { url, name, size, content_type, facts, id, .. } = uploaded;
        Self { id, url, name, size: signed(size), content_type, facts }
    }
}

fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// The newest messages of a client whose files are kept, by message id.
pub struct Attachments(Mutex<LruCache<String, Arc<Attachment>>>);

impl Default for Attachments {
    fn default() -> Self {
        // A cache that knows its bound allocates all of its table at once, for every client.
        Self(Mutex::new(LruCache::unbounded()))
    }
}

impl Attachments {
    /// Keeps a file. Where there are too many, the oldest is dropped.
    pub fn keep(&self, message_id: &str, attachment: Attachment) {
        let mut attachments = self.0.lock();
        attachments.put(message_id.to_owned(), Arc::new(attachment));
        if attachments.len() > ATTACHMENTS_MAX {
            attachments.pop_lru();
        }
    }

    /// The file of a message.
    pub fn of(&self, message_id: &str) -> Option<Arc<Attachment>> {
        self.0.lock().peek(message_id).cloned()
    }

    /// Drops the file of a message that is sent.
    pub fn forget(&self, message_id: &str) {
        self.0.lock().pop(message_id);
    }
}
