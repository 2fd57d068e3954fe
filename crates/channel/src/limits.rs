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
/// The ledger's working set is small.
pub const LEDGER_CACHE: usize = 4 * 1024 * 1024;

/// Messages that were sent while the account was away are answered up to this age, ...
pub const OFFLINE_MAX_AGE: Duration = Duration::from_secs(3600);
/// ... and this many per conversation.
pub const OFFLINE_MAX_PER_CONVERSATION: i64 = 200;
/// A connection that was gone for less is a blip: what was sent meanwhile counts as live.
pub const AWAY_AFTER: Duration = Duration::from_secs(60);

/// Messages put aside that are remembered per login.
pub const DEAD_LETTERS_KEPT: u64 = 1_000;
