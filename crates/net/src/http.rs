//! Builds HTTP clients. No other file does, so that each has the account's TLS configuration and proxy.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use base::{Error, Kind, Result};
use parking_lot::Mutex;
use rustls::ClientConfig;

use crate::limits::{DIAL_MAX, IDLE_MAX};
use crate::proxy::Choice;

/// An account's client. Closing it ends it for all holders, with the connections that are kept for later requests.
#[derive(Clone)]
pub struct HttpClient(Arc<Mutex<Option<reqwest::Client>>>);

impl HttpClient {
    pub(crate) fn new(client: reqwest::Client) -> Self {
        Self(Arc::new(Mutex::new(Some(client))))
    }

    /// What makes requests, until it is put away.
    pub fn client(&self) -> Result<reqwest::Client> {
        self.0.lock().clone().ok_or_else(|| Error::new(Kind::Cancelled, "the account has ended"))
    }

    pub(crate) fn close(&self) {
        drop(self.0.lock().take());
    }
}

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

#[cfg(test)]
mod tests {
    use crate::Network;

    #[tokio::test]
    async fn a_client_of_a_closed_network_makes_no_more_requests() {
        let network = Network::new(&crate::Settings::default()).unwrap();
        let held = network.http().unwrap();
        assert!(held.client().is_ok());
        network.close();
        assert_eq!(held.client().unwrap_err().kind(), base::Kind::Cancelled);
        assert!(network.http().unwrap().client().is_err(), "later callers get none either");
    }
}
