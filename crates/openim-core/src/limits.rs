//! OpenIM's numbers, each with its reason.

use std::time::Duration;

/// The gateway closes a connection whose websocket message is longer (after JSON and base64, or after gzip).
pub const FRAME_OUT_MAX: usize = 51_200;
/// Pull answers may be large: 8 MiB of RPC answer become about 11.2 MiB of JSON.
pub const FRAME_IN_MAX: usize = 16 * 1024 * 1024;
/// A frame's text after gunzip may be no larger than a plain frame: more is a bomb.
pub const GUNZIP_MAX: usize = FRAME_IN_MAX;

/// The gateway's read deadline, refreshed by any frame of ours.
pub const SERVER_READ_DEADLINE: Duration = Duration::from_secs(30);
/// We speak at least this often: well below the gateway's deadline even when one heartbeat is lost.
pub const HEARTBEAT_EVERY: Duration = Duration::from_secs(10);
/// Nothing at all was received for this long: the connection is dead, whatever TCP says. Two heartbeats unanswered.
pub const SILENCE_MAX: Duration = Duration::from_secs(22);
/// TCP, TLS, upgrade and first frame together.
pub const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// A request without an answer is over.
pub const REQUEST_MAX: Duration = Duration::from_secs(10);
/// Requests that may wait for an answer at once; a server that answers none is found by the deadline, not by memory.
pub const PENDING_MAX: usize = 512;
/// The body of a refused upgrade is a short JSON object.
pub const REFUSAL_BODY_MAX: usize = 16 * 1024;

/// Content that JSON and base64 certainly keep below [`FRAME_OUT_MAX`].
pub const CONTENT_MAX: usize = 36_000;
/// A person's or a group's id; far longer than OpenIM's own, short enough for a key.
pub const ID_MAX: usize = 256;
