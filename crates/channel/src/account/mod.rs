//! One running account: a connection kept by the supervisor below, batches for the host above. The wire's side reports
//! into a [`Sink`](crate::transport::Sink) and never waits; the host's side awaits [`Account::next_batch`] and acknowledges.
//!
//! `state/` holds every field that changes and every change; `core.rs` puts it behind a lock; `sink.rs` is the wire's
//! side; this file is the host's side.

mod core;
mod sink;
pub(crate) mod state;

use std::sync::Arc;

use base::{AccountId, BoxFuture, Error, Result};

use self::core::AccountCore;
pub use self::core::AccountSpec;
pub use self::state::Batch;
use self::state::{NextBatch, Transition};
use crate::limits::{GATHER, LOGIN_MAX, STOP_GRACE};
use crate::message::{Outgoing, Receipt};
use crate::registry::Registry;
use crate::status::{Phase, Status};
use crate::supervisor::Supervisor;
use crate::tasks;
use crate::tokens::TokenManager;

/// A running account. Dropping it stops it without waiting.
pub struct Account {
    core: Arc<AccountCore>,
}

impl Account {
    /// Starts connecting. The account goes on until it is stopped or ends for good.
    ///
    /// # Errors
    ///
    /// If another account has the same login, if an older run does not end, or if the ledger cannot be read.
    pub async fn start(spec: AccountSpec, registry: &Arc<Registry>) -> Result<Self> {
        let core = Arc::new(AccountCore::new(spec)?);
        registry.claim(&core.run).await?;
        core.listen_to_tokens();
        core.tokens.begin().await;
        tasks::spawn(supervise(core.clone(), registry.clone()));
        Ok(Self { core })
    }

    /// The account's name in the configuration.
    pub fn id(&self) -> &AccountId {
        &self.core.run.id
    }

    /// The account's own id on the server.
    pub fn self_id(&self) -> &str {
        self.core.transport.self_id()
    }

    /// A snapshot of everything that is known about the account.
    pub fn status(&self) -> Status {
        let ledger_fault = self.core.ledger.fault();
        let tokens = self.core.tokens.facts();
        Status { ledger_fault, tokens, ..self.core.state.lock().status() }
    }

    /// The manager of the account's token.
    pub fn tokens(&self) -> &Arc<TokenManager> {
        &self.core.tokens
    }

    /// Waits until the account is online for the first time. After a timeout the account itself goes on trying.
    ///
    /// # Errors
    ///
    /// If the account ends first, or is not online within [`LOGIN_MAX`].
    pub async fn online(&self) -> Result<()> {
        let mut phase = self.core.phase.subscribe();
        let decided = phase.wait_for(|phase| *phase == Phase::Online || phase.is_terminal());
        match tokio::time::timeout(LOGIN_MAX, decided).await {
            Ok(Ok(phase)) if *phase == Phase::Online => Ok(()),
            Ok(_) => Err(self.core.closing_error()),
            Err(_) => Err(self.core.not_online_error()),
        }
    }

    /// Why the account has ended, once it has.
    pub fn closing_error(&self) -> Option<Error> {
        self.core.phase.borrow().is_terminal().then(|| self.core.closing_error())
    }

    /// The next batch. `None` once the account has ended and everything was taken. For one caller at a time.
    pub async fn next_batch(&self) -> Option<Batch> {
        let core = &self.core;
        loop {
            let next = core.state.lock().next_batch(core.now());
            match next {
                NextBatch::Ready { batch, room_freed } => {
                    core.announce_room(room_freed);
                    return Some(batch);
                }
                NextBatch::Delay => tokio::time::sleep(GATHER).await,
                NextBatch::Finished => return None,
                NextBatch::Wait(None) => core.work_available.notified().await,
                NextBatch::Wait(Some(wait)) => {
                    let _ = tokio::time::timeout(wait, core.work_available.notified()).await;
                }
            }
        }
    }

    /// Settles these deliveries: their messages do not come again.
    pub fn ack(&self, deliveries: &[u64]) {
        let room_freed = self.core.state.lock().ack(deliveries);
        self.core.announce_room(room_freed);
    }

    /// Refuses these deliveries: their messages come again, later each time, eight times at most.
    pub fn nack(&self, deliveries: &[u64]) {
        let now = self.core.now();
        let room_freed = self.core.state.lock().nack(deliveries, now);
        self.core.announce_room(room_freed);
        self.core.work_available.notify_one();
    }

    /// Sends a message. It takes its place in the order of its conversation at the call; the future only waits.
    pub fn send(&self, message: Outgoing) -> BoxFuture<'static, Result<Receipt>> {
        let core = self.core.clone();
        if core.phase.borrow().is_terminal() {
            return Box::pin(std::future::ready(Err(core.closing_error().op("send"))));
        }
        let sending = core.transport.send(message);
        Box::pin(async move {
            let sent = sending.await;
            let now = core.now();
            core.state.lock().count_send(sent.is_ok(), now);
            sent.map_err(|error| error.account(core.run.id.clone()))
        })
    }

    /// Tells the account to stop, without waiting.
    pub fn cancel(&self) {
        self.core.run.stop.cancel();
    }

    /// Stops the account and waits for its end, but no longer than [`STOP_GRACE`].
    pub async fn stop(&self) {
        self.core.run.stop.cancel();
        let _ = tokio::time::timeout(STOP_GRACE, self.core.run.ended.cancelled()).await;
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.core.run.stop.cancel();
    }
}

/// Keeps the account connected until it ends, then writes the ledger and gives up the login.
async fn supervise(core: Arc<AccountCore>, registry: Arc<Registry>) {
    let supervisor = Supervisor { account: &core, tokens: &core.tokens, random: &*core.random, stop: &core.run.stop };
    if let Err(panic) = tasks::caught("the account's supervisor", supervisor.run()).await {
        core.apply(Transition::Failed { error: &panic, refusal: None });
    }
    core.ledger.flush().await;
    core.finish();
    registry.leave(&core.run);
}
