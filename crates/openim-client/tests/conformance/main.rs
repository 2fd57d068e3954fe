//! The client against a gateway that tests play by hand: the numbered cases of `docs/conformance.md` and their neighbours.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod events;
mod faults;
mod handshake;
mod history;
mod lifecycle;
mod requests;
mod sends;
mod standing;
mod support;
mod sync;
mod trust;
