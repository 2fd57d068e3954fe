//! Reads the claims of an OpenIM token without verifying it: the server does that. The client only needs to know the user
//! and the times.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use serde::Deserialize;

use crate::limits::JWT_MAX_BYTES;

/// The claims OpenIM puts into a token. All optional: an operator's token may come from anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Claims {
    #[serde(rename = "UserID", default)]
    pub user_id: Option<String>,
    #[serde(rename = "PlatformID", default)]
    pub platform_id: Option<i32>,
    /// Unix seconds.
    #[serde(default)]
    pub exp: Option<i64>,
    /// Unix seconds.
    #[serde(default)]
    pub iat: Option<i64>,
}

/// The claims of `token`, or none where it is not a JWT with a JSON object in the middle.
pub fn claims(token: &str) -> Option<Claims> {
    if token.len() > JWT_MAX_BYTES {
        return None;
    }
    let mut parts = token.split('.');
    let (_header, body, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(body).or_else(|_| URL_SAFE.decode(body)).ok()?;
    // By way of an object: serde would read the fields of a struct from a bare list, too.
    let object: serde_json::Map<_, _> = serde_json::from_slice(&bytes).ok()?;
    serde_json::from_value(object.into()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(body: &str) -> String {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(body))
    }

    #[test]
    fn the_claims_of_a_token_are_read() {
        let read = claims(&token(r#"{"UserID":"bot_7","PlatformID":5,"exp":1795261501,"iat":1795175096}"#)).unwrap();
        assert_eq!(read.user_id.as_deref(), Some("bot_7"));
        assert_eq!((read.platform_id, read.exp, read.iat), (Some(5), Some(1_795_261_501), Some(1_795_175_096)));
    }

    #[test]
    fn what_is_not_a_jwt_has_no_claims() {
        for broken in ["", "abc", "a.b", "a.b.c.d", "a.!!!.c", &token("[]"), &token("null"), &"x".repeat(20_000)] {
            assert_eq!(claims(broken), None, "{broken:.40}");
        }
    }
}
