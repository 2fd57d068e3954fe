//! `contentType` 103: a voice note.

use super::lenient::element;

element! {
    /// A voice note.
    Sound {
        uuid: String = "uuid",
        path: String = "soundPath",
        url: String = "sourceUrl",
        size: i64 = "dataSize",
        /// Seconds.
        duration: i64 = "duration",
        /// A file ending ("mp3") or a MIME type.
        kind: String = "soundType",
    }
}
