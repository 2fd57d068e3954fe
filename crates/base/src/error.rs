//! The errors of all crates. The kind says what the operator or the caller can do. The message is one plain sentence with
//! the thing and the remedy, and without secrets or texts of users.

use std::fmt;
use std::time::Duration;

use crate::AccountId;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as far as anybody has to act differently on it. `docs/errors.md` lists the remedies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The configuration or an argument is wrong: correct it.
    Config,
    /// A target is not `user:<id>` or `group:<id>`.
    Target,
    /// The server refuses the token for good: issue a new one.
    TokenInvalid,
    /// The token's time is over: refresh it.
    TokenExpired,
    /// Another login took over: stop one of the two.
    Kicked,
    /// The server refuses the operation (black list, mute, not a member).
    Denied,
    /// The server asks to slow down.
    RateLimited,
    /// No connection; the operation did not leave this process.
    Offline,
    /// No answer in time; with `maybe_delivered` the outcome is unknown.
    Timeout,
    /// The caller cancelled it, or stopped the account.
    Cancelled,
    /// A bounded queue is full: wait for earlier operations.
    Backpressure,
    /// Larger than the server takes.
    TooLarge,
    /// An upload failed.
    Upload,
    /// A download failed, or was refused for where it leads.
    Download,
    /// The peer does not speak the protocol.
    Protocol,
    /// The object is closed or was never started.
    Closed,
    /// The same login runs already, here or in another process.
    AlreadyRunning,
    /// The server reports a fault of its own.
    Server,
    /// Friends and the black list are the operator's business: route it through a backend, or allow it.
    FriendsDisabled,
    /// A bug of ours.
    Internal,
}

impl Kind {
    pub const ALL: [Self; 20] = [
        Self::Config,
        Self::Target,
        Self::TokenInvalid,
        Self::TokenExpired,
        Self::Kicked,
        Self::Denied,
        Self::RateLimited,
        Self::Offline,
        Self::Timeout,
        Self::Cancelled,
        Self::Backpressure,
        Self::TooLarge,
        Self::Upload,
        Self::Download,
        Self::Protocol,
        Self::Closed,
        Self::AlreadyRunning,
        Self::Server,
        Self::FriendsDisabled,
        Self::Internal,
    ];

    /// The stable `code` that JavaScript sees.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Config => "OPENIM_CONFIG",
            Self::Target => "OPENIM_TARGET",
            Self::TokenInvalid => "OPENIM_TOKEN_INVALID",
            Self::TokenExpired => "OPENIM_TOKEN_EXPIRED",
            Self::Kicked => "OPENIM_KICKED",
            Self::Denied => "OPENIM_DENIED",
            Self::RateLimited => "OPENIM_RATE_LIMITED",
            Self::Offline => "OPENIM_OFFLINE",
            Self::Timeout => "OPENIM_TIMEOUT",
            Self::Cancelled => "OPENIM_CANCELLED",
            Self::Backpressure => "OPENIM_BACKPRESSURE",
            Self::TooLarge => "OPENIM_TOO_LARGE",
            Self::Upload => "OPENIM_UPLOAD",
            Self::Download => "OPENIM_DOWNLOAD",
            Self::Protocol => "OPENIM_PROTOCOL",
            Self::Closed => "OPENIM_CLOSED",
            Self::AlreadyRunning => "OPENIM_ALREADY_RUNNING",
            Self::Server => "OPENIM_SERVER",
            // The name it had before there was this code base.
            Self::FriendsDisabled => "MULTI_OPENIM_FRIEND_API_DISABLED",
            Self::Internal => "OPENIM_INTERNAL",
        }
    }

    /// Whether the same call may succeed later without anybody changing anything.
    pub const fn retryable(self) -> bool {
        matches!(self, Self::RateLimited | Self::Offline | Self::Timeout | Self::Backpressure | Self::Server)
    }

    /// Whether an account that ends with this error stays down until somebody gives it a new token or corrects its
    /// configuration.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Config | Self::TokenInvalid | Self::TokenExpired | Self::Kicked)
    }

    /// Whether a send that fails with this error may have reached the server. All other errors come before anything is
    /// written.
    pub const fn is_uncertain(self) -> bool {
        matches!(self, Self::Timeout | Self::Cancelled | Self::Closed | Self::Internal | Self::Protocol)
    }
}

