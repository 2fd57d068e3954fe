//! OpenIM's wire as values. Pure: no sockets, no files, no clock, no random, no logging; time and random bits are
//! arguments. The names are the protocol's.

#![warn(missing_docs)]

pub mod catchup;
pub mod conversation;
pub mod events;
pub mod handshake;
pub mod ids;
pub mod limits;
pub mod liveness;
mod membership;
pub mod message;
pub mod outbox;
pub mod pending;
pub mod records;
pub mod session;
pub mod wire;
