//! The limits of outgoing connections, each with its reason.

use std::time::Duration;

/// Looking the name up, TCP and what a proxy wants to hear, together.
pub const DIAL_MAX: Duration = Duration::from_secs(8);
/// A TLS handshake takes two round trips; one that takes this long never ends.
pub const TLS_MAX: Duration = Duration::from_secs(8);
/// A connection that waits this long for its next request is given up: servers and what stands before them do so after a
/// minute, and a request that meets that moment has an outcome nobody knows.
pub const IDLE_MAX: Duration = Duration::from_secs(30);
/// A file of certificates larger than this is something else: the roots of a whole system are 300 KB.
pub const PEM_FILE_MAX: u64 = 4 * 1024 * 1024;
/// The head of an answer to a websocket upgrade or a `CONNECT`.
pub const UPGRADE_HEAD_MAX: usize = 16 * 1024;
/// Header lines of it.
pub const UPGRADE_HEADERS_MAX: usize = 64;
/// The body of a refusal has this long to arrive after the head; servers send both at once.
pub const REFUSAL_BODY_TIME: Duration = Duration::from_secs(2);
/// User and password of SOCKS5 have one byte for their length.
pub const SOCKS_FIELD_MAX: usize = 255;
/// Redirects of a download: object storage needs one, a link shortener before it another.
pub const REDIRECTS_MAX: usize = 5;
/// What one address of several has before the next is tried beside it.
pub const HEAD_START: Duration = Duration::from_millis(250);
/// Addresses of one name that are tried.
pub const ADDRESSES_TRIED: usize = 4;
/// One of several addresses has this long to answer.
pub const ADDRESS_MAX: Duration = Duration::from_secs(3);
/// The head of an answer.
pub const ANSWER_HEAD_MAX: usize = 64 * 1024;
/// Downloads of one account at once. The others wait, and their waiting does not count.
pub const DOWNLOADS_AT_ONCE: usize = 8;
/// Downloads of one sender's files at once: one sender leaves places to the others.
pub const DOWNLOADS_OF_SENDER: usize = 2;
/// Downloads of one sender's files that wait: more than a person sends on purpose.
pub const DOWNLOADS_OF_SENDER_WAITING: usize = 32;
/// The connection and the head of an answer have this long: a server that only holds a place is left.
pub const DOWNLOAD_HEAD_TIME: Duration = Duration::from_secs(20);
/// A download brings at least this many bytes ...
pub const LEAST_BYTES: u64 = 10 * 1024;
/// ... in each such time. The slowest mobile networks bring several times as many.
pub const LEAST_TIME: Duration = Duration::from_secs(10);
/// Places of the object storage that are remembered from uploads: a server has one or two.
pub const STORAGE_PLACES_MAX: usize = 8;
/// A partial file nobody has written to for this long belongs to a process that was killed. So does a complete one that
/// nobody has removed.
pub const ABANDONED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
/// A file's name in bytes; file systems take 255, and a prefix comes before it.
pub const FILE_NAME_MAX: usize = 120;
/// A host in an error; names may have 253 characters.
pub const PLACE_SHOWN_MAX: usize = 80;
/// A download that says nothing else.
pub const DOWNLOAD_BYTES: u64 = 100 * 1024 * 1024;
/// ... in this time.
pub const DOWNLOAD_TIME: Duration = Duration::from_secs(120);
