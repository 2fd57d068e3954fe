//! 1400: what a notification account writes to its readers.

use crate::limits::READABLE_MAX;
use crate::message::elements::{FileElem, Picture, Sound, Video};
use crate::message::lenient::element;

element! {
    /// What a notification account writes.
    OaNotice {
        name: String = "notificationName",
        face_url: String = "notificationFaceURL",
        kind: i64 = "notificationType",
        text: String = "text",
        url: String = "url",
        mix_type: i64 = "mixType",
        picture: Option<Box<Picture>> = "pictureElem",
        sound: Option<Box<Sound>> = "soundElem",
        video: Option<Box<Video>> = "videoElem",
        file: Option<Box<FileElem>> = "fileElem",
        ex: String = "ex",
    }
}

impl OaNotice {
    /// The text, and its link on a line of its own.
    pub(crate) fn readable(&self) -> String {
        let link = if self.url.len() > READABLE_MAX { "" } else { self.url.as_str() };
        let between = if self.text.is_empty() || link.is_empty() { "" } else { "\n" };
        format!("{}{between}{link}", self.text)
    }
}
