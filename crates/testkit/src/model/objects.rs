//! Stored files: object names, contents and unfinished uploads. The bytes are on disk, see `storage/files.rs`.

use std::collections::BTreeMap;

use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};

use crate::limits::{OBJECT_NAME_MAX, PARTS_MAX, UPLOADS_MAX};

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Objects {
    names: BTreeMap<String, NamedObject>,
    /// By their hash; a content that is here does not have to be uploaded again.
    contents: BTreeMap<String, Content>,
    uploads: BTreeMap<String, Upload>,
    forms: BTreeMap<String, Form>,
}

/// The content that an object name refers to.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct NamedObject {
    pub(crate) hash: String,
    pub(crate) content_type: String,
}

/// A complete file: its parts in order, each stored as a file of its own.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Content {
    pub(crate) folder: String,
    pub(crate) sizes: Vec<u64>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Upload {
    pub(crate) owner: String,
    pub(crate) hash: String,
    pub(crate) size: u64,
    pub(crate) part_size: u64,
    pub(crate) expires_ms: i64,
    pub(crate) parts: BTreeMap<u32, Part>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Form {
    pub(crate) owner: String,
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) content_type: String,
    pub(crate) expires_ms: i64,
    pub(crate) part: Option<Part>,
}

/// A part that was received completely.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    /// Lower-case hex; also its `ETag`.
    pub(crate) md5: String,
    pub(crate) size: u64,
}

/// Why an upload cannot be completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Incomplete {
    Unknown,
    Missing,
    Mismatch,
}

impl Upload {
    pub(crate) fn part_count(&self) -> u32 {
        u32::try_from(self.size.div_ceil(self.part_size.max(1))).unwrap_or(u32::MAX)
    }

    /// Whether the file is one presigned part, without the multipart protocol.
    pub(crate) fn is_single(&self) -> bool {
        self.size <= self.part_size
    }
}

impl Content {
    pub(crate) fn size(&self) -> u64 {
        self.sizes.iter().sum()
    }
}

impl Objects {
    pub(crate) fn named(&self, name: &str) -> Option<(&NamedObject, &Content)> {
        let named = self.names.get(name)?;
        Some((named, self.contents.get(&named.hash)?))
    }

    pub(crate) fn content(&self, hash: &str) -> Option<&Content> {
        self.contents.get(hash)
    }

    pub(crate) fn name(&mut self, name: &str, hash: &str, content_type: &str) {
        let named = NamedObject { hash: hash.into(), content_type: content_type.into() };
        self.names.insert(name.into(), named);
    }

    /// Starts an upload. False if there are too many.
    pub(crate) fn begin(&mut self, id: &str, upload: Upload, now_ms: i64) -> bool {
        self.uploads.retain(|_, upload| upload.expires_ms > now_ms);
        let room = self.uploads.len() < UPLOADS_MAX;
        if room {
            self.uploads.insert(id.into(), upload);
        }
        room
    }

    pub(crate) fn begin_form(&mut self, id: &str, form: Form, now_ms: i64) -> bool {
        // An expired form is kept for a while, because its error differs from that of an unknown form.
        self.forms.retain(|_, form| form.expires_ms + crate::limits::UPLOAD_LIFE_MS > now_ms);
        let room = self.forms.len() < UPLOADS_MAX;
        if room {
            self.forms.insert(id.into(), form);
        }
        room
    }

    pub(crate) fn upload(&self, id: &str) -> Option<&Upload> {
        self.uploads.get(id)
    }

    pub(crate) fn form(&self, id: &str) -> Option<&Form> {
        self.forms.get(id)
    }

    /// Records a received part. False if its upload has ended meanwhile.
    pub(crate) fn part_received(&mut self, id: &str, number: u32, part: Part) -> bool {
        if let Some(upload) = self.uploads.get_mut(id) {
            upload.parts.insert(number, part);
        } else if let Some(form) = self.forms.get_mut(id) {
            form.part = Some(part);
        } else {
            return false;
        }
        true
    }

