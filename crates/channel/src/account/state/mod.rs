//! The state of one account: its fields, and every change of its phase and status. A value without I/O; time is an
//! argument. Messages and events enter in `inbound.rs` and leave in `outbound.rs`.

mod inbound;
mod observed;
mod outbound;

use std::collections::VecDeque;
use std::time::Duration;

use base::{AccountId, Error, Kind};

pub use self::outbound::Batch;
pub(crate) use self::outbound::NextBatch;
use crate::batch_delay::Rate;
use crate::dedupe::Dedupe;
use crate::event::{Event, Fault};
use crate::events::Events;
use crate::ledger::LoginLedger;
use crate::limits::{AWAY_AFTER, EVENTS_MAX, IDS_REMEMBERED};
use crate::offline::OfflinePolicy;
use crate::status::{Phase, Status};
use crate::unacked::Unacked;

/// One moment, on both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    /// Monotonic time since the account started.
    pub(crate) elapsed: Duration,
    pub(crate) unix_ms: i64,
    /// How far the server's clock is ahead of this machine's, as far as that is known.
    pub(crate) skew_ms: i64,
}

impl Now {
    /// The server's time.
    pub(crate) const fn server_ms(self) -> i64 {
        self.unix_ms.saturating_add(self.skew_ms)
    }
}

/// A duration in milliseconds, as times of the wall clock are counted.
pub(crate) fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Whether the wall clock says that this was so long ago that an account counts as away.
fn is_long_ago(then_ms: i64, now: Now) -> bool {
    now.unix_ms.saturating_sub(then_ms) >= ms(AWAY_AFTER)
}

