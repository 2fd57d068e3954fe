//! The server's numbers, each with its reason. Those of the wire (frame size, read deadline) stand in `openim-core`.

use std::time::Duration;

/// Frames that may wait for one connection; the real gateway closes a connection that would need more.
pub(crate) const WRITE_QUEUE: usize = 256;
/// The gateway pings browsers (platform 5) itself, because they cannot.
pub(crate) const PING_EVERY: Duration = Duration::from_secs(27);
/// An HTTP connection may wait this long for its next request: longer than the pools of the clients keep one, so that no
/// request meets a closing connection.
pub(crate) const IDLE_MAX: Duration = Duration::from_secs(120);
/// After the last frame the other side is read this long, so that unread bytes do not turn the close into a reset that
/// swallows the frame.
pub(crate) const LINGER: Duration = Duration::from_secs(1);
/// A body of a REST call; the largest real one is a few hundred kilobytes.
pub(crate) const BODY_MAX: usize = 4 * 1024 * 1024;
/// Answers from this size on are packed for those who accept it.
pub(crate) const GZIP_FROM: usize = 1024;
/// The pipe of an in-memory connection, about a socket's buffer.
pub(crate) const PIPE: usize = 256 * 1024;
/// Messages kept per conversation; older ones are answered as lost. Enough for every catch-up test and a long demo.
pub(crate) const KEPT_MESSAGES: usize = 100_000;
/// A caller further behind than this gets `full: true`, as from the real server.
pub(crate) const VERSION_CHANGES: usize = 200;
/// With `--data`, changes are written at most so often.
pub(crate) const SAVE_EVERY: Duration = Duration::from_millis(500);
/// A large state is written rarely enough that writing takes at most one part in this many of the time.
pub(crate) const SAVE_SHARE: u32 = 10;
/// Users one connection may watch (2005).
pub(crate) const SUBSCRIPTIONS_MAX: usize = 3_000;
/// Ids in one REST list or one pull; the real server is not asked for more by any client.
pub(crate) const LIST_MAX: usize = 10_000;
/// Requests to the token desk that can be looked at afterwards.
pub(crate) const DESK_REQUESTS_KEPT: usize = 64;
/// A body without a good end is made in pieces of this size.
pub(crate) const HUGE_CHUNK: usize = 64 * 1024;
/// A door that was shut for a time opens again after this at the latest.
pub(crate) const DOOR_MAX: Duration = Duration::from_secs(600);
/// The smallest part of an upload, S3's.
pub(crate) const MIN_PART_SIZE: u64 = 5 * 1024 * 1024;
/// The largest part, S3's.
pub(crate) const PART_MAX: u64 = 5 * 1024 * 1024 * 1024;
/// Parts of one upload, S3's.
pub(crate) const PARTS_MAX: u64 = 10_000;
/// Characters of an object's name, S3's.
pub(crate) const OBJECT_NAME_MAX: usize = 1024;
/// Uploads under way at once; those that nobody completes end by themselves.
pub(crate) const UPLOADS_MAX: usize = 10_000;
/// A signed URL of an upload, and the upload itself: 7 days, the stock value.
pub(crate) const UPLOAD_LIFE_MS: i64 = 7 * 24 * 3600 * 1000;
/// Signatures in headers are dated; S3 and MinIO take them for a quarter of an hour.
pub(crate) const HEADER_SIGNATURE_LIFE_MS: i64 = 15 * 60 * 1000;
/// A signed URL of a content.
pub(crate) const DOWNLOAD_LIFE_MS: i64 = 3600 * 1000;
/// A file sent as a form is held in memory while it comes.
pub(crate) const FORM_MAX: usize = 64 * 1024 * 1024;
/// A content is read from disk in pieces of this size.
pub(crate) const READ_CHUNK: usize = 64 * 1024;
/// A page of a list; larger ones are cut.
pub(crate) const PAGE_MAX: usize = 1_000;
/// Without kicks (policy 0) the server keeps so many tokens per platform.
pub(crate) const TOKENS_PER_PLATFORM: usize = 30;
/// 90 days, the stock life of a token.
pub(crate) const TOKEN_LIFE_S: i64 = 90 * 24 * 3600;
/// `iat` lies a little in the past, so that a slightly slow verifier does not refuse a fresh token.
pub(crate) const TOKEN_BACKDATE_S: i64 = 5;
/// An admin's earlier tokens live on for this long after a new one.
pub(crate) const ADMIN_TOKEN_GRACE_MS: i64 = 5 * 60 * 1000;
