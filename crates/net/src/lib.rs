//! The way out of the process, whatever the wire: TLS, byte streams, HTTP clients. The only room that builds them.

pub mod dial;
pub mod http;
pub mod tls;

pub use dial::{Dialer, Stream, TcpDialer};
