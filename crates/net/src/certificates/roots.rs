//! Reads trusted roots: of the system, of `NODE_EXTRA_CA_CERTS`, of an account's option `ca`.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use base::{Error, Kind, Result};
use parking_lot::Mutex;
use rustls::RootCertStore;

use super::{BINARY_FORM, Certificate, certificates, read};

/// The system's roots, read once: they are a directory of files on one system and a key chain on another.
/// `SSL_CERT_FILE` and `SSL_CERT_DIR` replace them.
pub(crate) fn of_system() -> RootCertStore {
    static ROOTS: OnceLock<RootCertStore> = OnceLock::new();
    let read = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots
    };
    ROOTS.get_or_init(read).clone()
}

/// The roots of `NODE_EXTRA_CA_CERTS`. As in Node, they are read once, and a file that cannot be read adds nothing.
pub(crate) fn of_node(path: &Path) -> Vec<Certificate> {
    static READ: Mutex<Option<(PathBuf, Vec<Certificate>)>> = Mutex::new(None);
    let mut last = READ.lock();
    match &*last {
        Some((known, found)) if known == path => found.clone(),
        _ => {
            let found = read(path).map(|bytes| certificates(&bytes)).unwrap_or_default();
            last.insert((path.to_owned(), found)).1.clone()
        }
    }
}

/// The roots of an account's `ca`. A file without any is refused.
pub(crate) fn of_account(path: &Path) -> Result<Vec<Certificate>> {
    let refuse = |why: &str| Error::new(Kind::Config, format!("ca: {} {why}", path.display()));
    let bytes = read(path).map_err(|error| {
        refuse(&format!("cannot be read ({error}); write the whole path of a PEM file that this process may read"))
            .caused_by(error)
    })?;
    let found = certificates(&bytes);
    if found.is_empty() {
        return Err(refuse(match bytes.first() {
            None => "is empty; put the certificate of your CA into it, in PEM form",
            Some(&BINARY_FORM) => {
                "is in binary form; convert it: openssl x509 -inform der -in FILE -out FILE.pem, and name the new one"
            }
            Some(_) => "holds no certificate; it must be a PEM file with the line BEGIN CERTIFICATE",
        }));
    }
    let mut roots = RootCertStore::empty();
    for certificate in &found {
        roots.add(certificate.clone()).map_err(|error| {
            refuse("holds a certificate that is damaged; copy the CA's certificate again").caused_by(error)
        })?;
    }
    Ok(found)
}
