//! The traits through which the token manager reaches the outside: fetching, announcing and inspecting tokens. Tests
//! replace them, so that the rules are tested without a socket.

use std::io;
use std::time::Duration;

use base::{BoxFuture, Redacted};
use serde_json::{Map, Value};

/// Why a new token is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The server refused the token because its time is over.
    Expired,
    /// The server refused the token for another reason.
    Invalid,
    /// Another login took over.
    Kicked,
    /// No connection for a long time; with the code of the last refusal.
    ConnectFailed(i32),
    /// It is due to be refreshed.
    Proactive,
    /// It is near its end before the first connection.
    NearExpiry,
    /// Somebody asked for it.
    Asked(String),
}

impl Reason {
    /// The reason as the hook and the log see it.
    pub fn words(&self) -> String {
        match self {
            Self::Expired => "OnUserTokenExpired".into(),
            Self::Invalid => "OnUserTokenInvalid".into(),
            Self::Kicked => "OnKickedOffline".into(),
            Self::ConnectFailed(code) => format!("OnConnectFailed errCode={code}"),
            Self::Proactive => "proactive".into(),
            Self::NearExpiry => "near-expiry".into(),
            Self::Asked(words) => words.clone(),
        }
    }

    /// The token still works: a failure costs nothing yet.
    pub(super) const fn is_early(&self) -> bool {
        matches!(self, Self::Proactive | Self::NearExpiry)
    }

    pub(super) const fn is_asked(&self) -> bool {
        matches!(self, Self::Asked(_))
    }
}

/// A fetched token and what came with it.
#[derive(Debug, Clone, Default)]
pub struct Fetched {
    /// The token.
    pub token: Redacted<String>,
    /// Whose it is, if the answer says so.
    pub user_id: Option<String>,
    /// What the next request needs.
    pub keep: Secrets,
    /// The endpoint's clock in Unix milliseconds, if it was sent.
    pub server_ms: Option<i64>,
}

/// Fields that may hold secrets.
#[derive(Clone, Default, PartialEq)]
pub struct Secrets(pub Map<String, Value>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<redacted {} fields>", self.0.len())
    }
}

/// Why no token was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchFailure {
    /// Refused for good: the same request is not made again.
    Permanent(String),
    /// There is nothing to ask.
    Absent,
    /// The hook was asked and has none.
    Nobody(String),
    /// Try again later.
    Transient {
        /// One sentence.
        why: String,
        /// The wait that the endpoint asked for.
        retry_after: Option<Duration>,
        /// A person should know although it goes on.
        call_person: bool,
    },
}

impl FetchFailure {
    /// A failure that is worth another try.
    pub fn transient(why: impl Into<String>) -> Self {
        Self::Transient { why: why.into(), retry_after: None, call_person: false }
    }
}

/// Fetches tokens.
pub trait Refresher: Send + Sync {
    /// Identifies the request without making it: a request that was refused for good is not repeated.
    fn key<'a>(&'a self, _account: &'a str) -> BoxFuture<'a, String> {
        Box::pin(std::future::ready(String::new()))
    }

    /// Fetches a token.
    fn fetch<'a>(&'a self, account: &'a str, reason: &'a Reason) -> BoxFuture<'a, Result<Fetched, FetchFailure>>;

    /// Persists what the next request needs, before the token is used.
    fn keep<'a>(&'a self, _account: &'a str, _fetched: &'a Fetched) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Cleans up once the new token is in use. Returns lines for the log.
    fn done<'a>(&'a self, _account: &'a str) -> BoxFuture<'a, Vec<String>> {
        Box::pin(std::future::ready(Vec::new()))
    }
}

/// Puts a new token where the operator looks for it, before it is used. A failure is a warning.
pub trait Announce: Send + Sync {
    /// Writes the token down for the operator.
    fn announce<'a>(
        &'a self,
        account: &'a str,
        token: &'a Redacted<String>,
        user: &'a str,
    ) -> BoxFuture<'a, Result<(), String>>;
}

/// Reads the tokens of one login.
pub trait Inspect: Send + Sync {
    /// When it was issued and when it ends, Unix milliseconds, as far as it says so.
    fn times(&self, token: &str) -> (Option<i64>, Option<i64>);

    /// Checks whether a token may belong to this login.
    fn check(&self, token: &str, user: Option<&str>) -> Result<(), String>;
}

/// An inspector that knows nothing about tokens.
#[derive(Debug, Clone, Copy, Default)]
pub struct Opaque;

impl Inspect for Opaque {
    fn times(&self, _: &str) -> (Option<i64>, Option<i64>) {
        (None, None)
    }

    fn check(&self, _: &str, _: Option<&str>) -> Result<(), String> {
        Ok(())
    }
}
