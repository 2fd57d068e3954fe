//! The numbers of the way out, each with its reason.

use std::time::Duration;

/// Looking the name up, TCP and what a proxy wants to hear, together.
pub const DIAL_MAX: Duration = Duration::from_secs(8);
/// A TLS handshake takes two round trips; one that takes this long never ends.
pub const TLS_MAX: Duration = Duration::from_secs(8);
/// A CA file larger than this is something else: the roots of a whole system are 300 KB.
pub const CA_FILE_MAX: u64 = 4 * 1024 * 1024;
/// The head of a proxy's answer.
pub const PROXY_HEAD_MAX: usize = 16 * 1024;
/// Header lines of it.
pub const PROXY_HEADERS_MAX: usize = 64;
/// User and password of SOCKS5 have one byte for their length.
pub const SOCKS_FIELD_MAX: usize = 255;
