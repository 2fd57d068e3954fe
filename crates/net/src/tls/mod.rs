//! TLS: rustls with `ring`, versions 1.2 and 1.3, names always checked. Trusted are the system's roots, those of
//! `NODE_EXTRA_CA_CERTS`, which operators of private servers have set for Node already, and those of the account's `ca`.

mod reason;
mod roots;

use std::io;
use std::sync::{Arc, OnceLock, Weak};

use parking_lot::Mutex;
use rustls::crypto::{CryptoProvider, KeyProvider, ring};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::SigningKey;
use rustls::{ClientConfig, version};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

pub(crate) use reason::reason;
pub(crate) use roots::{of_account, of_node};

use crate::Stream;
use crate::error_text::why;
use crate::limits::TLS_MAX;

type Certificate = CertificateDer<'static>;

/// What an account trusts. Accounts that trust the same share it, so that fifty of them do not hold all roots fifty times.
#[derive(Debug)]
pub(crate) struct Tls(Arc<Trust>);

#[derive(Debug)]
struct Trust {
    /// Besides the system's.
    extra: Vec<Certificate>,
    /// Made when it is first needed: reading the system's roots takes a while.
    config: OnceLock<Arc<ClientConfig>>,
}

impl Tls {
    pub(crate) fn new(extra: Vec<Certificate>) -> Self {
        static KNOWN: Mutex<Vec<Weak<Trust>>> = Mutex::new(Vec::new());
        let mut known = KNOWN.lock();
        known.retain(|trust| trust.strong_count() > 0);
        if let Some(trust) = known.iter().filter_map(Weak::upgrade).find(|trust| trust.extra == extra) {
            return Self(trust);
        }
        let trust = Arc::new(Trust { extra, config: OnceLock::new() });
        known.push(Arc::downgrade(&trust));
        Self(trust)
    }

    /// The configuration for websocket and HTTP alike.
    pub(crate) fn config(&self) -> io::Result<Arc<ClientConfig>> {
        let Trust { extra, config } = &*self.0;
        if let Some(config) = config.get() {
            return Ok(config.clone());
        }
        let built = Arc::new(build(extra)?);
        Ok(config.get_or_init(|| built).clone())
    }

    /// Wraps a stream, checking the server's certificate against `host`.
    pub(crate) async fn wrap(&self, stream: Box<dyn Stream>, host: &str) -> io::Result<Box<dyn Stream>> {
        let unnamed = || why(io::ErrorKind::InvalidInput, "its name is none that a certificate can be made out to");
        let name = ServerName::try_from(host.to_owned()).map_err(|_| unnamed())?;
        match timeout(TLS_MAX, TlsConnector::from(self.config()?).connect(name, stream)).await {
            Ok(Ok(stream)) => Ok(Box::new(stream)),
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

/// No client certificates: nothing here signs, so nothing of what signing takes is in the addon.
#[derive(Debug)]
struct NoKeys;

impl KeyProvider for NoKeys {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General("there are no client certificates".into()))
    }
}

fn build(extra: &[Certificate]) -> io::Result<ClientConfig> {
    let mut roots = roots::of_system();
    roots.add_parsable_certificates(extra.iter().cloned());
    let provider = Arc::new(CryptoProvider { key_provider: &NoKeys, ..ring::default_provider() });
    let builder =
        ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&version::TLS13, &version::TLS12]);
    let builder = builder.map_err(|_| why(io::ErrorKind::Unsupported, "TLS is not available"))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(name: &str) -> Certificate {
        let key = rcgen::generate_simple_self_signed(vec![name.into()]).unwrap();
        key.cert.der().clone()
    }

    #[test]
    fn accounts_that_trust_the_same_share_one_configuration_for_as_long_as_one_of_them_lives() {
        let (one, other) = (root("one.test"), root("other.test"));
        let tls = [&one, &one, &other].map(|root| Tls::new(vec![root.clone()]));
        let configs = [0, 1, 2].map(|index: usize| tls[index].config().unwrap());
        assert!(Arc::ptr_eq(&tls[0].0, &tls[1].0) && Arc::ptr_eq(&configs[0], &configs[1]));
        assert!(!Arc::ptr_eq(&tls[0].0, &tls[2].0) && !Arc::ptr_eq(&configs[0], &configs[2]));

        let trust = Arc::downgrade(&tls[0].0);
        drop(tls);
        assert_eq!(trust.strong_count(), 0, "nothing is held for accounts that have ended");
    }
}
