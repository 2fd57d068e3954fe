//! Uploads against the dev server's object storage, with a gate in between that watches, refuses and loses.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod arriving;
mod faults;
mod files;
mod gate;
