//! The way out of the process, whatever the wire: TLS, proxies, byte streams, HTTP clients, downloads of what strangers
//! point at. The only room that builds them. An account has one [`Network`].

mod blocking;
mod dial;
mod download;
mod error_text;
mod guard;
mod host_patterns;
mod http;
pub mod limits;
pub mod names;
mod network;
mod proxy;
mod tls;

pub use base::BoxFuture;
pub use blocking::blocking;
pub use dial::{Dialer, Resolver, Stream, SystemResolver, TcpDialer};
pub use download::{Downloaded, Limits};
pub use error_text::{PROXY_AUTH, http_reason, reason};
pub use host_patterns::{HostPattern, HostPatterns};
pub use http::HttpClient;
pub use network::{Network, Settings};
