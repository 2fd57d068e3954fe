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
