//! The server's side of the conformance cases, over in-memory connections under a paused clock.

mod envelope;
mod handshake;
mod heartbeat;
mod kick;
mod listen;
mod pulling;
mod sending;
mod support;
