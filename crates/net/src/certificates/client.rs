//! An account's own certificate, which it shows to servers that ask for one.

use std::path::Path;
use std::sync::Arc;

use base::{Error, Kind, Result};
use rustls::InconsistentKeys;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::CertifiedKey;

use super::{BINARY_FORM, Certificate, certificates, read};

/// A certificate, those that lead to its CA, and its key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ClientCertificate {
    pub(crate) chain: Vec<Certificate>,
    pub(crate) key: Arc<PrivateKeyDer<'static>>,
}

impl ClientCertificate {
    /// Reads the files of the options `clientCert` and `clientKey`. Every refusal names the option and the remedy.
    pub(crate) fn read(certificate: &Path, key: &Path) -> Result<Self> {
        let chain = chain(certificate)?;
        let private = private_key(key)?;
        let checked = CertifiedKey::from_der(chain.clone(), private.clone_key(), &ring::default_provider());
        checked.map_err(|error| {
            let why = match error {
                rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                    "holds the key of another certificate than clientCert; name the two files that were made together"
                }
                rustls::Error::InvalidCertificate(_) => {
                    return refuse("clientCert", certificate, "holds a certificate that is damaged; copy it again");
                }
                _ => "holds a key of a kind that TLS does not use; make an RSA or ECDSA key and a certificate for it",
            };
            refuse("clientKey", key, why).caused_by(error)
        })?;
        Ok(Self { chain, key: Arc::new(private) })
    }
}

fn chain(path: &Path) -> Result<Vec<Certificate>> {
    let bytes = bytes("clientCert", path)?;
    let found = certificates(&bytes);
    if found.is_empty() {
        let why = match bytes.first() {
            None => "is empty; put the account's certificate into it, in PEM form",
            Some(&BINARY_FORM) => {
                "is in binary form; convert it: openssl x509 -inform der -in FILE -out FILE.pem, and name the new one"
            }
            Some(_) => "holds no certificate; it must be a PEM file with the line BEGIN CERTIFICATE",
        };
        return Err(refuse("clientCert", path, why));
    }
    Ok(found)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>> {
    let bytes = bytes("clientKey", path)?;
    let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    if has("BEGIN ENCRYPTED PRIVATE KEY") || has("Proc-Type: 4,ENCRYPTED") {
        let why = "is protected by a password; write it without one: openssl pkey -in FILE -out FILE.pem, and name the new one";
        return Err(refuse("clientKey", path, why));
    }
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|error| {
        let why = match bytes.first() {
            None => "is empty; put the key of the account's certificate into it, in PEM form",
            Some(&BINARY_FORM) => {
                "is in binary form; convert it: openssl pkey -inform der -in FILE -out FILE.pem, and name the new one"
            }
            Some(_) => "holds no private key; it must be a PEM file with the line BEGIN PRIVATE KEY",
        };
        refuse("clientKey", path, why).caused_by(error)
    })
}

fn bytes(option: &str, path: &Path) -> Result<Vec<u8>> {
    read(path).map_err(|error| {
        let why = format!("cannot be read ({error}); write the whole path of a PEM file that this process may read");
        refuse(option, path, &why).caused_by(error)
    })
}

fn refuse(option: &str, path: &Path, why: &str) -> Error {
    Error::new(Kind::Config, format!("{option}: {} {why}", path.display()))
}
