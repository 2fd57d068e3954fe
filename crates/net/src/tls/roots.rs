//! Where trusted roots come from: the system, `NODE_EXTRA_CA_CERTS`, a file of the account's own.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use base::{Error, Kind, Result};
use parking_lot::Mutex;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::Certificate;
use crate::limits::CA_FILE_MAX;

/// Read once: it is a directory of files on one system and a key chain on another. `SSL_CERT_FILE` and `SSL_CERT_DIR`
/// stand for the system's own.
pub(super) fn of_system() -> RootCertStore {
    static ROOTS: OnceLock<RootCertStore> = OnceLock::new();
    let read = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots
    };
    ROOTS.get_or_init(read).clone()
}

/// As Node does: read once in the life of the process, and a file that cannot be read adds nothing.
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

/// The roots of an account's `ca`. A file that gives none is a mistake somebody has to correct.
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
            // How every certificate in binary form begins.
            Some(0x30) => {
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

fn certificates(pem: &[u8]) -> Vec<Certificate> {
    CertificateDer::pem_slice_iter(pem).flatten().collect()
}

/// Ordinary files of a sane size only: this runs where nobody may wait.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(CA_FILE_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}
