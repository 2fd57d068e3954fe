//! Message kinds: what `MsgData.content` holds for each `contentType`, one file per kind.

pub mod at;
pub mod kinds;
pub mod options;
pub mod text;
