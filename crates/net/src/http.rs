//! HTTP clients: the one place where they are built, so that each has our TLS configuration and our manners.

use std::net::{IpAddr, SocketAddr};

use base::{Error, Kind, Result};
use rustls::ClientConfig;

use crate::limits::{DIAL_MAX, IDLE_MAX};
use crate::proxy::Choice;

/// A client that follows no redirect by itself: where a request goes is decided by who asks.
pub(crate) fn client(tls: &ClientConfig, proxies: &Choice) -> Result<reqwest::Client> {
    built(builder(tls, proxies))
}

/// The same, for a name that leads to these addresses and nowhere else.
pub(crate) fn pinned(tls: &ClientConfig, proxies: &Choice, host: &str, found: &[IpAddr]) -> Result<reqwest::Client> {
    // The port is that of the address that is asked for.
    let found: Vec<_> = found.iter().map(|address| SocketAddr::new(*address, 0)).collect();
    built(builder(tls, proxies).resolve_to_addrs(host, &found))
}

fn builder(tls: &ClientConfig, proxies: &Choice) -> reqwest::ClientBuilder {
    let proxies = proxies.clone();
    #[expect(clippy::disallowed_methods, reason = "this is the one file that builds clients")]
    let builder = reqwest::Client::builder();
    builder
        .tls_backend_preconfigured(tls.clone())
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(DIAL_MAX)
        .pool_idle_timeout(IDLE_MAX)
        .no_proxy()
        .proxy(reqwest::Proxy::custom(move |url| proxies.pick(url)?.exposed()))
}

fn built(builder: reqwest::ClientBuilder) -> Result<reqwest::Client> {
    builder.build().map_err(|error| Error::new(Kind::Internal, "the HTTP client could not be built").caused_by(error))
}
