//! What a file is, told from its first bytes: type, size of a picture, length of a recording. The name of a file and what
//! somebody says about it are not asked.
//!
//! Pure over `Read + Seek`. Whatever the bytes claim, a bounded part of them is read, nothing is allocated by their
//! word, and no input fails: what cannot be told is 0 or absent.

mod matroska;
mod mp4;
mod picture;
mod reader;
mod sound;

use std::io::{Read, Seek};

use base::media_type::{self, MediaType};

use self::reader::Reader;

/// How a message would carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Picture,
    Sound,
    Video,
    File,
}

/// What the bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    pub kind: Kind,
    /// A MIME type.
    pub content_type: &'static str,
    /// The usual ending of such a file, without the dot.
    pub extension: &'static str,
    /// Pixels as they are shown, turned where the file says so; 0 where not told.
    pub width: u32,
    pub height: u32,
    /// 0 where not told.
    pub duration_ms: u64,
}

impl Facts {
    const fn new(kind: Kind, content_type: &'static str, extension: &'static str) -> Self {
        Self { kind, content_type, extension, width: 0, height: 0, duration_ms: 0 }
    }

    const fn sized(self, (width, height): (u32, u32)) -> Self {
        Self { width, height, ..self }
    }

    const fn lasting(self, duration_ms: u64) -> Self {
        Self { duration_ms, ..self }
    }

    /// Whole seconds, as messages carry them; a recording that is not empty lasts at least one.
    pub const fn seconds(&self) -> i64 {
        if self.duration_ms == 0 {
            return 0;
        }
        let rounded = self.duration_ms.saturating_add(500) / 1_000;
        if rounded == 0 { 1 } else { rounded.cast_signed() }
    }
}

/// Looks into a file; none where its type is not known.
pub fn sniff<R: Read + Seek>(source: &mut R, len: u64) -> Option<Facts> {
    let mut reader = Reader::new(source, len);
    let head = reader.up_to(0, 64);
    picture::sniff(&mut reader, &head)
        .or_else(|| mp4::sniff(&mut reader, &head))
        .or_else(|| matroska::sniff(&mut reader, &head))
        .or_else(|| sound::sniff(&mut reader, &head))
        .or_else(|| other(&head))
}

/// Archives and documents.
fn other(head: &[u8]) -> Option<Facts> {
    let MediaType { mime, extension } = media_type::of_document(head).filter(|known| !known.extension.is_empty())?;
    Some(Facts::new(Kind::File, mime, extension))
}

#[cfg(test)]
mod tests;
