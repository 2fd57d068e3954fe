//! What an OpenIM token says of itself, and the keeper as the source of the tokens of REST calls.

use std::sync::Arc;

use base::{BoxFuture, Error, Kind, Redacted, jwt};
use channel::TokenManager;
use channel::tokens::{Inspect, Reason};

use crate::Login;
use crate::rest::TokenSource;

/// Reads tokens of one user and platform.
#[derive(Debug, Clone)]
pub struct TokenReader {
    user_id: String,
    platform_id: i32,
}

impl TokenReader {
    pub fn of(login: &Login) -> Self {
        Self { user_id: login.user_id.clone(), platform_id: login.platform_id }
    }
}

impl Inspect for TokenReader {
    fn times(&self, token: &str) -> (Option<i64>, Option<i64>) {
        let claims = jwt::claims(token).unwrap_or_default();
        let ms = |seconds: Option<i64>| seconds.and_then(|seconds| seconds.checked_mul(1_000));
        (ms(claims.iat), ms(claims.exp))
    }

    fn check(&self, token: &str, user: Option<&str>) -> Result<(), String> {
        let claims = jwt::claims(token).unwrap_or_default();
        let users = [user, claims.user_id.as_deref().filter(|id| !id.is_empty())];
        if let Some(other) = users.into_iter().flatten().find(|id| *id != self.user_id) {
            return Err(format!("the token is \"{other}\"'s, not \"{}\"'s; it is not used", self.user_id));
        }
        match claims.platform_id.filter(|id| *id != self.platform_id) {
            Some(other) => {
                Err(format!("the token is for platform {other}, not for platform {}; it is not used", self.platform_id))
            }
            None => Ok(()),
        }
    }
}

/// REST calls take their token from the keeper, one by one.
pub struct ManagedTokens(pub Arc<TokenManager>);

impl TokenSource for ManagedTokens {
    fn current(&self) -> Redacted<String> {
        self.0.current()
    }

    fn rejected(&self, token: &Redacted<String>, why: &Error) {
        let reason = match why.kind() {
            Kind::TokenExpired => Reason::Expired,
            Kind::Kicked => Reason::Kicked,
            _ => Reason::Invalid,
        };
        self.0.reported(token, reason, why);
    }

    fn server_time(&self, ms: i64) {
        self.0.server_time(ms);
    }

    fn renewed<'a>(&'a self, token: &'a Redacted<String>) -> BoxFuture<'a, bool> {
        Box::pin(self.0.renewed(token))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn token(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    fn reader() -> TokenReader {
        TokenReader { user_id: "bot_7".into(), platform_id: 5 }
    }

    #[test]
    fn the_times_are_the_claims_in_milliseconds() {
        let times = reader().times(&token(r#"{"UserID":"bot_7","exp":1795261501,"iat":1795175096}"#));
        assert_eq!(times, (Some(1_795_175_096_000), Some(1_795_261_501_000)));
        assert_eq!(reader().times("opaque"), (None, None));
        assert_eq!(reader().times(&token(r#"{"exp":9223372036854775807}"#)), (None, None));
    }

    #[test]
    fn a_token_of_somebody_else_or_for_another_platform_is_refused() {
        let good = token(r#"{"UserID":"bot_7","PlatformID":5}"#);
        assert_eq!(reader().check(&good, Some("bot_7")), Ok(()));
        assert_eq!(reader().check("opaque", None), Ok(()));
        assert!(reader().check(&good, Some("alice")).unwrap_err().contains("\"alice\"'s"));
        assert!(reader().check(&token(r#"{"UserID":"eve"}"#), None).unwrap_err().contains("\"eve\"'s"));
        assert!(reader().check(&token(r#"{"PlatformID":2}"#), None).unwrap_err().contains("platform 2"));
    }
}
