//! TLS by rustls with `ring`: versions 1.2 and 1.3, names always checked. Trusted roots are those of the system, those of
//! `NODE_EXTRA_CA_CERTS`, which operators of private servers have often set for Node, and those of the account's `ca`. A
//! server that requests a client certificate gets the account's, if there is one.

use std::io;
use std::sync::{Arc, OnceLock, Weak};

use parking_lot::Mutex;
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, version};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tracing::debug;

use crate::Stream;
use crate::certificates::{self, Certificate, ClientCertificate};
use crate::error_text::why;
use crate::limits::TLS_MAX;

/// The TLS settings of an account. Accounts with equal settings share them, so that fifty of them do not hold all roots
/// fifty times.
#[derive(Debug)]
pub(crate) struct Tls(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Trusted roots besides the system's.
    extra: Vec<Certificate>,
    client: Option<ClientCertificate>,
    /// Made when it is first needed: reading the system's roots takes a while.
    config: OnceLock<Arc<ClientConfig>>,
}

impl Tls {
    pub(crate) fn new(extra: Vec<Certificate>, client: Option<ClientCertificate>) -> Self {
        static KNOWN: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());
        let mut known = KNOWN.lock();
        known.retain(|shared| shared.strong_count() > 0);
        let mut alive = known.iter().filter_map(Weak::upgrade);
        if let Some(shared) = alive.find(|shared| shared.extra == extra && shared.client == client) {
            return Self(shared);
        }
        let shared = Arc::new(Shared { extra, client, config: OnceLock::new() });
        known.push(Arc::downgrade(&shared));
        Self(shared)
    }

    /// The configuration for websocket and HTTP alike.
    pub(crate) fn config(&self) -> io::Result<Arc<ClientConfig>> {
        if let Some(config) = self.0.config.get() {
            return Ok(config.clone());
        }
        let built = Arc::new(build(&self.0.extra, self.0.client.as_ref())?);
        Ok(self.0.config.get_or_init(|| built).clone())
    }

    /// Wraps a stream, checking the server's certificate against `host`.
    pub(crate) async fn wrap(&self, stream: Box<dyn Stream>, host: &str) -> io::Result<Box<dyn Stream>> {
        let unnamed = || why(io::ErrorKind::InvalidInput, "its name is none that a certificate can be made out to");
        let name = ServerName::try_from(host.to_owned()).map_err(|_| unnamed())?;
        match timeout(TLS_MAX, TlsConnector::from(self.config()?).connect(name, stream)).await {
            Ok(Ok(stream)) => {
                debug!(host, version = ?stream.get_ref().1.protocol_version(), "TLS is established");
                Ok(Box::new(stream))
            }
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Err(why(
                error.kind(),
                "it hung up during the TLS handshake; if the server speaks no TLS on this port, write ws:// or http://",
            )),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(why(
                io::ErrorKind::TimedOut,
                "the TLS handshake is not answered; check that the port is the server's TLS port and nothing in between holds it up",
            )),
        }
    }
}

fn build(extra: &[Certificate], client: Option<&ClientCertificate>) -> io::Result<ClientConfig> {
    let unavailable = |_| why(io::ErrorKind::Unsupported, "TLS is not available");
    let mut roots = certificates::of_system();
    roots.add_parsable_certificates(extra.iter().cloned());
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])
        .map_err(unavailable)?
        .with_root_certificates(roots);
    match client {
        None => Ok(builder.with_no_client_auth()),
        Some(client) => {
            builder.with_client_auth_cert(client.chain.clone(), client.key.clone_key()).map_err(unavailable)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(name: &str) -> Certificate {
        let key = rcgen::generate_simple_self_signed(vec![name.into()]).unwrap();
        key.cert.der().clone()
    }

    #[test]
    fn accounts_with_equal_settings_share_one_configuration() {
        let (one, other) = (root("one.test"), root("other.test"));
        let tls = [&one, &one, &other].map(|root| Tls::new(vec![root.clone()], None));
        let configs = [0, 1, 2].map(|index: usize| tls[index].config().unwrap());
        assert!(Arc::ptr_eq(&tls[0].0, &tls[1].0) && Arc::ptr_eq(&configs[0], &configs[1]));
        assert!(!Arc::ptr_eq(&tls[0].0, &tls[2].0) && !Arc::ptr_eq(&configs[0], &configs[2]));
    }

    #[test]
    fn accounts_with_different_client_certificates_share_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let client = |name: &str| {
            let made = rcgen::generate_simple_self_signed(vec![name.into()]).unwrap();
            let (cert, key) = (directory.path().join("cert.pem"), directory.path().join("key.pem"));
            std::fs::write(&cert, made.cert.pem()).unwrap();
            std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
            ClientCertificate::read(&cert, &key).unwrap()
        };
        let (bot, other) = (client("bot"), client("other"));
        let tls = [Some(&bot), Some(&bot), Some(&other), None].map(|client| Tls::new(Vec::new(), client.cloned()));
        assert!(Arc::ptr_eq(&tls[0].0, &tls[1].0));
        assert!(!Arc::ptr_eq(&tls[0].0, &tls[2].0) && !Arc::ptr_eq(&tls[0].0, &tls[3].0));
        assert!(!format!("{tls:?}").contains("PrivatePkcs8KeyDer(["), "keys stay out of logs");
    }

    #[test]
    fn settings_are_dropped_with_the_last_account_that_uses_them() {
        let tls = Tls::new(vec![root("dropped.test")], None);
        let shared = Arc::downgrade(&tls.0);
        drop(tls);
        assert_eq!(shared.strong_count(), 0);
    }
}
