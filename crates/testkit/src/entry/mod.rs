//! The ways into the server: listening ports, in-memory connections, and the routing of their requests.

mod listener;
mod memory;
mod router;

pub use self::listener::Addresses;
