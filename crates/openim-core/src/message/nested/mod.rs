//! The kinds of content that hold messages, which hold contents: a quote quotes a message that may be a quote. The files
//! need each other because the data is recursive.

#![allow(missing_docs, reason = "the members have the names of the protocol")]

pub mod at;
pub mod content;
pub mod embedded;
pub mod merger;
pub mod quote;

pub use content::{Content, decode, decode_shown, encode};
pub use embedded::Embedded;
