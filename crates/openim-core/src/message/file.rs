//! `contentType` 105: a file.

use super::lenient::element;

element! {
    /// A file.
    FileElem {
        path: String = "filePath",
        uuid: String = "uuid",
        url: String = "sourceUrl",
        name: String = "fileName",
        size: i64 = "fileSize",
        kind: String = "fileType",
    }
}
