//! Message kinds: what `MsgData.content` holds for each `contentType`, how it is read and written, and what is shown of it.

pub mod attached;
pub mod elements;
pub mod kinds;
pub(crate) mod lenient;
pub mod media;
pub mod nested;
pub mod notice;
pub mod options;
pub mod parts;
pub mod readable;
pub mod text;
mod tolerant;

pub use media::{Media, MediaKind, media};
pub use nested::{Content, Embedded, decode, decode_shown, encode};
pub use parts::parts;
pub use readable::readable;
