//! Signed URLs of the object storage: a signature allows one operation on one path for a limited time, without a token.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use url::form_urlencoded;

use super::Model;
use super::objects::hex;
use crate::limits::DOWNLOAD_LIFE_MS;

/// The path prefix of the storage.
pub(crate) const STORAGE_PREFIX: &str = "/storage/";

/// The operation that a signature allows.
pub(crate) struct SignedOperation<'a> {
    /// `PUT`, `GET` or `POST`.
    pub(crate) method: &'a str,
    /// The path under `/storage/`.
    pub(crate) path: &'a str,
    pub(crate) date_ms: i64,
    pub(crate) life_ms: i64,
}

/// Why a signature is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignatureError {
    Expired,
    Forged,
}

impl SignedOperation<'_> {
    pub(crate) fn sign(&self, secret: &str) -> String {
        let Some(mac) = self.mac(secret) else { return String::new() };
        hex(&mac.finalize().into_bytes())
    }

    pub(crate) fn check(&self, secret: &str, signature: &str, now_ms: i64) -> Result<(), SignatureError> {
        let given: Option<Vec<u8>> =
            (0..signature.len()).step_by(2).map(|at| u8::from_str_radix(signature.get(at..at + 2)?, 16).ok()).collect();
        let genuine = given.zip(self.mac(secret)).is_some_and(|(given, mac)| mac.verify_slice(&given).is_ok());
        match genuine {
            false => Err(SignatureError::Forged),
            true if self.date_ms.saturating_add(self.life_ms) <= now_ms => Err(SignatureError::Expired),
            true => Ok(()),
        }
    }

    fn mac(&self, secret: &str) -> Option<Hmac<Sha256>> {
        // HMAC takes keys of any length; the error of this constructor belongs to other MACs.
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
        mac.update(format!("{}\n{}\n{}\n{}", self.method, self.path, self.date_ms, self.life_ms).as_bytes());
        Some(mac)
    }
}

impl Model {
    /// An operation that is allowed from now on, for the given time unless a fault shortens it.
    pub(crate) fn signed_operation<'a>(&self, method: &'a str, path: &'a str, life_ms: i64) -> SignedOperation<'a> {
        let life_ms = self.signature_life_ms.unwrap_or(life_ms);
        SignedOperation { method, path, date_ms: self.now_ms(), life_ms }
    }

    /// A URL that carries the signature.
    pub(crate) fn signed_url(&self, origin: &str, operation: &SignedOperation<'_>) -> String {
        let SignedOperation { path, date_ms, life_ms, .. } = *operation;
        let signature = operation.sign(&self.config.secret);
        format!("{origin}{STORAGE_PREFIX}{path}?date={date_ms}&life={life_ms}&signature={signature}")
    }

    /// A signed URL to download a content.
    pub(crate) fn content_url(&self, origin: &str, hash: &str, content_type: &str) -> String {
        let path = format!("content/{hash}");
        let url = self.signed_url(origin, &self.signed_operation("GET", &path, DOWNLOAD_LIFE_MS));
        let encoded: String = form_urlencoded::byte_serialize(content_type.as_bytes()).collect();
        format!("{url}&response-content-type={encoded}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_allows_one_operation_until_it_expires() {
        let grant = |method, path| SignedOperation { method, path, date_ms: 1_000, life_ms: 500 };
        let signature = grant("PUT", "parts/u/1").sign("s");
        assert_eq!(grant("PUT", "parts/u/1").check("s", &signature, 1_499), Ok(()));
        assert_eq!(grant("PUT", "parts/u/1").check("s", &signature, 1_500), Err(SignatureError::Expired));
        for (method, path, secret) in [("GET", "parts/u/1", "s"), ("PUT", "parts/u/2", "s"), ("PUT", "parts/u/1", "t")]
        {
            assert_eq!(grant(method, path).check(secret, &signature, 1_100), Err(SignatureError::Forged));
        }
        for broken in ["", "zz", "é", "a"] {
            assert_eq!(grant("PUT", "parts/u/1").check("s", broken, 1_100), Err(SignatureError::Forged), "{broken}");
        }
    }
}
