//! Certificates and keys in files: trusted roots, and an account's own certificate.

mod client;
mod roots;

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

pub(crate) use client::ClientCertificate;
pub(crate) use roots::{of_account, of_node, of_system};

use crate::limits::PEM_FILE_MAX;

pub(crate) type Certificate = CertificateDer<'static>;

/// How every certificate and key in binary form begins.
const BINARY_FORM: u8 = 0x30;

fn certificates(pem: &[u8]) -> Vec<Certificate> {
    CertificateDer::pem_slice_iter(pem).flatten().collect()
}

/// Reads an ordinary file, up to a size. A pipe or a device could block the caller.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(PEM_FILE_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}
