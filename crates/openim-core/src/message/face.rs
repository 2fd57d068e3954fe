//! `contentType` 115: a sticker.

use super::lenient::element;

element! {
    /// A sticker; the sender's application knows it by number or by its data.
    Face {
        index: i64 = "index",
        data: String = "data",
    }
}
