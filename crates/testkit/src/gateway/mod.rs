//! The websocket gateway: the handshake, the life of a connection, and its requests.

mod handshake;
mod requests;
mod socket;
pub(crate) mod upgrade;
