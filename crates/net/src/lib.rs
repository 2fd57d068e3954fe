//! The way out of the process, whatever the wire: TLS, proxies, byte streams, HTTP clients, downloads of what strangers
//! point at. The only room that builds them. An account has one [`Outlet`].

mod blocking;
mod dial;
mod download;
mod guard;
mod http;
pub mod limits;
pub mod names;
mod outlet;
mod places;
mod proxy;
mod tls;
mod why;

pub use base::BoxFuture;
pub use blocking::blocking;
pub use dial::{Dialer, Resolver, Stream, SystemResolver, TcpDialer};
pub use download::{Downloaded, Limits};
pub use http::HttpClient;
pub use outlet::{Outlet, Settings};
pub use places::{Place, Places};
pub use why::{PROXY_AUTH, http_reason, reason};
