//! `contentType` 102: a picture in up to three sizes.

use super::lenient::element;

element! {
    /// One size of a picture.
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
    /// A picture: as it was taken, large, and as a preview.
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
