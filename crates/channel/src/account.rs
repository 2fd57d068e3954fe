//! One account while it runs: the connection below, the lanes, and the batches above.
//!
//! The wire's side calls [`Sink`] and never waits; the taker's side awaits [`Account::next_batch`] and acknowledges.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use base::{AccountId, Chance, Clock, Error, Kind, Result};
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::dedupe::Dedupe;
use crate::event::Fault;
use crate::gather::Rate;
use crate::lanes::{Lanes, Refused};
use crate::ledger::{Book, DeadLetter, Ledger, LoginLedger, Memory};
use crate::limits::{
    AWAY_AFTER, BATCH_BYTES, BATCH_MESSAGES, EVENTS_MAX, GATHER, IDS_REMEMBERED, LOGIN_MAX, STOP_GRACE,
};
use crate::status::Phase;
use crate::{
    BoxFuture, Delivery, Event, Inbound, Journal, Link, LoginKey, Offer, Outgoing, Past, Receipt, Registry, Sink,
    Status, Transport,
};
use crate::{supervisor, tasks};

/// What an account is made of.
pub struct Spec {
    pub id: AccountId,
    pub transport: Arc<dyn Transport>,
    pub ledger: Arc<Ledger>,
    pub past: Past,
    pub clock: Arc<dyn Clock>,
    pub chance: Arc<dyn Chance>,
}

/// What is handed over at once: messages in order, and what else happened.
#[derive(Debug, Default)]
pub struct Batch {
    pub messages: Vec<Delivery>,
    pub events: Vec<Event>,
    /// Lines for the operator's log.
    pub notes: Vec<String>,
}

impl Batch {
    pub const fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.events.is_empty() && self.notes.is_empty()
    }
}

/// A running account. Dropping it stops it without waiting.
pub struct Account {
    shared: Arc<Shared>,
}

impl Account {
    /// Starts connecting. The account goes on until it is stopped or ends for good.
    pub async fn start(spec: Spec, registry: &Arc<Registry>) -> Result<Self> {
        let shared = Arc::new(Shared::new(spec)?);
        registry.claim(&shared).await?;
        let (run, registry) = (shared.clone(), registry.clone());
        tokio::spawn(async move {
            if let Err(panic) = tasks::caught("the account's supervisor", supervisor::run(&run)).await {
                run.failed(&panic, Event::Stopped);
            }
            run.ledger.flush().await;
            run.end();
            registry.leave(&run);
        });
        Ok(Self { shared })
    }

    pub fn id(&self) -> &AccountId {
        self.shared.id()
    }

    pub fn self_id(&self) -> &str {
        self.shared.transport.self_id()
    }

    pub fn status(&self) -> Status {
        let ledger_fault = self.shared.ledger.fault();
        let state = self.shared.state.lock();
        Status { unacked: state.lanes.unacked(), ledger_fault, ..state.status.clone() }
    }

    /// Waits until the account is online for the first time; the account itself goes on trying after a timeout.
    pub async fn online(&self) -> Result<()> {
        let mut phase = self.shared.phase.subscribe();
        let settled = phase.wait_for(|phase| *phase == Phase::Online || phase.is_terminal());
        match tokio::time::timeout(LOGIN_MAX, settled).await {
            Ok(Ok(phase)) if *phase == Phase::Online => Ok(()),
            Ok(_) => Err(self.shared.terminal_error()),
            Err(_) => Err(self.shared.not_online_error()),
        }
    }

    /// The next batch; none once the account has ended and everything was taken. For one taker at a time.
    pub async fn next_batch(&self) -> Option<Batch> {
        loop {
            match self.shared.poll_batch() {
                Next::Batch(batch) => return Some(batch),
                Next::Gather => tokio::time::sleep(GATHER).await,
                Next::Ended => return None,
                Next::Wait(None) => self.shared.wake.notified().await,
                Next::Wait(Some(wait)) => {
                    let _ = tokio::time::timeout(wait, self.shared.wake.notified()).await;
                }
            }
        }
    }

    /// These deliveries are settled.
    pub fn ack(&self, deliveries: &[u64]) {
        let mut state = self.shared.state.lock();
        let acked: Vec<_> = deliveries.iter().filter_map(|number| state.lanes.ack(*number)).collect();
        state.status.acked += acked.len() as u64;
        self.shared.settle(state, &acked);
    }

