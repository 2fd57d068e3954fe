//! The way out against real servers on loopback: TLS with certificates made for the test, proxies that want a password,
//! servers that hang, lie, break off or send without end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod download;
mod guard;
mod own_server;
mod peers;
mod proxy;
mod sources;
mod support;
mod tls;
