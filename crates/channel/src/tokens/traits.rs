//! What the keeper is given: who fetches a token, who is told about one, and who can read one. All replaceable, so that the
//! rules are tested without a socket.

use std::io;
use std::time::Duration;

use base::{BoxFuture, Redacted};
use serde_json::{Map, Value};

/// Why a new token is wanted, in the words that the hook and the log see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    Expired,
    Invalid,
    Kicked,
    /// No connection for a long time; with the code of the last refusal.
    ConnectFailed(i32),
    /// Its time comes.
    Proactive,
    /// It is near its end before the first connection.
    NearExpiry,
    /// Somebody asks.
    Asked(String),
}

impl Reason {
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

/// What was fetched.
#[derive(Debug, Clone, Default)]
pub struct Fetched {
    pub token: Redacted<String>,
    pub user_id: Option<String>,
    /// What the refresher wants to keep for the next time.
    pub keep: Secrets,
    /// The other side's clock, where it told, in Unix milliseconds.
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

/// Why nothing was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchFailure {
    /// Refused for good: the same request is not made again.
    Permanent(String),
    /// Nobody can be asked.
    Absent,
    /// Whoever was asked has none.
    Nobody(String),
    /// Try again later.
    Transient {
        why: String,
        retry_after: Option<Duration>,
        /// A person should know although it goes on.
        call_person: bool,
    },
}

impl FetchFailure {
    pub fn transient(why: impl Into<String>) -> Self {
        Self::Transient { why: why.into(), retry_after: None, call_person: false }
    }
}

/// Fetches tokens.
pub trait Refresher: Send + Sync {
    /// Tells one request from another without making it: a request that was refused for good is not repeated.
    fn key<'a>(&'a self, _account: &'a str) -> BoxFuture<'a, String> {
        Box::pin(std::future::ready(String::new()))
    }

    fn fetch<'a>(&'a self, account: &'a str, reason: &'a Reason) -> BoxFuture<'a, Result<Fetched, FetchFailure>>;

    /// Writes down what the next request needs. Before the token is used.
    fn keep<'a>(&'a self, _account: &'a str, _fetched: &'a Fetched) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// The new token is in use. Returns what is worth a line.
    fn done<'a>(&'a self, _account: &'a str) -> BoxFuture<'a, Vec<String>> {
        Box::pin(std::future::ready(Vec::new()))
    }
}

/// Is told about a new token before it is used, and puts it where the operator looks for it. A failure is a warning.
pub trait Announce: Send + Sync {
    fn announce<'a>(
        &'a self,
        account: &'a str,
        token: &'a Redacted<String>,
        user: &'a str,
    ) -> BoxFuture<'a, Result<(), String>>;
}

/// Reads tokens of one login, as its wire knows them.
pub trait Inspect: Send + Sync {
    /// When it was issued and when it ends, Unix milliseconds, as far as it says so.
    fn times(&self, token: &str) -> (Option<i64>, Option<i64>);

    /// Whether a token may belong to this login, or why not.
    fn check(&self, token: &str, user: Option<&str>) -> Result<(), String>;
}

/// Knows nothing about tokens.
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
