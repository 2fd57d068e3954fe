//! A server and a network that mean harm: whatever they do, work is bounded, the account stays or ends with a reason, and
//! honest messages still come once each.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod fuzz_bodies;
mod liar;
mod resets;
mod rest;
mod support;
mod tokens;
