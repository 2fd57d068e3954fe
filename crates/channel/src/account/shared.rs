//! What the wire's side, the supervisor and the taker share, and how it changes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use base::{AccountId, Clock, Error, Kind, RandomSource, Result};
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::AccountSpec;
use crate::batch_delay::Rate;
use crate::dedupe::Dedupe;
use crate::events::Events;
use crate::ledger::{DeadLetter, LoginLedger};
use crate::limits::{AWAY_AFTER, EVENTS_MAX, IDS_REMEMBERED};
use crate::status::Phase;
use crate::unacked::Unacked;
use crate::{Event, Inbound, Link, LoginKey, OfflinePolicy, Status, TokenManager, Transport};

pub(super) struct State {
    pub(super) unacked: Unacked,
    pub(super) ids: Dedupe,
    pub(super) rate: Rate,
    pub(super) gathered: bool,
    /// When the connection that stands, or stood last, was accepted.
    pub(super) online_since: Option<Duration>,
    /// When the last connection that was accepted ended.
    pub(super) connected_until: Option<Duration>,
    pub(super) events: Events,
    pub(super) notes: VecDeque<String>,
    pub(super) status: Status,
    /// Something found no room since room was last announced.
    pub(super) turned_away: bool,
    /// Since this connection began, messages were passed over, and it was said.
    pub(super) passing: bool,
    /// Why it is over for good.
    pub(super) over: Option<Error>,
    pub(super) ended: bool,
}

impl State {
    pub(super) fn push_event(&mut self, event: Event) {
        self.status.dropped_events += self.events.push(event);
    }

    pub(super) fn push_note(&mut self, line: String) {
        if self.notes.len() == EVENTS_MAX {
            self.notes.pop_front();
            self.status.dropped_events += 1;
        }
        self.notes.push_back(line);
    }
}

/// What the wire's side, the supervisor and the taker share.
pub(crate) struct Shared {
    pub(super) id: AccountId,
    pub(super) login: LoginKey,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) tokens: Arc<TokenManager>,
    pub(super) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn RandomSource>,
    pub(super) origin: Instant,
    pub(super) stop: CancellationToken,
    pub(super) phase: watch::Sender<Phase>,
    pub(super) wake: Notify,
    /// Tells the wire that there is room again.
    pub(super) room: Arc<Notify>,
    pub(super) ledger: LoginLedger,
    pub(super) offline_policy: OfflinePolicy,
    pub(super) ended: CancellationToken,
    pub(super) state: Mutex<State>,
}

impl Shared {
    pub(super) fn new(spec: AccountSpec) -> Result<Self> {
        let ledger = spec.ledger.login(&spec.transport.login())?;
        let status = Status::new(spec.id.clone(), spec.transport.self_id().to_owned());
        Ok(Self {
            id: spec.id,
            login: spec.transport.login(),
            transport: spec.transport,
            tokens: spec.tokens,
            clock: spec.clock,
            random: spec.random,
            origin: Instant::now(),
            stop: CancellationToken::new(),
            phase: watch::Sender::new(Phase::Connecting),
            wake: Notify::new(),
            room: Arc::new(Notify::new()),
            ledger,
            offline_policy: spec.offline_policy,
            ended: CancellationToken::new(),
            state: Mutex::new(State {
                unacked: Unacked::default(),
                ids: Dedupe::new(IDS_REMEMBERED),
                rate: Rate::default(),
                gathered: false,
                online_since: None,
                connected_until: None,
                events: Events::default(),
                notes: VecDeque::new(),
                status,
                turned_away: false,
                passing: false,
                over: None,
                ended: false,
            }),
        })
    }

    /// What the wire gets for its next connection.
    pub(crate) fn link(self: &Arc<Self>) -> Link {
        let (sink, journal) = (self.clone(), self.clone());
        let away = self.state.lock().connected_until.is_none_or(|until| self.now() >= until + AWAY_AFTER);
        Link {
            token: self.tokens.current(),
            retire: CancellationToken::new(),
            sink,
            journal,
            offline_policy: self.offline_policy.clone(),
            away,
            room: self.room.clone(),
            stop: self.stop.child_token(),
        }
    }

    pub(super) fn add_dead_letter(&self, message: &Inbound) {
        let (conversation, id, seq) = (message.conversation.clone(), message.id.clone(), message.seq());
        self.ledger.change(|progress| progress.add_dead_letter(DeadLetter { conversation, id, seq }));
    }

    /// Writes settled messages into the ledger, and tells the wire about the room they leave.
    pub(super) fn settle(&self, mut state: parking_lot::MutexGuard<'_, State>, settled: &[Arc<Inbound>]) {
        if settled.is_empty() {
            return;
        }
        // Under the state's lock: a sequence is held or settled at every moment, never neither.
        self.ledger.change(|progress| {
            for message in settled {
                progress.settle(&message.conversation, message.seq());
                progress.remember(&message.conversation, &message.id);
            }
        });
        if std::mem::take(&mut state.turned_away) {
            self.room.notify_one();
        }
    }

    pub(crate) const fn id(&self) -> &AccountId {
        &self.id
    }

    pub(crate) const fn login(&self) -> &LoginKey {
        &self.login
    }

    pub(crate) const fn stop_token(&self) -> &CancellationToken {
        &self.stop
    }

    /// Monotonic time since the account began.
    pub(crate) fn now(&self) -> Duration {
        self.origin.elapsed()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.is_cancelled()
    }

    pub(crate) async fn ended(&self) {
        self.ended.cancelled().await;
    }

    pub(super) fn disconnect(&self, state: &mut State) -> bool {
        let was_connected = std::mem::replace(&mut state.status.connected, false);
        if was_connected {
            state.status.last_disconnected_at = Some(self.clock.now_ms());
            state.connected_until = Some(self.now());
        }
        was_connected
    }

    /// Publishes a phase, the lock let go before anybody is woken.
    pub(super) fn enter(&self, mut state: parking_lot::MutexGuard<'_, State>, phase: Phase) {
        state.status.state = phase;
        drop(state);
        self.phase.send_replace(phase);
        self.wake.notify_one();
    }

    pub(super) fn terminal_error(&self) -> Error {
        let state = self.state.lock();
        let stopped = || Error::new(Kind::Closed, format!("account \"{}\" is stopped; start it again", self.id));
        state.over.as_ref().map_or_else(stopped, Error::again).account(self.id.clone())
    }

    pub(super) fn not_online_error(&self) -> Error {
        let state = self.state.lock();
        let why = state.status.last_error.as_deref().unwrap_or("the server does not answer; check the addresses");
        Error::new(Kind::Timeout, format!("account \"{}\" is not online yet and goes on trying: {why}", self.id))
            .op("login")
            .account(self.id.clone())
    }

    pub(super) fn count_send(&self, sent: bool) {
        let now = self.clock.now_ms();
        let mut state = self.state.lock();
        if sent {
            state.status.sent += 1;
            state.status.last_outbound_at = Some(now);
        } else {
            state.status.send_failures += 1;
        }
    }
}
