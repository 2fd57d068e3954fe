//! HTTP clients: the one place where they are built, so that each has our TLS configuration and our manners.

use base::{Error, Kind, Result};
use rustls::ClientConfig;

use crate::limits::DIAL_MAX;
use crate::proxy::Choice;

/// A client that follows no redirect by itself: where a request goes is decided by who asks.
pub(crate) fn client(tls: &ClientConfig, proxies: &Choice) -> Result<reqwest::Client> {
    let proxies = proxies.clone();
    #[expect(clippy::disallowed_methods, reason = "this is the one file that builds clients")]
    let builder = reqwest::Client::builder();
    builder
        .tls_backend_preconfigured(tls.clone())
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(DIAL_MAX)
        .no_proxy()
        .proxy(reqwest::Proxy::custom(move |url| proxies.pick(url)?.exposed()))
        .build()
        .map_err(|error| Error::new(Kind::Internal, "the HTTP client could not be built").caused_by(error))
}