    /// Turns an upload into a content if its parts match both the client's list and the announced size and hash.
    pub(crate) fn complete(&mut self, id: &str, md5s: &[String]) -> Result<String, Incomplete> {
        let upload = self.uploads.get(id).ok_or(Incomplete::Unknown)?;
        let count = upload.part_count();
        if (1..=count).any(|number| !upload.parts.contains_key(&number)) {
            return Err(Incomplete::Missing);
        }
        let parts: Vec<_> = upload.parts.range(1..=count).map(|(_, part)| part).collect();
        let same = parts.len() == md5s.len() && parts.iter().zip(md5s).all(|(part, md5)| part.md5 == *md5);
        let size: u64 = parts.iter().map(|part| part.size).sum();
        if !same || size != upload.size || hash_of(md5s) != upload.hash {
            return Err(Incomplete::Mismatch);
        }
        let content = Content { folder: id.into(), sizes: parts.iter().map(|part| part.size).collect() };
        let hash = upload.hash.clone();
        self.uploads.remove(id);
        self.contents.entry(hash.clone()).or_insert(content);
        Ok(hash)
    }

    pub(crate) fn complete_form(&mut self, id: &str) -> Result<Form, Incomplete> {
        let part = self.forms.get(id).ok_or(Incomplete::Unknown)?.part.clone().ok_or(Incomplete::Missing)?;
        let form = self.forms.remove(id).ok_or(Incomplete::Unknown)?;
        let hash = hash_of(std::slice::from_ref(&part.md5));
        let content = Content { folder: id.into(), sizes: vec![part.size] };
        self.contents.entry(hash.clone()).or_insert(content);
        self.name(&form.name, &hash, &form.content_type);
        Ok(form)
    }
}

/// The hash rule: the md5 of the parts' md5s, joined with commas.
pub(crate) fn hash_of(md5s: &[String]) -> String {
    hex(&Md5::digest(md5s.join(",").as_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The smallest part size for a file of this size. None if the file is empty or too large for the number of parts.
pub(crate) fn part_size(size: u64, min: u64, max: u64) -> Option<u64> {
    if size == 0 || size > max.saturating_mul(PARTS_MAX) {
        return None;
    }
    Some(min.max(size.div_ceil(PARTS_MAX)))
}

/// Checks that a name can be an object's name.
pub(crate) fn check_name(name: &str) -> Result<(), &'static str> {
    match name {
        "" => Err("name is empty"),
        _ if name.starts_with('/') => Err("name must not begin with /"),
        _ if name.chars().count() > OBJECT_NAME_MAX => Err("name is longer than 1024 characters"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_73_the_hash_is_the_md5_of_the_parts_md5s() {
        assert_eq!(hash_of(&["5d41402abc4b2a76b9719d911017c592".into()]), "69a329523ce1ec88bf63061863d9cb14");
        let two = ["b8fc857a25e7958868c2f003d5e0952d".into(), "16c52c6e8326c071da771e66dc6e9e57".into()];
        assert_eq!(hash_of(&two), "24e0ccb8a8bb6be761103c32b6367229");
    }

    #[test]
    fn parts_grow_when_ten_thousand_smallest_parts_are_too_small() {
        const MIB: u64 = 1024 * 1024;
        assert_eq!(part_size(0, 5 * MIB, 5120 * MIB), None);
        assert_eq!(part_size(1, 5 * MIB, 5120 * MIB), Some(5 * MIB));
        assert_eq!(part_size(5 * MIB * 10_000, 5 * MIB, 5120 * MIB), Some(5 * MIB));
        assert_eq!(part_size(5 * MIB * 10_000 + 1, 5 * MIB, 5120 * MIB), Some(5 * MIB + 1));
        assert_eq!(part_size(5120 * MIB * 10_000 + 1, 5 * MIB, 5120 * MIB), None);
    }
}
