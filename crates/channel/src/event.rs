//! What happens to an account besides messages.

use std::sync::Arc;

use base::Kind;

/// One step in an account's life, in the order it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An attempt to connect begins.
    Connecting {
        /// Counted since the last connection that worked.
        attempt: u32,
    },
    /// The server accepted the login.
    Connected,
    /// Missed messages are being fetched.
    SyncStarted,
    /// Caught up: what comes now is live.
    Synced,
    /// An attempt failed; another follows unless a terminal event does.
    ConnectFailed(Fault),
    /// A standing connection was lost.
    Disconnected(Fault),
    /// The server refused the token because its time is over.
    TokenExpired(Fault),
    /// The server refused the token for another reason.
    TokenInvalid(Fault),
    /// A new token is in use; when it ends, Unix milliseconds.
    TokenRefreshed {
        /// Unix milliseconds, if known.
        expires_at: Option<i64>,
    },
    /// Another login took this one's place.
    Kicked(Fault),
    /// Messages that were refused too often, put aside: ids only.
    DeadLetter {
        /// The conversation of the message.
        conversation: String,
        /// The id of the message.
        id: String,
    },
    /// What the wire tells of people, groups and messages.
    WireEvent(WireEvent),
    /// The last event of an account.
    Stopped,
}

/// An event in the wire's own terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireEvent {
    /// The name of the event.
    pub name: &'static str,
    /// JSON.
    pub data: String,
    /// Of two events of one name about the same only the newer matters.
    pub about: Option<String>,
}

/// Everything one notification tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireNotice {
    /// The conversation it belongs to.
    pub conversation: Arc<str>,
    /// Its place in the conversation, settled by handing it over; 0 where it has none and is gone when dropped.
    pub seq: i64,
    /// Its author's id, by which its copies are known; may be empty.
    pub id: String,
    /// The events, in order.
    pub events: Vec<WireEvent>,
}

/// The facts of a failure, without anything secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The kind of error.
    pub kind: Kind,
    /// The server's error code, or 0.
    pub err_code: i32,
    /// One sentence with the remedy.
    pub message: String,
}

impl From<&base::Error> for Fault {
    fn from(error: &base::Error) -> Self {
        Self { kind: error.kind(), err_code: error.err_code().unwrap_or_default(), message: error.to_string() }
    }
}
