//! The numbers of the boundary, each with its reason.

use std::time::Duration;

/// Threads of the runtime: all work between socket and JavaScript is short, one thread must not hold up the other.
pub(crate) const RUNTIME_THREADS: usize = 2;
/// Batches JavaScript may hold without having taken them: one being worked on, one ready.
pub(crate) const BATCHES_OUTSTANDING: usize = 2;
/// The longest time a caller may give a download.
pub(crate) const DOWNLOAD_TIME_MAX: Duration = Duration::from_secs(3_600);
/// Steps of one transfer that JavaScript has not heard of yet; more are left out.
pub(crate) const PROGRESS_OUTSTANDING: usize = 16;
/// Traced lines that wait for JavaScript, per login; of more the oldest are dropped and counted.
pub(crate) const TRACE_LINES: usize = 256;
/// A traced line is there to be read.
pub(crate) const TRACE_LINE_CHARS: usize = 500;
/// Traced lines are gathered this long, so that they cross together.
pub(crate) const TRACE_GATHER: Duration = Duration::from_millis(100);
/// A text longer than this crosses as a string of its own: a slice would keep the whole batch alive.
pub(crate) const LONG_TEXT: usize = 1_024;
/// How long `logout` and `shutdownAll` may take; the host waits five seconds for a stopped account.
pub(crate) const LOGOUT_MAX: Duration = Duration::from_millis(4_900);
/// The shortest and the longest grace `shutdownAll` takes from its caller.
pub(crate) const GRACE_MAX: Duration = Duration::from_secs(60);
/// An argument may be nested this deep and hold this many values: a forward of messages that quote others fits.
pub(crate) const ARGUMENT_DEPTH: usize = 32;
pub(crate) const ARGUMENT_VALUES: usize = 50_000;
/// Delivery numbers in one `ack` or `nack`: more than an account can have outstanding is a mistake.
pub(crate) const DELIVERIES_MAX: usize = 4_096;
/// A ledger's file that another copy of the addon holds is asked for again this often, and this long.
pub(crate) const LEDGER_RETRY_EVERY: Duration = Duration::from_millis(250);
pub(crate) const LEDGER_WAIT: Duration = Duration::from_secs(15);
/// The longest a call of the SDK's may take, with all its requests.
pub(crate) const CALL_MAX: Duration = Duration::from_secs(60);
/// A token refresher of the operator's may take this long; it may have a person to ask.
pub(crate) const HOOK_MAX: Duration = Duration::from_secs(60);
/// Whoever stores a new token, or is told about one, may take this long.
pub(crate) const PERSIST_MAX: Duration = Duration::from_secs(15);
/// A renewal that somebody waits for settles by then; the renewal itself goes on.
pub(crate) const REFRESH_MAX: Duration = Duration::from_secs(180);
