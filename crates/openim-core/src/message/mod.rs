//! Message kinds: what `MsgData.content` holds for each `contentType`, one file per kind.

pub mod advanced;
pub mod at;
pub mod attached;
pub mod card;
pub mod content;
pub mod custom;
pub mod embedded;
pub mod face;
pub mod file;
pub mod kinds;
pub(crate) mod lenient;
pub mod location;
pub mod media;
pub mod merger;
pub mod notice;
pub mod options;
pub mod parts;
pub mod picture;
pub mod quote;
pub mod readable;
pub mod sound;
pub mod text;
mod tolerant;
pub mod typing;
pub mod video;

pub use content::{Content, decode, decode_shown, encode};
pub use embedded::Embedded;
pub use media::{Media, MediaKind, media};
pub use parts::parts;
pub use readable::readable;
