//! One account while it runs: the connection below, the unacked, and the batches above.
//!
//! The wire's side calls [`Sink`](crate::transport::Sink) and never waits; the taker's side awaits [`Account::next_batch`] and acknowledges.

mod batching;
mod phases;
mod shared;
mod sink;

use std::sync::Arc;

use base::{AccountId, Clock, Error, RandomSource, Result};

use self::batching::Next;
pub(crate) use self::phases::refusal;
pub(crate) use self::shared::Shared;
use crate::ledger::Ledger;
use crate::limits::{GATHER, LOGIN_MAX, STOP_GRACE};
use crate::status::Phase;
use crate::unacked::Refused;
use crate::{BoxFuture, Delivery, Event, OfflinePolicy, Outgoing, Receipt, Registry, Status, TokenManager, Transport};
use crate::{supervisor, tasks};

/// What an account is made of.
pub struct AccountSpec {
    pub id: AccountId,
    pub transport: Arc<dyn Transport>,
    pub tokens: Arc<TokenManager>,
    pub ledger: Arc<Ledger>,
    pub offline_policy: OfflinePolicy,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn RandomSource>,
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
    pub async fn start(spec: AccountSpec, registry: &Arc<Registry>) -> Result<Self> {
        let shared = Arc::new(Shared::new(spec)?);
        registry.claim(&shared).await?;
        shared.hear_of_tokens();
        shared.tokens.begin().await;
        let (run, registry) = (shared.clone(), registry.clone());
        tasks::spawn(async move {
            if let Err(panic) = tasks::caught("the account's supervisor", supervisor::run(&run)).await {
                run.failed(&panic, None);
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
        let tokens = self.shared.tokens.facts();
        let state = self.shared.state.lock();
        Status { unacked: state.unacked.unacked(), ledger_fault, tokens, ..state.status.clone() }
    }

    /// The account's token, and what can be asked about it.
    pub fn tokens(&self) -> &Arc<TokenManager> {
        &self.shared.tokens
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

    /// Why the account has ended, once it has.
    pub fn over(&self) -> Option<Error> {
        self.shared.phase.borrow().is_terminal().then(|| self.shared.terminal_error())
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
        let acked: Vec<_> = deliveries.iter().filter_map(|number| state.unacked.ack(*number)).collect();
        state.status.acked += acked.len() as u64;
        self.shared.settle(state, &acked);
    }

    /// These deliveries were refused: they come again, later each time, eight times at most.
    pub fn nack(&self, deliveries: &[u64]) {
        let now = self.shared.now();
        let mut dead = Vec::new();
        let mut state = self.shared.state.lock();
        for number in deliveries {
            let refused = state.unacked.nack(*number, now);
            if refused != Refused::Unknown {
                state.status.refused += 1;
            }
            if let Refused::Dead(message) = refused {
                state.status.dead_letters += 1;
                let (conversation, id) = (message.conversation.to_string(), message.id.clone());
                state.push_event(Event::DeadLetter { conversation, id });
                self.shared.add_dead_letter(&message);
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
