//! Refreshes ahead of time. It waits in pieces short enough to notice a clock that was set or a machine that slept.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Map;
use tokio::time::Instant;

use super::{RefreshOutcome, SkipReason, TokenManager};
use crate::limits::{CLOCK_SKEW_NOTED, SAVE_AGAIN_WAIT, TOKEN_TICK};
use crate::tokens::rate_limit::retry_wait;
use crate::tokens::store::TokenRecord;
use crate::tokens::times::ms;
use crate::tokens::traits::Reason;

/// When to try again after a refresh ahead of time has failed.
#[derive(Default)]
struct Retry {
    at: Option<Instant>,
    step: u32,
    /// Never again for this token.
    is_hopeless: bool,
}

impl TokenManager {
    /// Refreshes ahead of time for as long as it is polled. Never ends.
    pub async fn keep(self: &Arc<Self>) -> Infallible {
        let mut swaps = self.swaps.subscribe();
        let mut retry = Retry::default();
        let mut seen = (self.now(), Instant::now());
        loop {
            let wait = self.until_due(&retry).min(TOKEN_TICK);
            tokio::select! {
                biased;
                _ = swaps.changed() => {
                    retry = Retry::default();
                    continue;
                }
                () = tokio::time::sleep(wait) => {}
            }
            self.look_at_clock(&mut seen);
            self.save_again().await;
            if self.until_due(&retry).is_zero() {
                let outcome = self.refresh(Reason::Proactive).await;
                retry.learn(&outcome, self.spec.random.bits());
            }
        }
    }

    fn until_due(&self, retry: &Retry) -> Duration {
        let due = self.state.lock().renew_at.filter(|_| !retry.is_hopeless);
        let Some(due) = due else { return TOKEN_TICK };
        let left = Duration::from_millis(u64::try_from(due - self.now()).unwrap_or_default());
        match retry.at {
            Some(at) => left.max(at.saturating_duration_since(Instant::now())),
            None => left,
        }
    }

    /// The wall clock goes as fast as the monotonic one, unless it was set or the machine slept.
    fn look_at_clock(&self, seen: &mut (i64, Instant)) {
        let (wall, monotonic) = (self.now(), Instant::now());
        let jumped = wall - seen.0 - ms(monotonic.saturating_duration_since(seen.1));
        *seen = (wall, monotonic);
        if jumped.abs() > ms(CLOCK_SKEW_NOTED) {
            let (seconds, way) = (jumped.abs() / 1_000, if jumped > 0 { "forward" } else { "back" });
            // What was known of the server's clock is no longer true.
            self.state.lock().skew_ms = 0;
            self.note(format!("this machine's clock jumped {seconds} s {way}, or the machine slept"));
            self.plan();
        }
    }

    /// Persists a token that could not be persisted before.
    pub(super) async fn save_again(&self) {
        if self.state.lock().unsaved.is_none() {
            return;
        }
        let account = self.spec.account.as_str();
        // A refresh that is under way may write newer fields: these must not land after them. If the turn cannot be had, as
        // on a read-only directory, nothing can be written either.
        let Ok(_turn) = tokio::time::timeout(SAVE_AGAIN_WAIT, self.spec.store.turn(account)).await else { return };
        let unsaved = self.state.lock().unsaved.clone();
        let Some(unsaved) = unsaved else { return };
        if let Some(refresher) = &self.spec.refresher
            && refresher.keep(account, &unsaved).await.is_err()
        {
            return;
        }
        let record = TokenRecord { unsaved_fields: Map::new(), ..self.record(&self.state.lock()) };
        if self.spec.store.save(account, record).await.is_err() {
            return;
        }
        {
            let mut state = self.state.lock();
            state.unsaved = None;
            state.facts.fault = None;
        }
        self.note("what a renewal left unwritten is written down now".into());
    }

    /// Whether a refresh is under way.
    pub fn is_renewing(&self) -> bool {
        self.state.lock().is_renewing()
    }
}

impl Retry {
    fn learn(&mut self, outcome: &RefreshOutcome, bits: u64) {
        let wait = match outcome {
            RefreshOutcome::Success => return *self = Self::default(),
            RefreshOutcome::Permanent(_) | RefreshOutcome::Skipped(SkipReason::Latched | SkipReason::Stopped) => {
                self.is_hopeless = true;
                return;
            }
            RefreshOutcome::Skipped(SkipReason::Floor(wait)) => *wait,
            // Somebody to ask may come later.
            RefreshOutcome::Skipped(SkipReason::Off) => retry_wait(u32::MAX, u64::MAX, None),
            RefreshOutcome::Transient { retry_after, .. } => {
                self.step = self.step.saturating_add(1);
                retry_wait(self.step - 1, bits, *retry_after)
            }
        };
        self.at = Some(Instant::now() + wait);
    }
}
