//! Outgoing connections for every protocol: TLS, proxies, byte streams, HTTP clients, and downloads of files that strangers
//! point to. No other crate makes connections. An account has one [`Network`].

mod certificates;
mod dial;
mod download;
mod error_text;
mod guard;
mod host_patterns;
mod http;
mod http_time;
mod http_upgrade;
pub mod limits;
pub mod names;
mod network;
mod own_server;
pub mod private_file;
mod proxy;
mod slots;
mod tls;

pub use base::BoxFuture;
pub use dial::{Dialer, Dialled, Resolver, Stream, SystemResolver, TcpDialer};
pub use download::{Downloaded, Limits, Origin, download_name, sweep as sweep_downloads};
pub use error_text::{PROXY_AUTH, http_reason, reason, refused_certificate};
pub use host_patterns::{HostPattern, HostPatterns};
pub use http::HttpClient;
pub use http_time::{retry_after, server_time};
pub use http_upgrade::{Accepted, HttpUpgrade, http_upgrade};
pub use network::{MediaSources, Network, Settings};
pub use own_server::OwnServer;