/// A step in the life of an account. [`State::apply`] carries it out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Transition<'a> {
    /// An attempt to connect begins. Attempts are counted since the last connection that worked.
    Connecting {
        attempt: u32,
    },
    /// The server accepted the login.
    Connected,
    SyncStarted,
    Synced,
    /// The connection, or the attempt to make one, ended. Another one follows by the schedule.
    Lost {
        error: &'a Error,
        panicked: bool,
    },
    /// The connection made room for one with another token, which follows at once.
    Retired,
    /// The server refused the token. Whether there will be another one is open.
    TokenRefused(&'a Error),
    /// There is still no other token, and why.
    StillWithoutToken(&'a Error),
    /// The account ends for good. `refusal` is the server's refusal that led to it, if there was one.
    Failed {
        error: &'a Error,
        refusal: Option<&'a Error>,
    },
    /// The last step: nothing follows.
    Finished,
}

/// Everything that changes while an account runs.
pub(crate) struct State {
    status: Status,
    ledger: LoginLedger,
    offline_policy: OfflinePolicy,
    unacked: Unacked,
    ids: Dedupe,
    rate: Rate,
    /// The batch that is next was held back already for more messages to come.
    batch_delayed: bool,
    events: Events,
    notes: VecDeque<String>,
    /// When the current or the last connection was accepted.
    online_since: Option<Duration>,
    /// When the last connection that was accepted ended.
    connected_until: Option<Duration>,
    /// When this process went on after it had been suspended while it was connected.
    resumed_at: Option<Duration>,
    /// Something was rejected for lack of room since room was last announced.
    rejected_since_room: bool,
    /// Skipped messages were already reported on this connection.
    skipped_reported: bool,
    /// Why the account ended for good.
    final_error: Option<Error>,
    is_finished: bool,
}

impl State {
    pub(crate) fn new(id: AccountId, self_id: String, ledger: LoginLedger, offline_policy: OfflinePolicy) -> Self {
        Self {
            status: Status::new(id, self_id),
            ledger,
            offline_policy,
            unacked: Unacked::default(),
            ids: Dedupe::new(IDS_REMEMBERED),
            rate: Rate::default(),
            batch_delayed: false,
            events: Events::default(),
            notes: VecDeque::new(),
            online_since: None,
            connected_until: None,
            resumed_at: None,
            rejected_since_room: false,
            skipped_reported: false,
            final_error: None,
            is_finished: false,
        }
    }

    /// Carries out one step and returns the phase it leads to.
    pub(crate) fn apply(&mut self, transition: Transition<'_>, now: Now) -> Phase {
        match transition {
            Transition::Connecting { attempt } => {
                self.status.attempt = attempt;
                self.push_event(Event::Connecting { attempt });
                self.status.state = Phase::Connecting;
            }
            Transition::Connected => self.connected(now),
            Transition::SyncStarted => self.push_event(Event::SyncStarted),
            Transition::Synced => {
                self.push_event(Event::Synced);
                self.status.last_error = None;
                self.status.last_error_code = None;
                self.status.state = Phase::Online;
            }
            Transition::Lost { error, panicked } => {
                self.status.panics += u64::from(panicked);
                self.connection_failed(error, now);
                self.status.state = Phase::Backoff;
            }
            Transition::Retired => {
                self.disconnect(now);
                self.status.state = Phase::Connecting;
            }
            Transition::TokenRefused(error) => {
                self.connection_failed(error, now);
                self.push_event(refusal_event(Fault::from(error)));
                self.status.state = Phase::Recovering;
            }
            Transition::StillWithoutToken(error) => {
                self.status.remember(error);
                self.status.state = Phase::Recovering;
            }
            Transition::Failed { error, refusal } => self.fail(error, refusal, now),
            Transition::Finished => self.finish(now),
        }
        self.status.state
    }

    fn connected(&mut self, now: Now) {
        self.online_since = Some(now.elapsed);
        self.resumed_at = None;
        self.skipped_reported = false;
        let status = &mut self.status;
        status.connected = true;
        status.reconnects += u64::from(status.connects > 0);
        status.connects += 1;
        status.attempt = 0;
        status.last_connected_at = Some(now.unix_ms);
        status.last_transport_activity_at = Some(now.unix_ms);
        status.last_error = None;
        status.last_error_code = None;
        status.state = Phase::Syncing;
        self.push_event(Event::Connected);
    }

    fn connection_failed(&mut self, error: &Error, now: Now) {
        let was_connected = self.disconnect(now);
        self.status.remember(error);
        let fault = Fault::from(error);
        self.push_event(if was_connected { Event::Disconnected(fault) } else { Event::ConnectFailed(fault) });
    }

    fn fail(&mut self, error: &Error, refusal: Option<&Error>, now: Now) {
        self.disconnect(now);
        self.status.remember(error);
        self.final_error = Some(error.again());
        // While the account waited for another token, the refusal was reported already.
        if let Some(refusal) = refusal.filter(|_| self.status.state != Phase::Recovering) {
            self.push_event(Event::ConnectFailed(Fault::from(error)));
            self.push_event(refusal_event(Fault::from(refusal)));
        }
        self.status.state = Phase::Failed;
    }

    fn finish(&mut self, now: Now) {
        self.disconnect(now);
        self.push_event(Event::Stopped);
        // Nothing follows the last event. A message that was not handed over is not settled and comes in the next run.
        self.unacked.close();
        self.is_finished = true;
        if self.status.state != Phase::Failed {
            self.status.state = Phase::Stopped;
        }
    }

    /// Returns whether there was a connection.
    fn disconnect(&mut self, now: Now) -> bool {
        self.notice_suspension(now);
        let was_connected = std::mem::replace(&mut self.status.connected, false);
        if was_connected {
            self.status.last_disconnected_at = Some(now.unix_ms);
            self.connected_until = Some(now.elapsed);
        }
        was_connected
    }

    /// When the connection that has just ended was accepted. `None` if it never was.
    pub(crate) fn take_online_since(&mut self) -> Option<Duration> {
        self.online_since.take()
    }

    /// Whether the account was without a connection for so long that messages sent meanwhile count as offline. Either clock
    /// may say so: the monotonic one stands still while the machine sleeps.
    pub(crate) fn was_away(&self, now: Now) -> bool {
        let Some(until) = self.connected_until else { return true };
        let is_after_suspension = self.resumed_at.is_some_and(|resumed| until.saturating_sub(resumed) < AWAY_AFTER);
        let has_slept = self.status.last_disconnected_at.is_some_and(|last| is_long_ago(last, now));
        now.elapsed >= until + AWAY_AFTER || is_after_suspension || has_slept
    }

    /// Notes that the peer showed a sign of life.
    pub(crate) fn count_activity(&mut self, now: Now) {
        self.notice_suspension(now);
        self.status.last_transport_activity_at = Some(now.unix_ms);
    }

    /// A connection that stands shows a sign of life every few seconds. If the wall clock says that the last one was long
    /// ago, the process was suspended, or the machine slept, or somebody set the clock.
    fn notice_suspension(&mut self, now: Now) {
        let is_silent = self.status.last_transport_activity_at.is_some_and(|last| is_long_ago(last, now));
        if self.status.connected && is_silent {
            self.resumed_at = Some(now.elapsed);
        }
    }

    /// Keeps an error of a connection that stands all the same.
    pub(crate) fn remember_error(&mut self, error: &Error) {
        self.status.remember(error);
    }

    pub(crate) fn count_send(&mut self, was_sent: bool, now: Now) {
        if was_sent {
            self.status.sent += 1;
            self.status.last_outbound_at = Some(now.unix_ms);
        } else {
            self.status.send_failures += 1;
        }
    }

    /// Queues a token's event beside the steps of the connection.
    pub(crate) fn push_event(&mut self, event: Event) {
        self.status.dropped_events += self.events.push(event);
    }

    /// Queues a line for the operator's log. Of too many the oldest go.
    pub(crate) fn push_note(&mut self, line: String) {
        if self.is_finished {
            return;
        }
        if self.notes.len() == EVENTS_MAX {
            self.notes.pop_front();
            self.status.dropped_events += 1;
        }
        self.notes.push_back(line);
    }

    /// A snapshot for people. The caller adds what the ledger and the token manager know.
    pub(crate) fn status(&self) -> Status {
        Status { unacked: self.unacked.unacked(), ..self.status.clone() }
    }

    pub(crate) const fn last_error_code(&self) -> Option<&'static str> {
        self.status.last_error_code
    }

    pub(crate) fn last_error(&self) -> Option<&str> {
        self.status.last_error.as_deref()
    }

    /// Why the account ended for good, if it did.
    pub(crate) fn final_error(&self) -> Option<Error> {
        self.final_error.as_ref().map(Error::again)
    }
}

/// The event that reports a refused token.
pub(crate) const fn refusal_event(fault: Fault) -> Event {
    match fault.kind {
        Kind::Kicked => Event::Kicked(fault),
        Kind::TokenExpired => Event::TokenExpired(fault),
        _ => Event::TokenInvalid(fault),
    }
}

#[cfg(test)]
mod tests;
