//! The numbers of delivery and lifecycle, each with its reason.

use std::time::Duration;

/// Unacknowledged messages per conversation: an agent that is this far behind reads the rest later.
pub const UNACKED_PER_CONVERSATION: usize = 64;
/// ... and per account: what JavaScript may hold at once.
pub const UNACKED_PER_ACCOUNT: usize = 1_024;
/// When a refused message comes again.
pub const REDELIVERY: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(60),
];
/// So many refusals and the message is put aside, or it would come for ever.
pub const REFUSALS_MAX: u32 = 8;

/// Text of one batch. Beyond this a string costs more per message than a further crossing.
pub const BATCH_BYTES: usize = 32 * 1024;
/// Messages of one batch.
pub const BATCH_MESSAGES: usize = 256;
/// Events of one batch; of older ones the oldest go.
pub const EVENTS_MAX: usize = 256;
/// ... and their bytes: one of them may tell of thousands of members.
pub const EVENTS_BYTES: usize = 4 * 1024 * 1024;
/// Gathering begins above this rate ...
pub const GATHER_ABOVE_PER_SECOND: u32 = 1_000;
/// ... and lasts at most this long, the price in latency of eighteen times less CPU.
pub const GATHER: Duration = Duration::from_millis(2);

/// Message ids remembered per account against repeats.
pub const IDS_REMEMBERED: usize = 16_384;

/// The host waits five seconds for a stopped account; a second is left for JavaScript.
pub const STOP_GRACE: Duration = Duration::from_secs(4);
/// An older run of the same login gets this long to end before the newer one gives up.
pub const TAKEOVER_GRACE: Duration = Duration::from_secs(4);
/// A send made while offline waits this long for the connection, then fails as not dispatched.
pub const SEND_WAITS_OFFLINE: Duration = Duration::from_secs(15);
/// The first connection of a start must stand by then for `login` to succeed; the account goes on trying.
pub const LOGIN_MAX: Duration = Duration::from_secs(20);
/// A last error is shown to people: longer ones are cut.
pub const LAST_ERROR_CHARS: usize = 500;

/// Settled message ids remembered per conversation: enough for a message that the server stored twice.
pub const IDS_PER_CONVERSATION: usize = 64;

/// Acknowledgements of this long are written together.
pub const LEDGER_EVERY: Duration = Duration::from_millis(20);
/// A write that failed is tried again after this long; nothing is forgotten meanwhile.
pub const LEDGER_RETRY: Duration = Duration::from_secs(1);
/// An account that ends waits this long for its last write: a disk that hangs must not keep it from ending.
pub const FLUSH_MAX: Duration = Duration::from_secs(3);
/// Conversations whose progress is kept per login; of more, those that changed longest ago are let go.
pub const CONVERSATIONS_KEPT: usize = 50_000;
/// ... and the bytes of their names.
pub const CONVERSATION_NAMES_KEPT: usize = 16 * 1024 * 1024;
/// The ledger's working set is small.
pub const LEDGER_CACHE: usize = 4 * 1024 * 1024;

/// Messages that were sent while the account was away are answered up to this age, ...
pub const OFFLINE_MAX_AGE: Duration = Duration::from_secs(3600);
/// ... and this many per conversation.
pub const OFFLINE_MAX_PER_CONVERSATION: i64 = 200;
/// A connection that was gone for less is a blip: what was sent meanwhile counts as live.
pub const AWAY_AFTER: Duration = Duration::from_secs(60);
/// After a sleep the server has long closed the connection; what its buffers still held is read within this.
pub const RESUMING: Duration = Duration::from_secs(5);

/// Messages put aside that are remembered per login.
pub const DEAD_LETTERS_KEPT: u64 = 1_000;

