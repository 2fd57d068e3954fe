//! TLS for `wss`: rustls with `ring`, the system's roots and those of `NODE_EXTRA_CA_CERTS`, which operators of private
//! servers have set for Node already. One configuration for the whole process.

use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use crate::Stream;

/// Wraps a stream, checking the server's certificate against `host`.
pub async fn wrap(stream: Box<dyn Stream>, host: &str) -> io::Result<Box<dyn Stream>> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| invalid("not a host name TLS can check"))?;
    let tls = TlsConnector::from(config()?).connect(name, stream).await?;
    Ok(Box::new(tls))
}

/// The configuration everything of the process shares.
pub fn config() -> io::Result<Arc<ClientConfig>> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(config.clone());
    }
    let config = Arc::new(build()?);
    Ok(CONFIG.get_or_init(|| config).clone())
}

fn build() -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = std::env::var_os("NODE_EXTRA_CA_CERTS") {
        roots.add_parsable_certificates(extra(Path::new(&path)));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|_| invalid("TLS is not available"))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// As Node does: a file that cannot be read adds nothing.
fn extra(path: &Path) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_file_iter(path).map(|certs| certs.flatten().collect()).unwrap_or_default()
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}