/// One failed operation. One word wide, so that results stay cheap to pass on.
#[derive(Debug)]
pub struct Error(Box<Facts>);

#[derive(Debug)]
struct Facts {
    kind: Kind,
    message: String,
    /// The server's own code and name, where a server spoke.
    server: Option<(i32, String)>,
    retry_after: Option<Duration>,
    maybe_delivered: bool,
    op: Option<&'static str>,
    account: Option<AccountId>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Facts {
            kind,
            message: message.into(),
            server: None,
            retry_after: None,
            maybe_delivered: false,
            op: None,
            account: None,
            source: None,
        }))
    }

    #[must_use]
    pub fn server(mut self, err_code: i32, err_msg: impl Into<String>) -> Self {
        self.0.server = Some((err_code, err_msg.into()));
        self
    }

    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    #[must_use]
    pub fn maybe_delivered(mut self) -> Self {
        self.0.maybe_delivered = true;
        self
    }

    #[must_use]
    pub fn op(mut self, op: &'static str) -> Self {
        self.0.op = Some(op);
        self
    }

    #[must_use]
    pub fn account(mut self, account: AccountId) -> Self {
        self.0.account = Some(account);
        self
    }

    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same failure for one more caller, without its source.
    #[must_use]
    pub fn again(&self) -> Self {
        Self(Box::new(Facts {
            kind: self.0.kind,
            message: self.0.message.clone(),
            server: self.0.server.clone(),
            retry_after: self.0.retry_after,
            maybe_delivered: self.0.maybe_delivered,
            op: self.0.op,
            account: self.0.account.clone(),
            source: None,
        }))
    }

    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    pub fn message(&self) -> &str {
        &self.0.message
    }

    pub fn err_code(&self) -> Option<i32> {
        self.0.server.as_ref().map(|(code, _)| *code)
    }

    pub fn err_msg(&self) -> Option<&str> {
        self.0.server.as_ref().map(|(_, name)| name.as_str())
    }

    pub fn wait(&self) -> Option<Duration> {
        self.0.retry_after
    }

    pub fn is_maybe_delivered(&self) -> bool {
        self.0.maybe_delivered
    }

    /// An unknown outcome is never blindly retryable: the same `clientMsgID` has to be looked for first.
    pub fn is_retryable(&self) -> bool {
        self.0.kind.retryable() && !self.0.maybe_delivered
    }

    pub fn operation(&self) -> Option<&'static str> {
        self.0.op
    }

    pub fn account_id(&self) -> Option<&AccountId> {
        self.0.account.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        match &self.0.server {
            Some((code, name)) if name.is_empty() => write!(f, " (errCode {code})"),
            Some((code, name)) => write!(f, " (errCode {code}, {name})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_has_a_code_of_its_own() {
        let codes: HashSet<_> = Kind::ALL.iter().map(|kind| kind.code()).collect();
        assert_eq!(codes.len(), Kind::ALL.len());
        assert!(codes.iter().all(|code| code.contains("OPENIM_")));
    }

    #[test]
    fn the_text_names_the_servers_code() {
        let error = Error::new(Kind::Denied, "the server refused the message").server(1302, "BlockedByPeer");
        assert_eq!(error.to_string(), "the server refused the message (errCode 1302, BlockedByPeer)");
    }

    #[test]
    fn a_failure_told_again_keeps_everything_but_its_source() {
        let error = Error::new(Kind::Kicked, "taken over").server(1506, "TokenKicked").op("login").caused_by("inner");
        let again = error.again();
        assert_eq!((again.to_string(), again.err_code()), (error.to_string(), Some(1506)));
        assert_eq!((again.kind(), again.operation()), (Kind::Kicked, Some("login")));
        assert!(std::error::Error::source(&again).is_none());
    }

    #[test]
    fn an_unknown_outcome_is_not_retryable() {
        assert!(Error::new(Kind::Timeout, "late").is_retryable());
        assert!(!Error::new(Kind::Timeout, "late").maybe_delivered().is_retryable());
    }
}
