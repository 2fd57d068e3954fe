//! Tokens that run out, are refused and are taken over, against the dev server in virtual time: no message lost, none
//! doubled, and the account back as soon as there is a token again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod kicks;
mod refused;
mod renewed;
mod support;
