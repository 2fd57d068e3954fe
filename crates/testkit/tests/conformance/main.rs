//! The server's side of the conformance cases, over in-memory connections under a paused clock.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers, too, fail their test")]

mod auth;
mod control;
mod deleting;
mod envelope;
mod faults;
mod groups;
mod handshake;
mod heartbeat;
mod kick;
mod listen;
mod objects;
mod people;
mod pulling;
mod reading;
mod rest;
mod roles;
mod sending;
mod support;
mod token_endpoint;
mod vectors;
