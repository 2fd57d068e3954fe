//! HTTP clients: the one place where they are built, so that each has our TLS configuration and our manners.

use std::sync::Arc;

use base::{Error, Kind, Result};
use rustls::ClientConfig;

/// A client that follows no redirect by itself: where a request goes is decided by who asks.
pub fn client(tls: &Arc<ClientConfig>) -> Result<reqwest::Client> {
    #[expect(clippy::disallowed_methods, reason = "this is the one file that builds clients")]
    let builder = reqwest::Client::builder();
    builder
        .tls_backend_preconfigured((**tls).clone())
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(|error| Error::new(Kind::Internal, "the HTTP client could not be built").caused_by(error))
}