/// Two attempts at a new token are at least this far apart, whoever asks: an endpoint is never hammered.
pub const REFRESH_FLOOR: Duration = Duration::from_secs(30);
/// After a failed attempt the waits double from the floor to this; within it an endpoint that is back is noticed.
pub const REFRESH_RETRY_CAP: Duration = Duration::from_secs(120);
/// Accounts whose endpoint fails together come back spread over at least this.
pub const REFRESH_RETRY_SPREAD: Duration = Duration::from_secs(3);
/// An endpoint that asks for a longer pause than this is asked again after it.
pub const REFRESH_RETRY_AFTER_MAX: Duration = Duration::from_secs(600);
/// One request for a token, unless the configuration says otherwise ...
pub const REFRESH_TIMEOUT: Duration = Duration::from_secs(15);
/// ... and the most it may say.
pub const REFRESH_TIMEOUT_MAX: Duration = Duration::from_secs(120);
/// An answer with a token in it is small.
pub const REFRESH_ANSWER_MAX: usize = 1024 * 1024;
/// So much of a refusal's body goes into the log.
pub const REFRESH_WORDS: usize = 300;
/// A token longer than this is none.
pub const TOKEN_MAX_BYTES: usize = 16 * 1024;
/// A token is renewed this long before its end at least, ...
pub const REFRESH_LEAD_MIN: Duration = Duration::from_secs(30 * 60);
/// ... and at most; in between it is a quarter of its life.
pub const REFRESH_LEAD_MAX: Duration = Duration::from_secs(2 * 3600);
/// Renewals move by up to this either way, so that accounts made together do not renew together.
pub const REFRESH_JITTER: Duration = Duration::from_secs(5 * 60);
/// How long a token lives that does not say so.
pub const TOKEN_LIFE_ASSUMED: Duration = Duration::from_secs(24 * 3600);
/// Long waits are cut into pieces of this, so that a clock that was set, or a sleep, is noticed.
pub const TOKEN_TICK: Duration = Duration::from_secs(60);
/// A wall clock that differs from the monotonic one, or from the server's, by more than this is worth a line.
pub const CLOCK_SKEW_NOTED: Duration = Duration::from_secs(60);
/// An outage of this length asks for a new token once: perhaps it is the token the server does not answer to.
pub const OUTAGE_REFRESH_AFTER: Duration = Duration::from_secs(600);
/// New sessions after kicks in an hour. Two clients of one identity would otherwise throw each other out for ever.
pub const KICK_SESSIONS_MAX: usize = 3;
/// What an hour is to them.
pub const KICK_WINDOW: Duration = Duration::from_secs(3600);
/// Tokens remembered as kicked; older ones have long been forgotten by the server, too.
pub const DEAD_TOKENS_KEPT: usize = 16;
/// An account that has been without a token for this long asks for a person, and goes on trying.
pub const MARKER_AFTER: Duration = Duration::from_secs(600);
/// A file of tokens larger than this is not one.
pub const TOKEN_FILE_MAX: u64 = 16 * 1024 * 1024;
/// Another process that writes the same file is waited for this long, ...
pub const FILE_LOCK_WAIT: Duration = Duration::from_secs(5);
/// ... asked this often.
pub const FILE_LOCK_EVERY: Duration = Duration::from_millis(10);
/// Another run of the same account that fetches a token is waited for this long: its request and its writes.
pub const REFRESH_TURN_WAIT: Duration = Duration::from_secs(150);
/// ... or this long, to write what an earlier refresh could not: it is tried again a minute later.
pub const SAVE_AGAIN_WAIT: Duration = Duration::from_secs(1);
/// The host takes a new token into its configuration within this, or it is a warning.
pub const ANNOUNCE_MAX: Duration = Duration::from_secs(15);
/// A connection whose token was replaced finishes what it has asked within this.
pub const RETIRE_MAX: Duration = Duration::from_secs(2);

/// Something that goes on is said again to the operator after so long without it.
pub const NOTED_AGAIN_AFTER: Duration = Duration::from_secs(3_600);
