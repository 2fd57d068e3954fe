//! The server's limits, each with its reason. Those of the wire (frame size, read deadline) are in `openim-core`.

use std::time::Duration;

/// Frames that may wait for one connection; the real gateway closes a connection that would need more.
pub(crate) const WRITE_QUEUE: usize = 256;
/// The gateway pings browsers (platform 5) itself, because they cannot.
pub(crate) const PING_EVERY: Duration = Duration::from_secs(27);
/// An HTTP connection may wait this long for its next request. The connection pools of clients close earlier, so that no
/// request is sent on a closing connection.
pub(crate) const IDLE_MAX: Duration = Duration::from_secs(120);
/// After the last frame the other side is read for this long. Otherwise unread bytes would turn the close into a reset,
/// and the client would lose the frame.
pub(crate) const LINGER: Duration = Duration::from_secs(1);
/// A body of a REST call; the largest real one is a few hundred kilobytes.
pub(crate) const BODY_MAX: usize = 4 * 1024 * 1024;
/// Answers of at least this size are compressed for callers that accept it.
pub(crate) const GZIP_FROM: usize = 1024;
/// The pipe of an in-memory connection, about a socket's buffer.
pub(crate) const PIPE: usize = 256 * 1024;
/// Messages kept per conversation; older ones are answered as lost. Enough for every catch-up test and a long demo.
pub(crate) const KEPT_MESSAGES: usize = 100_000;
/// A caller that missed more changes than this gets `full: true`, as from the real server.
pub(crate) const VERSION_CHANGES: usize = 200;
/// With `--data`, changes are written at most this often.
pub(crate) const SAVE_EVERY: Duration = Duration::from_millis(500);
/// Writing takes at most one part in this many of the time, so large states are written less often.
pub(crate) const SAVE_SHARE: u32 = 10;
/// Batches of accepted messages are stored this often, the stock value.
pub(crate) const STORE_EVERY_MS: u64 = 100;
/// A batch with more messages of one conversation is dropped whole, although they were acknowledged.
pub(crate) const BATCH_MAX: usize = 100;
/// The gateway tells the push service this often who is connected, the stock value.
pub(crate) const ONLINE_EVERY_MS: u64 = 1_000;
/// A message may be blanked by a request of a client for this long after it was counted.
pub(crate) const BLANK_WITHIN_MS: i64 = 300;
/// The cache keeps a placeholder for as long as a message: a day, the stock value.
pub(crate) const BLANK_LIFE_MS: i64 = 24 * 3600 * 1000;
/// Sequences that the real server reserves at once. They are skipped when it forgets how many of them it has used.
pub(crate) const SEQ_BLOCK: u64 = 50;
/// Users one connection may watch (2005).
pub(crate) const SUBSCRIPTIONS_MAX: usize = 3_000;
/// Ids in one REST list or one pull; no client asks for more.
pub(crate) const LIST_MAX: usize = 10_000;
/// Requests in the report of the token endpoint.
pub(crate) const TOKEN_ENDPOINT_REQUESTS_KEPT: usize = 64;
/// A very large body is produced in pieces of this size.
pub(crate) const HUGE_CHUNK: usize = 64 * 1024;
/// The longest time that a port may refuse connections by a control call.
pub(crate) const LISTENER_FAULT_MAX: Duration = Duration::from_secs(600);
/// The smallest part of an upload, S3's.
pub(crate) const MIN_PART_SIZE: u64 = 5 * 1024 * 1024;
/// The largest part, S3's.
pub(crate) const PART_MAX: u64 = 5 * 1024 * 1024 * 1024;
/// Parts of one upload, S3's.
pub(crate) const PARTS_MAX: u64 = 10_000;
/// Characters of an object's name, S3's.
pub(crate) const OBJECT_NAME_MAX: usize = 1024;
/// Unfinished uploads at once; those that nobody completes expire.
pub(crate) const UPLOADS_MAX: usize = 10_000;
/// How long an upload and its signed URL are valid: 7 days, the stock value.
pub(crate) const UPLOAD_LIFE_MS: i64 = 7 * 24 * 3600 * 1000;
/// Signatures in headers are dated; S3 and MinIO take them for a quarter of an hour.
pub(crate) const HEADER_SIGNATURE_LIFE_MS: i64 = 15 * 60 * 1000;
/// How long a signed URL for downloading is valid.
pub(crate) const DOWNLOAD_LIFE_MS: i64 = 3600 * 1000;
/// A file sent as a form is held in memory while it arrives.
pub(crate) const FORM_MAX: usize = 64 * 1024 * 1024;
/// A stored file is read from disk in pieces of this size.
pub(crate) const READ_CHUNK: usize = 64 * 1024;
/// A page of a list; larger ones are cut.
pub(crate) const PAGE_MAX: usize = 1_000;
/// Under policy 0, which never kicks, the server keeps this many tokens per platform.
pub(crate) const TOKENS_PER_PLATFORM: usize = 30;
/// How long a token is valid: 90 days, the stock value.
pub(crate) const TOKEN_LIFE_S: i64 = 90 * 24 * 3600;
/// `iat` lies a little in the past, so that a slightly slow verifier does not refuse a fresh token.
pub(crate) const TOKEN_BACKDATE_S: i64 = 5;
/// An admin's earlier tokens stay valid for this long after a new one.
pub(crate) const ADMIN_TOKEN_GRACE_MS: i64 = 5 * 60 * 1000;