    /// These deliveries were refused: they come again, later each time, eight times at most.
    pub fn nack(&self, deliveries: &[u64]) {
        let now = self.shared.now();
        let mut dead = Vec::new();
        let mut state = self.shared.state.lock();
        for number in deliveries {
            let refused = state.lanes.nack(*number, now);
            if refused != Refused::Unknown {
                state.status.refused += 1;
            }
            if let Refused::Dead(message) = refused {
                state.status.dead_letters += 1;
                let (conversation, id) = (message.conversation.to_string(), message.id.clone());
                state.push_event(Event::DeadLetter { conversation, id });
                self.shared.bury(&message);
                dead.push(message);
            }
        }
        self.shared.settle(state, &dead);
        self.shared.wake.notify_one();
    }

    /// Sends a message. It takes its place in the order of its conversation at the call; the future only waits.
    pub fn send(&self, message: Outgoing) -> BoxFuture<'static, Result<Receipt>> {
        let shared = self.shared.clone();
        if shared.phase.borrow().is_terminal() {
            return Box::pin(std::future::ready(Err(shared.terminal_error().op("send"))));
        }
        let sending = shared.transport.send(message);
        Box::pin(async move {
            let sent = sending.await;
            shared.count_send(sent.is_ok());
            sent.map_err(|error| error.account(shared.id.clone()))
        })
    }

    /// Tells the account to stop, without waiting.
    pub fn cancel(&self) {
        self.shared.stop.cancel();
    }

    /// Stops the account and waits for its end, a bounded time.
    pub async fn stop(&self) {
        self.shared.stop.cancel();
        let _ = tokio::time::timeout(STOP_GRACE, self.shared.ended()).await;
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

enum Next {
    Batch(Batch),
    Gather,
    Wait(Option<Duration>),
    Ended,
}

struct State {
    lanes: Lanes,
    ids: Dedupe,
    rate: Rate,
    gathered: bool,
    /// When the connection that stands, or stood last, was accepted.
    online_since: Option<Duration>,
    /// When the last connection that was accepted ended.
    connected_until: Option<Duration>,
    events: VecDeque<Event>,
    notes: VecDeque<String>,
    status: Status,
    /// Something found no room since room was last announced.
    turned_away: bool,
    /// Why it is over for good.
    over: Option<Error>,
    ended: bool,
}

impl State {
    fn push_event(&mut self, event: Event) {
        if self.events.len() == EVENTS_MAX {
            self.events.pop_front();
            self.status.dropped_events += 1;
        }
        self.events.push_back(event);
    }
}

/// What the wire's side, the supervisor and the taker share.
pub(crate) struct Shared {
    id: AccountId,
    login: LoginKey,
    pub(crate) transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    pub(crate) chance: Arc<dyn Chance>,
    origin: Instant,
    stop: CancellationToken,
    phase: watch::Sender<Phase>,
    wake: Notify,
    /// Tells the wire that there is room again.
    room: Arc<Notify>,
    ledger: LoginLedger,
    past: Past,
    ended: CancellationToken,
    state: Mutex<State>,
}

impl Shared {
    fn new(spec: Spec) -> Result<Self> {
        let ledger = spec.ledger.login(&spec.transport.login())?;
        let status = Status::new(spec.id.clone(), spec.transport.self_id().to_owned());
        Ok(Self {
            id: spec.id,
            login: spec.transport.login(),
            transport: spec.transport,
            clock: spec.clock,
            chance: spec.chance,
            origin: Instant::now(),
            stop: CancellationToken::new(),
            phase: watch::Sender::new(Phase::Connecting),
            wake: Notify::new(),
            room: Arc::new(Notify::new()),
            ledger,
            past: spec.past,
            ended: CancellationToken::new(),
            state: Mutex::new(State {
                lanes: Lanes::default(),
                ids: Dedupe::new(IDS_REMEMBERED),
                rate: Rate::default(),
                gathered: false,
                online_since: None,
                connected_until: None,
                events: VecDeque::new(),
                notes: VecDeque::new(),
                status,
                turned_away: false,
                over: None,
                ended: false,
            }),
        })
    }

    /// What the wire gets for its next connection.
    pub(crate) fn link(self: &Arc<Self>) -> Link {
        let (sink, journal) = (self.clone(), self.clone());
        let away = self.state.lock().connected_until.is_none_or(|until| self.now() >= until + AWAY_AFTER);
        Link { sink, journal, past: self.past.clone(), away, room: self.room.clone(), stop: self.stop.child_token() }
    }

    fn bury(&self, message: &Inbound) {
        let (conversation, id, seq) = (message.conversation.clone(), message.id.clone(), message.seq());
        self.ledger.change(|book| book.bury(DeadLetter { conversation, id, seq }));
    }

    /// Writes settled messages into the ledger, and tells the wire about the room they leave.
    fn settle(&self, mut state: parking_lot::MutexGuard<'_, State>, settled: &[Arc<Inbound>]) {
        if settled.is_empty() {
            return;
        }
        // Under the state's lock: a sequence is held or settled at every moment, never neither.
        self.ledger.change(|book| {
            for message in settled {
                book.settle(&message.conversation, message.seq());
                book.remember(&message.conversation, &message.id);
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

    /// When the connection that has just ended was accepted; none where it never was.
    pub(crate) fn take_online_since(&self) -> Option<Duration> {
        self.state.lock().online_since.take()
    }

    pub(crate) fn connecting(&self, attempt: u32) {
        let mut state = self.state.lock();
        state.status.attempt = attempt;
        state.push_event(Event::Connecting { attempt });
        self.enter(state, Phase::Connecting);
    }

    /// The connection, or the attempt at one, is over; another follows.
    pub(crate) fn lost(&self, error: &Error, panicked: bool) {
        let mut state = self.state.lock();
        state.status.panics += u64::from(panicked);
        let was_connected = self.disconnect(&mut state);
        state.status.remember(error);
        let fault = Fault::from(error);
        state.push_event(if was_connected { Event::Disconnected(fault) } else { Event::ConnectFailed(fault) });
        self.enter(state, Phase::Backoff);
    }

    /// The account is over, and why.
    pub(crate) fn failed(&self, error: &Error, event: Event) {
        let mut state = self.state.lock();
        self.disconnect(&mut state);
        state.status.remember(error);
        state.over = Some(error.again());
        if event != Event::Stopped {
            state.push_event(Event::ConnectFailed(Fault::from(error)));
            state.push_event(event);
        }
        self.enter(state, Phase::Failed);
    }

    /// The last word of an account.
    fn end(&self) {
        let mut state = self.state.lock();
        self.disconnect(&mut state);
        state.push_event(Event::Stopped);
        // Nothing follows the last event. What was not handed over is not settled and comes in the next run.
        state.lanes.close();
        state.ended = true;
        let last = if state.status.state == Phase::Failed { Phase::Failed } else { Phase::Stopped };
        self.enter(state, last);
        self.ended.cancel();
    }

    fn disconnect(&self, state: &mut State) -> bool {
        let was_connected = std::mem::replace(&mut state.status.connected, false);
        if was_connected {
            state.status.last_disconnected_at = Some(self.clock.now_ms());
            state.connected_until = Some(self.now());
        }
        was_connected
    }

    /// Publishes a phase, the lock let go before anybody is woken.
    fn enter(&self, mut state: parking_lot::MutexGuard<'_, State>, phase: Phase) {
        state.status.state = phase;
        drop(state);
        self.phase.send_replace(phase);
        self.wake.notify_one();
    }

    fn terminal_error(&self) -> Error {
        let state = self.state.lock();
        let stopped = || Error::new(Kind::Closed, format!("account \"{}\" is stopped; start it again", self.id));
        state.over.as_ref().map_or_else(stopped, Error::again).account(self.id.clone())
    }

    fn not_online_error(&self) -> Error {
        let state = self.state.lock();
        let why = state.status.last_error.as_deref().unwrap_or("the server does not answer; check the addresses");
        Error::new(Kind::Timeout, format!("account \"{}\" is not online yet and goes on trying: {why}", self.id))
            .op("login")
            .account(self.id.clone())
    }

    fn count_send(&self, sent: bool) {
        let now = self.clock.now_ms();
        let mut state = self.state.lock();
        if sent {
            state.status.sent += 1;
            state.status.last_outbound_at = Some(now);
        } else {
            state.status.send_failures += 1;
        }
    }

    fn poll_batch(&self) -> Next {
        let now = self.now();
        let mut state = self.state.lock();
        state.lanes.wake(now);
        let quiet = state.events.is_empty() && state.notes.is_empty();
        if quiet && state.ended {
            return Next::Ended;
        }
        if quiet && !state.lanes.is_ready() {
            return Next::Wait(state.lanes.next_due().map(|due| due.saturating_sub(now)));
        }
        if quiet && !state.gathered && state.rate.is_high(now) && state.lanes.ready_bytes(BATCH_BYTES) < BATCH_BYTES {
            state.gathered = true;
            return Next::Gather;
        }
        state.gathered = false;
        let messages = state.lanes.take(BATCH_MESSAGES, BATCH_BYTES);
        state.status.handed_over += messages.len() as u64;
        Next::Batch(Batch {
            messages,
            events: std::mem::take(&mut state.events).into(),
            notes: std::mem::take(&mut state.notes).into(),
        })
    }
}

impl Shared {
    fn is_repeat(&self, state: &State, message: &Inbound) -> bool {
        let (conversation, seq) = (&*message.conversation, message.seq());
        if state.lanes.holds(conversation, seq) || state.ids.contains(conversation, &message.id) {
            return true;
        }
        self.ledger.read(|book| book.knows(conversation, &message.id))
    }
}

impl Journal for Shared {
    fn memory(&self) -> Memory {
        self.ledger.read(Book::memory)
    }

    fn begin(&self) {
        self.ledger.change(Book::begin);
    }

    fn cursor(&self, conversation: &str) -> Option<i64> {
        self.ledger.read(|book| book.cursor(conversation))
    }

    fn has(&self, conversation: &str, seq: i64) -> bool {
        let state = self.state.lock();
        state.lanes.holds(conversation, seq) || self.ledger.read(|book| book.is_settled(conversation, seq))
    }

    fn room(&self, conversation: &str) -> usize {
        let mut state = self.state.lock();
        let room = state.lanes.room(conversation);
        state.turned_away |= room == 0;
        room
    }

    fn pass(&self, conversation: &Arc<str>, seq: i64) {
        self.ledger.change(|book| book.settle(conversation, seq));
    }

    fn skip_to(&self, conversation: &Arc<str>, seq: i64) {
        self.ledger.change(|book| book.skip_to(conversation, seq));
    }

    fn reset(&self, conversation: &Arc<str>, seq: i64) {
        self.ledger.change(|book| book.reset(conversation, seq));
    }
}

impl Sink for Shared {
    fn connected(&self) {
        let now = self.clock.now_ms();
        let since = self.now();
        let mut state = self.state.lock();
        state.online_since = Some(since);
        let status = &mut state.status;
        status.connected = true;
        status.reconnects += u64::from(status.connects > 0);
        status.connects += 1;
        status.attempt = 0;
        status.last_connected_at = Some(now);
        status.last_transport_activity_at = Some(now);
        status.last_error = None;
        status.last_error_code = None;
        state.push_event(Event::Connected);
        self.enter(state, Phase::Syncing);
    }

    fn sync_started(&self) {
        self.state.lock().push_event(Event::SyncStarted);
        self.wake.notify_one();
    }

    fn synced(&self) {
        let mut state = self.state.lock();
        state.push_event(Event::Synced);
        self.enter(state, Phase::Online);
    }

    fn activity(&self) {
        self.state.lock().status.last_transport_activity_at = Some(self.clock.now_ms());
    }

    fn message(&self, message: Inbound) -> Offer {
        let now = self.now();
        let mut state = self.state.lock();
        state.status.received += 1;
        if self.is_repeat(&state, &message) {
            state.status.duplicates += 1;
            // A second copy under a sequence of its own must not hold the cursor up.
            if !state.lanes.holds(&message.conversation, message.seq()) {
                self.ledger.change(|book| book.settle(&message.conversation, message.seq()));
            }
            return Offer::Duplicate;
        }
        if !self.past.takes(&message, self.clock.now_ms()) {
            state.status.passed_over += 1;
            self.ledger.change(|book| book.settle(&message.conversation, message.seq()));
            return Offer::Taken;
        }
        let (conversation, id) = (message.conversation.clone(), message.id.clone());
        if !state.lanes.offer(message) {
            state.status.overflowed += 1;
            state.turned_away = true;
            return Offer::Full;
        }
        state.ids.insert(&conversation, &id);
        state.rate.count(now);
        state.status.last_inbound_at = Some(self.clock.now_ms());
        drop(state);
        self.wake.notify_one();
        Offer::Taken
    }

    fn note(&self, line: String) {
        let mut state = self.state.lock();
        if state.ended {
            return;
        }
        if state.notes.len() == EVENTS_MAX {
            state.notes.pop_front();
            state.status.dropped_events += 1;
        }
        state.notes.push_back(line);
        drop(state);
        self.wake.notify_one();
    }
}
