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
use crate::limits::TLS_MAX;
use crate::why::why;

type Certificate = CertificateDer<'static>;

/// What one account trusts. The configuration is made when it is first needed: reading the system's roots takes a while.
#[derive(Debug)]
pub(crate) struct Tls {
    /// Besides the system's.
    extra: Vec<Certificate>,
    config: OnceLock<Arc<ClientConfig>>,
}

impl Tls {
    pub(crate) fn new(extra: Vec<Certificate>) -> Self {
        Self { extra, config: OnceLock::new() }
    }

    /// The configuration for websocket and HTTP alike.
    pub(crate) fn config(&self) -> io::Result<Arc<ClientConfig>> {
        if let Some(config) = self.config.get() {
            return Ok(config.clone());
        }
        let config = shared(&self.extra)?;
        Ok(self.config.get_or_init(|| config).clone())
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

/// One configuration per set of roots, so that fifty accounts of one server do not hold the system's roots fifty times.
fn shared(extra: &[Certificate]) -> io::Result<Arc<ClientConfig>> {
    static CONFIGS: Mutex<Vec<(Vec<Certificate>, Weak<ClientConfig>)>> = Mutex::new(Vec::new());
    let mut configs = CONFIGS.lock();
    configs.retain(|(_, config)| config.strong_count() > 0);
    let known = configs.iter().find(|(roots, _)| roots == extra).and_then(|(_, config)| config.upgrade());
    if let Some(config) = known {
        return Ok(config);
    }
    let config = Arc::new(build(extra)?);
    configs.push((extra.to_vec(), Arc::downgrade(&config)));
    Ok(config)
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
