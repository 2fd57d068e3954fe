//! The REST client against servers of every temper.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod answers;
mod calls;
mod conversations;
mod repeating;
mod support;
