//! Signatures of the storage: whoever holds one may write or read one thing for a while, without a token.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::state::objects::hex;

/// What a signature opens.
pub(crate) struct Grant<'a> {
    /// `PUT`, `GET` or `POST`.
    pub(crate) method: &'a str,
    /// The path under `/storage/`.
    pub(crate) path: &'a str,
    pub(crate) date_ms: i64,
    pub(crate) life_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Expired,
    Forged,
}

impl Grant<'_> {
    pub(crate) fn sign(&self, secret: &str) -> String {
        let Some(mac) = self.mac(secret) else { return String::new() };
        hex(&mac.finalize().into_bytes())
    }

    pub(crate) fn check(&self, secret: &str, signature: &str, now_ms: i64) -> Result<(), Refused> {
        let given: Option<Vec<u8>> =
            (0..signature.len()).step_by(2).map(|at| u8::from_str_radix(signature.get(at..at + 2)?, 16).ok()).collect();
        let genuine = given.zip(self.mac(secret)).is_some_and(|(given, mac)| mac.verify_slice(&given).is_ok());
        match genuine {
            false => Err(Refused::Forged),
            true if self.date_ms.saturating_add(self.life_ms) <= now_ms => Err(Refused::Expired),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_opens_one_thing_for_a_while() {
        let grant = |method, path| Grant { method, path, date_ms: 1_000, life_ms: 500 };
        let signature = grant("PUT", "parts/u/1").sign("s");
        assert_eq!(grant("PUT", "parts/u/1").check("s", &signature, 1_499), Ok(()));
        assert_eq!(grant("PUT", "parts/u/1").check("s", &signature, 1_500), Err(Refused::Expired));
        for (method, path, secret) in [("GET", "parts/u/1", "s"), ("PUT", "parts/u/2", "s"), ("PUT", "parts/u/1", "t")]
        {
            assert_eq!(grant(method, path).check(secret, &signature, 1_100), Err(Refused::Forged));
        }
        for broken in ["", "zz", "é", "a"] {
            assert_eq!(grant("PUT", "parts/u/1").check("s", broken, 1_100), Err(Refused::Forged), "{broken}");
        }
    }
}
