//! Limits that all crates share, each with its reason. The limits of a protocol are in the crate of that protocol.

use std::time::Duration;

/// The first attempt after a loss comes at once, spread over this much so that fifty accounts do not knock together.
pub const RECONNECT_AT_ONCE_SPREAD: Duration = Duration::from_millis(250);
/// ... but only once in this time per account, or a server that accepts and drops would be hammered.
pub const RECONNECT_AT_ONCE_EVERY: Duration = Duration::from_secs(10);
/// First step of the exponential schedule.
pub const RECONNECT_BASE: Duration = Duration::from_secs(1);
/// A short outage is probed often, so that people notice nothing.
pub const RECONNECT_CAP_EARLY: Duration = Duration::from_secs(4);
/// How long an outage counts as short.
pub const RECONNECT_EARLY: Duration = Duration::from_secs(120);
/// A long outage is probed at leisure.
pub const RECONNECT_CAP_LATE: Duration = Duration::from_secs(30);
/// Online this long ends an outage; less is a flapping server and keeps its place in the schedule.
pub const RECONNECT_RESET_AFTER: Duration = Duration::from_secs(30);

/// A JWT larger than this is not one of OpenIM's.
pub const JWT_MAX_BYTES: usize = 16 * 1024;

/// A panic's message is shown to people and cut after so many characters.
pub const PANIC_TEXT_MAX: usize = 200;

/// Packed bytes are unpacked in slices of this: gzip makes at most a thousandfold of it before the size is checked again.
pub const GUNZIP_SLICE: usize = 2 * 1024;
