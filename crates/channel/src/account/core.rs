//! The core of a running account: its state behind a lock, and what wakes the tasks that wait for a change of it.

use std::sync::Arc;
use std::time::Duration;

use base::{AccountId, BoxFuture, Clock, Error, Kind, RandomSource, Redacted, Result};
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::state::{Now, State, Transition, refusal_event};
use crate::event::Event;
use crate::ledger::{Ledger, LoginLedger};
use crate::offline::OfflinePolicy;
use crate::registry::Run;
use crate::status::Phase;
use crate::supervisor::Supervised;
use crate::tokens::{TokenEvent, TokenManager};
use crate::transport::{Ending, Link, Transport};

/// What an account is made of.
pub struct AccountSpec {
    /// The account's name in the configuration.
    pub id: AccountId,
    /// The wire it is connected by.
    pub transport: Arc<dyn Transport>,
    /// The manager of its token.
    pub tokens: Arc<TokenManager>,
    /// Where its delivery progress is kept.
    pub ledger: Arc<Ledger>,
    /// What becomes of messages that were sent while it was away.
    pub offline_policy: OfflinePolicy,
    /// Wall-clock time.
    pub clock: Arc<dyn Clock>,
    /// Random bits for the reconnect schedule.
    pub random: Arc<dyn RandomSource>,
}

pub(crate) struct AccountCore {
    pub(super) run: Arc<Run>,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) tokens: Arc<TokenManager>,
    pub(super) ledger: LoginLedger,
    pub(super) random: Arc<dyn RandomSource>,
    clock: Arc<dyn Clock>,
    offline_policy: OfflinePolicy,
    started: Instant,
    pub(super) state: Mutex<State>,
    pub(super) phase: watch::Sender<Phase>,
    /// There may be a batch to take.
    pub(super) work_available: Notify,
    /// Tells the wire that something it had to keep back would be taken now.
    room_available: Arc<Notify>,
}

impl AccountCore {
    pub(super) fn new(spec: AccountSpec) -> Result<Self> {
        let login = spec.transport.login();
        let ledger = spec.ledger.login(&login)?;
        let self_id = spec.transport.self_id().to_owned();
        let state = State::new(spec.id.clone(), self_id, ledger.clone(), spec.offline_policy.clone());
        Ok(Self {
            run: Arc::new(Run::new(spec.id, login)),
            transport: spec.transport,
            tokens: spec.tokens,
            ledger,
            random: spec.random,
            clock: spec.clock,
            offline_policy: spec.offline_policy,
            started: Instant::now(),
            state: Mutex::new(state),
            phase: watch::Sender::new(Phase::Connecting),
            work_available: Notify::new(),
            room_available: Arc::new(Notify::new()),
        })
    }

    pub(super) fn now(&self) -> Now {
        Now { elapsed: self.started.elapsed(), unix_ms: self.clock.now_ms(), skew_ms: 0 }
    }

    /// The moment with what is known of the server's clock. Not to be called with the lock of the state held.
    pub(super) fn now_with_skew(&self) -> Now {
        Now { skew_ms: self.tokens.clock_skew_ms(), ..self.now() }
    }

    /// Carries out a step and publishes its phase. The lock is released before anybody is woken.
    pub(super) fn apply(&self, transition: Transition<'_>) {
        let (phase, error) = {
            let mut state = self.state.lock();
            (state.apply(transition, self.now()), state.last_error_code())
        };
        if self.phase.send_replace(phase) != phase {
            tracing::debug!(account = %self.run.id, ?phase, error, "the account entered a phase");
        }
        self.work_available.notify_one();
    }

    /// Tells the wire about new room, if it waits for some.
    pub(super) fn announce_room(&self, is_awaited: bool) {
        if is_awaited {
            self.room_available.notify_one();
        }
    }

    pub(super) fn report(&self, event: Event) {
        self.state.lock().push_event(event);
        self.work_available.notify_one();
    }

    pub(super) fn note(&self, line: String) {
        self.state.lock().push_note(line);
        self.work_available.notify_one();
    }

    /// Turns what the token manager reports into events and notes of the account.
    pub(super) fn listen_to_tokens(self: &Arc<Self>) {
        let account = Arc::downgrade(self);
        self.tokens.listen(move |event| {
            let Some(account) = account.upgrade() else { return };
            match event {
                TokenEvent::Note(line) => account.note(line),
                TokenEvent::Refused(fault) => account.report(refusal_event(fault)),
                TokenEvent::Refreshed { expires_at } => account.report(Event::TokenRefreshed { expires_at }),
            }
        });
    }

    /// The last step of an account. Everybody who waits for its end is released.
    pub(super) fn finish(&self) {
        self.apply(Transition::Finished);
        self.tokens.stop();
        self.transport.ended();
        self.run.ended.cancel();
    }

    /// Why the account has ended.
    pub(super) fn closing_error(&self) -> Error {
        let id = &self.run.id;
        let stopped = || Error::new(Kind::Closed, format!("account \"{id}\" is stopped; start it again"));
        self.state.lock().final_error().unwrap_or_else(stopped).account(id.clone())
    }

    pub(super) fn not_online_error(&self) -> Error {
        let id = &self.run.id;
        let state = self.state.lock();
        let why = state.last_error().unwrap_or("the server does not answer; check the addresses");
        Error::new(Kind::Timeout, format!("account \"{id}\" is not online yet and goes on trying: {why}"))
            .op("login")
            .account(id.clone())
    }
}

impl Supervised for Arc<AccountCore> {
    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn connect(&self, token: Redacted<String>, retire: CancellationToken) -> BoxFuture<'_, Ending> {
        let link = Link {
            token,
            retire,
            sink: self.clone(),
            journal: self.clone(),
            offline_policy: self.offline_policy.clone(),
            away: self.state.lock().was_away(AccountCore::now(self)),
            room: self.room_available.clone(),
            stop: self.run.stop.child_token(),
        };
        self.transport.connect(link)
    }

    fn take_online_since(&self) -> Option<Duration> {
        self.state.lock().take_online_since()
    }

    fn apply(&self, transition: Transition<'_>) {
        AccountCore::apply(self, transition);
    }
}
