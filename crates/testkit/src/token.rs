//! OpenIM's tokens: JWT with HS256. Verification reports the real server's code for each kind of broken token, and checks
//! in the real server's order.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use openim_core::wire::errcode;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::refusal::Refusal;

/// The claims of a token. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The user it was issued to.
    #[serde(rename = "UserID")]
    pub user_id: String,
    /// The platform it was issued for.
    #[serde(rename = "PlatformID")]
    pub platform_id: i32,
    /// The time it expires.
    pub exp: i64,
    /// The time it was issued.
    pub iat: i64,
    /// The time before which it is not valid; current servers leave it out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nbf: Option<i64>,
}

/// A token with these claims, signed with the secret.
pub fn make(secret: &str, claims: &Claims) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    // Strings and numbers only: serialising them cannot fail.
    let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims).unwrap_or_default());
    let signed = format!("{header}.{body}");
    let signature = mac(secret, &signed).map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The claims of a well-signed token that is valid at `now_s`. A token that is both expired and forged is reported as
/// expired, as by the real server.
pub(crate) fn verify(secret: &str, token: &str, now_s: i64) -> Result<Claims, Refusal> {
    let malformed = || Refusal::new(errcode::TOKEN_MALFORMED, "");
    let mut parts = token.split('.');
    let (Some(header), Some(body), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(malformed());
    };
    let alg = decode::<Header>(header).ok_or_else(malformed)?.alg;
    let claims: Claims = decode(body).ok_or_else(malformed)?;
    if claims.exp <= now_s {
        return Err(Refusal::new(errcode::TOKEN_EXPIRED, ""));
    }
    if claims.nbf.is_some_and(|nbf| nbf > now_s) {
        return Err(Refusal::new(errcode::TOKEN_NOT_VALID_YET, ""));
    }
    if alg != "HS256" {
        return Err(Refusal::named(errcode::TOKEN_UNKNOWN, "signing method is invalid"));
    }
    let signed = &token[..header.len() + 1 + body.len()];
    let genuine = URL_SAFE_NO_PAD
        .decode(signature)
        .ok()
        .zip(mac(secret, signed))
        .is_some_and(|(signature, mac)| mac.verify_slice(&signature).is_ok());
    if !genuine {
        return Err(Refusal::named(errcode::TOKEN_UNKNOWN, "signature is invalid"));
    }
    if claims.iat > now_s {
        return Err(Refusal::named(errcode::TOKEN_UNKNOWN, "token used before issued"));
    }
    Ok(claims)
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

fn decode<T: serde::de::DeserializeOwned>(part: &str) -> Option<T> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    let object: serde_json::Map<_, _> = serde_json::from_slice(&bytes).ok()?;
    serde_json::from_value(object.into()).ok()
}

fn mac(secret: &str, signed: &str) -> Option<Hmac<Sha256>> {
    // HMAC takes keys of any length; the error of this constructor belongs to other MACs.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(signed.as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_175_101;

    fn claims() -> Claims {
        Claims { user_id: "bot_7".into(), platform_id: 5, exp: NOW + 86_400, iat: NOW - 5, nbf: None }
    }

    #[test]
    fn a_token_equals_that_of_another_jwt_library() {
        let captured = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJVc2VySUQiOiJib3RfNyIsIlBsYXRmb3JtSUQiOjUsImV4cCI6MTc5NTI2MTUwMSwiaWF0IjoxNzk1MTc1MDk2fQ.kb3_Vu6NLg3Rurqh9K5s5ZQzD3eOMngHX1x9Bgasl5c";
        assert_eq!(make("throwaway-demo-secret", &claims()), captured);
        assert_eq!(verify("throwaway-demo-secret", captured, NOW), Ok(claims()));
    }

    #[test]
    fn case_05_each_broken_token_has_its_code() {
        let code = |token: &str| verify("s", token, NOW).unwrap_err().code;
        for garbage in ["", "garbage", "a.b.c", "e30.W10.x"] {
            assert_eq!(code(garbage), 1503, "{garbage}");
        }
        assert_eq!(code(&make("other", &claims())), 1505);
        assert_eq!(code(&make("s", &Claims { nbf: Some(NOW + 1), ..claims() })), 1504);
        assert_eq!(code(&make("s", &Claims { exp: NOW, ..claims() })), 1501);
        assert_eq!(code(&make("other", &Claims { exp: NOW, ..claims() })), 1501);
        assert_eq!(code(&make("s", &Claims { iat: NOW + 1, ..claims() })), 1505);
        assert_eq!(verify("s", &make("other", &claims()), NOW).unwrap_err().name, "signature is invalid");
    }
}
