//! The traits between this crate and a protocol. A [`Transport`] makes one connection at a time and reports into a
//! [`Sink`]. When to connect again, what to keep and when to stop is decided above it.

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
    /// The key of a user on a platform of a server.
    pub fn new(server: &str, user: &str, platform: i32) -> Self {
        // The separator occurs in no address, so that no two logins share a key.
        Self(format!("{}\n{user}\n{platform}", server.trim_end_matches('/')).into())
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LoginKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.replace('\n', " "), f)
    }
}

/// How a connection ended. It decides what comes next.
#[derive(Debug)]
pub enum Ending {
    /// The account was stopped.
    Stopped,
    /// It made room for another one, as it was asked to.
    Retired,
    /// It was lost: another follows by the schedule.
    Lost(Error),
    /// The server refused the token.
    TokenRejected(Error),
    /// Never again with this token: another login took over.
    Kicked(Error),
    /// Never again until a person has changed something: the server is not as the configuration demands.
    Refused(Error),
}

/// What a connection has found out about its server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// Whether the server checks that a message comes from the user it names as its sender.
    SenderVerified(bool),
    /// Another program writes as this account, with the same login.
    SentElsewhere,
    /// The server acknowledged messages of this account and did not store them.
    NotStored {
        /// Their conversation.
        conversation: Arc<str>,
        /// How many.
        count: u64,
    },
}

/// What became of an offered message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// It was taken, or skipped by the offline policy.
    Taken,
    /// Delivered before.
    Duplicate,
    /// There is no room: pull it again later. A protocol that keeps nothing loses it.
    Full,
}

/// Where a connection reports. Calls never block and never wait for JavaScript.
pub trait Sink: Send + Sync {
    /// The server accepted the login.
    fn connected(&self);
    /// Missed messages are being fetched.
    fn sync_started(&self);
    /// Everything missed was fetched.
    fn synced(&self);
    /// Something of the peer's arrived: the connection is alive.
    fn activity(&self);
    /// Offers a received message.
    fn message(&self, message: Inbound) -> Offer;
    /// Something happened besides messages. An event with a sequence is kept until it is handed over.
    fn event(&self, notice: WireNotice) -> Offer;
    /// One line for the operator's log, without secrets.
    fn note(&self, line: String);
    /// Takes what the connection has found out about its server.
    fn observed(&self, observation: Observation);
    /// The connection stands, and something about it fails. The status shows it until the next sync is complete.
    fn troubled(&self, error: &Error);
}

/// The delivery progress, as a protocol with sequences needs it. The protocol owns no cursor: it reads here what is missing
/// and records here what it skipped.
pub trait Journal: Send + Sync {
    /// What a conversation without a cursor means.
    fn history(&self) -> History;
    /// The first sync is complete.
    fn begin(&self);
    /// Everything up to here is settled; none for an unknown conversation.
    fn cursor(&self, conversation: &str) -> Option<i64>;
    /// The run of sequences that holds `seq`, or the nearest one below it, of those that are settled, or handed over and
    /// waiting to be.
    fn run_below(&self, conversation: &str, seq: i64) -> Option<(i64, i64)>;
    /// The newest sequence that was ever handed over; 0 where none was.
    fn delivered(&self, conversation: &str) -> i64;
    /// Whether a message or notice with this id was taken before, as far as is remembered.
    fn knows(&self, conversation: &str, id: &str) -> bool;
    /// The conversations that have a cursor.
    fn conversations(&self) -> Vec<Arc<str>>;
    /// The server's time as far as its clock's difference from this machine's is known, Unix milliseconds.
    fn server_ms(&self) -> i64;
    /// How many more messages of a conversation would be taken now.
    fn room(&self, conversation: &str) -> usize;
    /// Nothing to deliver is under this sequence.
    fn pass(&self, conversation: &Arc<str>, seq: i64);
    /// Nothing from one sequence to the other is to be delivered.
    fn skip(&self, conversation: &Arc<str>, from: i64, to: i64);
    /// The server counts the conversation anew: up to here it is settled, and nothing above.
    fn reset(&self, conversation: &Arc<str>, seq: i64);
}

/// What a transport gets for one connection.
pub struct Link {
    /// The token to log in with.
    pub token: Redacted<String>,
    /// Cancelled when another token is to be used: the connection finishes what it has asked, reads nothing new, and ends.
    pub retire: CancellationToken,
    /// Where the connection reports.
    pub sink: Arc<dyn Sink>,
    /// The delivery progress.
    pub journal: Arc<dyn Journal>,
    /// What happens to messages that were sent while the account was away.
    pub offline_policy: OfflinePolicy,
    /// The account was away: what was sent meanwhile is marked as offline and falls under `offline_policy`.
    pub away: bool,
    /// Notified when there is room again after an [`Offer::Full`].
    pub room: Arc<Notify>,
    /// Cancelled when the account is stopped.
    pub stop: CancellationToken,
}

/// A protocol, for one account.
pub trait Transport: Send + Sync + 'static {
    /// The identity it logs in as.
    fn login(&self) -> LoginKey;

    /// The account's own id on the server: what it wrote itself is never input.
    fn self_id(&self) -> &str;

    /// Makes one connection and holds it until it ends. Owns the socket; dropping the future closes it.
    fn connect(&self, link: Link) -> BoxFuture<'_, Ending>;

    /// Tells the transport that the account has ended: no connection follows, and calls that wait for one fail.
    fn ended(&self);

    /// Sends one message over the connection that stands, waiting a bounded time for one. Settles by its deadline. The
    /// message takes its place in the order of its conversation at the call, not at the first poll.
    fn send(&self, message: Outgoing) -> BoxFuture<'static, Result<Receipt, Error>>;
}
