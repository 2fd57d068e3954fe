//! What the supervisor needs of the account it keeps connected. Narrow, so that the supervisor is tested without one.

use std::time::Duration;

use base::{BoxFuture, Redacted};
use tokio_util::sync::CancellationToken;

use crate::account::state::Transition;
use crate::transport::Ending;

/// An account under supervision.
pub(crate) trait Supervised: Send + Sync {
    /// Monotonic time since the account started.
    fn now(&self) -> Duration;

    /// Makes one connection with `token` and holds it until it ends. Once `retire` is cancelled the connection finishes
    /// what it has asked, and ends.
    fn connect(&self, token: Redacted<String>, retire: CancellationToken) -> BoxFuture<'_, Ending>;

    /// When the connection that has just ended was accepted. `None` if it never was.
    fn take_online_since(&self) -> Option<Duration>;

    /// Carries out a step in the account's life.
    fn apply(&self, transition: Transition<'_>);
}
