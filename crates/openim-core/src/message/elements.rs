//! The elements of message contents that hold no other message: one JSON object per kind, with the members and spellings
//! of the protocol. Everything in them was written by the sender.

#![allow(missing_docs, reason = "the members have the names of the protocol")]

use super::lenient::element;

// ---- `contentType` 102: a picture in up to three sizes.

element! {
    /// One size of a picture.
    #[ts(name = "PicBaseInfo")]
    PictureFile {
        uuid: String = "uuid",
        mime: String = "type",
        size: i64 = "size",
        width: i64 = "width",
        height: i64 = "height",
        url: String = "url",
    }
}

element! {
    /// The content of a picture message: the picture in up to three sizes.
    #[ts(name = "PictureElem")]
    Picture {
        source_path: String = "sourcePath",
        source: PictureFile = "sourcePicture",
        big: PictureFile = "bigPicture",
        snapshot: PictureFile = "snapshotPicture",
    }
}

impl Picture {
    /// The best size that can be fetched.
    pub fn best(&self) -> Option<&PictureFile> {
        [&self.source, &self.big, &self.snapshot].into_iter().find(|file| !file.url.is_empty())
    }
}

// ---- `contentType` 103: a voice note.

element! {
    /// The content of a voice message.
    #[ts(name = "SoundElem")]
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

// ---- `contentType` 104: a video with a picture of its first moment.

element! {
    /// The content of a video message.
    #[ts(name = "VideoElem")]
    Video {
        path: String = "videoPath",
        uuid: String = "videoUUID",
        url: String = "videoUrl",
        kind: String = "videoType",
        size: i64 = "videoSize",
        /// Seconds.
        duration: i64 = "duration",
        snapshot_path: String = "snapshotPath",
        snapshot_uuid: String = "snapshotUUID",
        snapshot_size: i64 = "snapshotSize",
        snapshot_url: String = "snapshotUrl",
        snapshot_width: i64 = "snapshotWidth",
        snapshot_height: i64 = "snapshotHeight",
        snapshot_kind: String = "snapshotType" | "snapShotType",
    }
}

// ---- `contentType` 105: a file.

element! {
    /// The content of a file message.
    FileElem {
        path: String = "filePath",
        uuid: String = "uuid",
        url: String = "sourceUrl",
        name: String = "fileName",
        size: i64 = "fileSize",
        kind: String = "fileType",
    }
}

// ---- `contentType` 108: somebody's card.

element! {
    /// The content of a message with the card of a user.
    #[ts(name = "CardElem")]
    Card {
        user_id: String = "userID",
        nickname: String = "nickname",
        face_url: String = "faceURL" | "faceUrl",
        ex: String = "ex",
    }
}

// ---- `contentType` 109: a place.

element! {
    /// The content of a message with a place.
    #[ts(name = "LocationElem")]
    Location {
        description: String = "description",
        longitude: f64 = "longitude",
        latitude: f64 = "latitude",
    }
}

// ---- `contentType` 110, 119 and 120: what an application made up.

element! {
    /// The content of a message of an application; only that application knows what `data` means.
    #[ts(name = "CustomElem")]
    Custom {
        data: String = "data",
        extension: String = "extension",
        description: String = "description",
    }
}

// ---- `contentType` 113: somebody types, or has stopped.

element! {
    /// Somebody types ("yes") or has stopped ("no").
    Typing {
        tips: String = "msgTips",
    }
}

impl Typing {
    pub fn new(on: bool) -> Self {
        Self { tips: if on { "yes" } else { "no" }.to_owned() }
    }

    pub fn is_on(&self) -> bool {
        self.tips == "yes"
    }
}

// ---- `contentType` 115: a sticker.

element! {
    /// The content of a message with a sticker; the application knows it by its number or its data.
    #[ts(name = "FaceElem")]
    Face {
        index: i64 = "index",
        data: String = "data",
    }
}

// ---- `contentType` 117: text with marked parts.

element! {
    /// A marked part of a text.
    MessageEntity {
        kind: String = "type",
        offset: i64 = "offset",
        length: i64 = "length",
        url: String = "url",
        ex: String = "ex",
    }
}

element! {
    /// The content of a text with marked parts.
    #[ts(name = "AdvancedTextElem")]
    AdvancedText {
        text: String = "text",
        entities: Vec<MessageEntity> = "messageEntityList",
    }
}
