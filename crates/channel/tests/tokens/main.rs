//! The token manager: each rule on a fake clock, requests against a real local server, files against kills and full disks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod endpoint;
mod files;
mod http;
mod restore;
mod rules;
mod support;
mod time;
