//! The websocket gateway: handshake, the life of a connection, requests and what they cause.

pub(crate) mod connection;
pub(crate) mod handshake;
pub(crate) mod hub;
pub(crate) mod kick;
pub(crate) mod pull;
pub(crate) mod push;
pub(crate) mod requests;
pub(crate) mod send;
pub(crate) mod status;
