//! The numbers of this side of the wire, each with its reason.

use std::time::Duration;

/// Name look-up and TCP together; the whole handshake has its own limit above it.
pub const DIAL_MAX: Duration = Duration::from_secs(8);
/// The head of the answer to an upgrade.
pub const RESPONSE_HEAD_MAX: usize = 16 * 1024;
/// Header lines of it.
pub const RESPONSE_HEADERS_MAX: usize = 64;
/// Frames that wait to be written; a server that takes none is given up.
pub const WRITE_QUEUE: usize = 256;
/// A frame must be on its way by then.
pub const WRITE_MAX: Duration = Duration::from_secs(10);
/// Requests that wait to enter the connection: the whole outbox and what the sync asks.
pub const COMMAND_QUEUE: usize = openim_core::limits::OUTBOX_MAX + 64;
/// Transport activity is reported no oftener: it only has to be fresher than half an hour.
pub const ACTIVITY_EVERY: Duration = Duration::from_secs(1);

/// One attempt of a REST call: dialling, the request and the whole answer. A healthy server needs a fraction of it.
pub const REST_ATTEMPT_MAX: Duration = Duration::from_secs(10);
/// A REST call with all its attempts and waits; no further attempt begins when it would not end by then.
pub const REST_CALL_MAX: Duration = Duration::from_secs(30);
/// Attempts of one call.
pub const REST_ATTEMPTS: u32 = 3;
/// The wait before the second attempt; it doubles, half of it random.
pub const REST_BACKOFF: Duration = Duration::from_millis(500);
/// A server that asks for a longer pause gets it from the caller: the call ends and says how long.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(10);
/// An answer, unpacked. The server's own limit for what it takes from a service is 8 MiB, which is 11 as JSON.
pub const REST_ANSWER_MAX: usize = 16 * 1024 * 1024;
/// Calls on their way at once, per account: more would only queue at the server.
pub const REST_AT_ONCE: usize = 16;
/// Calls that wait for one of these places; more is a caller in a loop.
pub const REST_WAITING: usize = 1_024;
/// Words of the server that are shown to people: longer ones are cut.
pub const SERVER_WORDS_MAX: usize = 160;
/// Ids in one request; longer lists become several.
pub const IDS_AT_ONCE: usize = 200;
/// Items of one page: what JavaScript can take in one go without a noticeable pause.
pub const PAGE_ITEMS_MAX: u32 = 1_000;
