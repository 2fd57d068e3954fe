//! The server's side of the conformance cases, over in-memory connections under a paused clock.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers, too, fail their test")]

mod answers;
mod auth;
mod batches;
mod caching;
mod control;
mod deleting;
mod envelope;
mod faults;
mod groups;
mod handshake;
mod heartbeat;
mod kick;
mod listen;
mod notices;
mod objects;
mod one_by_one;
mod people;
mod pulling;
mod reachability;
mod reading;
mod recorded;
mod replay;
mod rest;
mod roles;
mod sending;
mod strangers;
mod support;
mod token_endpoint;
mod vectors;
