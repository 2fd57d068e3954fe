//! The way out against real servers on loopback: TLS with certificates made for the test, proxies that want a password,
//! servers that hang, lie, break off or send without end.

mod download;
mod guard;
mod peers;
mod proxy;
mod support;
mod tls;
