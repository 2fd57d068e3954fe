//! The bytes: envelopes, protobuf messages, text frames, gzip.

mod budget;
pub mod compress;
pub mod envelope;
pub mod errcode;
pub mod frame;
pub mod ops;
pub mod pb;
pub mod text_frame;
mod words;

pub use budget::{Payload, Shape};
pub use words::words;

/// Bytes of the peer that do not decode. Never fatal to a connection: the frame is skipped and counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "malformed {}", self.0)
    }
}

impl std::error::Error for Malformed {}
