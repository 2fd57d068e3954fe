//! The seam: one wire behind a trait. A transport makes one connection at a time and reports into a [`Sink`]; when to
//! connect again, what to keep and when to stop is decided above it.

use std::fmt;
use std::sync::Arc;

use base::{BoxFuture, Error, Redacted};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::ledger::History;
use crate::{Inbound, OfflinePolicy, Outgoing, Receipt, WireNotice};

/// One identity on one server. Two live connections of it would kick each other.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LoginKey(Arc<str>);

impl LoginKey {
    pub fn new(server: &str, user: &str, platform: i32) -> Self {
        // The separator occurs in no address, so that no two logins share a key.
        Self(format!("{}\n{user}\n{platform}", server.trim_end_matches('/')).into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LoginKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.replace('\n', " "), f)
    }
}

/// How a connection ended, and so what comes next.
#[derive(Debug)]
pub enum Ending {
    /// The account was stopped.
    Stopped,
    /// It has made room, as it was told to: another follows at once.
    Retired,
    /// Try again by the schedule.
    Lost(Error),
    /// Never again with this token.
    TokenRejected(Error),
    /// Never again with this token: another login took over.
    Kicked(Error),
}

/// What became of a message offered upwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    Taken,
    /// Delivered before.
    Duplicate,
    /// No room: pull it again later, or lose it where the wire keeps nothing.
    Full,
}

/// Where a connection reports. Calls never block and never wait for JavaScript.
pub trait Sink: Send + Sync {
    fn connected(&self);
    fn sync_started(&self);
    fn synced(&self);
    /// Something of the peer's arrived: the connection is alive.
    fn activity(&self);
    fn message(&self, message: Inbound) -> Offer;
    /// Something happened besides messages. What has a sequence is kept until it is handed over.
    fn event(&self, notice: WireNotice) -> Offer;
    /// Something odd, worth one line to the operator; holds no secret.
    fn note(&self, line: String);
}

/// What was settled, as a wire with sequences needs to see it. The wire owns no cursor: it reads here what is missing and
/// says here what it passed over.
pub trait Journal: Send + Sync {
    /// What a conversation without a cursor means.
    fn history(&self) -> History;
    /// The first sync is complete.
    fn begin(&self);
    /// Everything up to here is settled; none for an unknown conversation.
    fn cursor(&self, conversation: &str) -> Option<i64>;
    /// Settled, or handed over and waiting to be.
    fn has(&self, conversation: &str, seq: i64) -> bool;
    /// How many more messages of a conversation would be taken now.
    fn room(&self, conversation: &str) -> usize;
    /// Nothing to deliver is under this sequence.
    fn pass(&self, conversation: &Arc<str>, seq: i64);
    /// Nothing up to here is to be delivered.
    fn skip_to(&self, conversation: &Arc<str>, seq: i64);
    /// The server began anew: its numbers end here.
    fn reset(&self, conversation: &Arc<str>, seq: i64);
}

/// What a transport gets for one connection.
pub struct Link {
    /// The token to log in with.
    pub token: Redacted<String>,
    /// Called when another token is to be used: the connection finishes what it has asked, reads nothing new, and ends.
    pub retire: CancellationToken,
    pub sink: Arc<dyn Sink>,
    pub journal: Arc<dyn Journal>,
    pub offline_policy: OfflinePolicy,
    /// The account was away: what was sent meanwhile is marked as offline and falls under `offline_policy`.
    pub away: bool,
    /// Called when there is room again after an [`Offer::Full`].
    pub room: Arc<Notify>,
    pub stop: CancellationToken,
}

/// One wire.
pub trait Transport: Send + Sync + 'static {
    fn login(&self) -> LoginKey;

    /// The account's own id on the server: what it wrote itself is never input.
    fn self_id(&self) -> &str;

    /// Makes one connection and holds it until it ends. Owns the socket; dropping the future closes it.
    fn connect(&self, link: Link) -> BoxFuture<'_, Ending>;

    /// The account is over: no connection follows, and whoever waits for one is told.
    fn ended(&self);

    /// Sends one message over the connection that stands, waiting a bounded time for one. Settles by its deadline. The
    /// message takes its place in the order of its conversation at the call, not at the first poll.
    fn send(&self, message: Outgoing) -> BoxFuture<'static, Result<Receipt, Error>>;
}
