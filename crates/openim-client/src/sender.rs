//! Sends: the [`Outbox`] with its clock, the connection that stands, and whoever waits for each message.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use base::{AccountId, Error, Kind, Result};
use channel::limits::SEND_WAITS_OFFLINE;
use channel::{BoxFuture, Outgoing, Receipt};
use openim_core::catchup::is_placeholder;
use openim_core::limits::{LOOK_AGAIN, LOOK_MAX, PULL_MAX, SEND_MAX};
use openim_core::outbox::{Accepted, Action, Confirm, Look, Outbox, OutboxMessage, Seen, Ticket};
use openim_core::wire::pb::{MsgData, SendMsgResp};
use openim_core::wire::{Malformed, envelope};
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::debug;

use crate::conn::actor::Answer;
use crate::outgoing;
use crate::positions::Positions;
use crate::requests::Requests;

/// All of one account's messages on their way out, over every connection of its run.
pub(crate) struct Sender {
    account: AccountId,
    began: Instant,
    state: Mutex<State>,
    positions: Arc<Positions>,
    /// There may be something to look for.
    wake: Notify,
}

#[derive(Default)]
struct State {
    outbox: Outbox,
    last: Ticket,
    waiting: HashMap<Ticket, oneshot::Sender<Result<Accepted>>>,
    live: Option<Requests>,
}

impl Sender {
    pub(crate) fn new(account: AccountId, positions: Arc<Positions>) -> Self {
        Self { account, began: Instant::now(), state: Mutex::default(), positions, wake: Notify::new() }
    }

    /// Takes a message in the order of the calls; the future waits for its outcome.
    pub(crate) fn send(
        self: &Arc<Self>,
        message: Outgoing,
        data: &MsgData,
        self_id: &str,
    ) -> BoxFuture<'static, Result<Receipt>> {
        let conversation = outgoing::conversation_of(&message.target, self_id);
        let (settle, settled) = oneshot::channel();
        let ticket = match self.add(&message, conversation.clone(), envelope::data(data), settle) {
            Ok(ticket) => ticket,
            Err(error) => return Box::pin(std::future::ready(Err(error))),
        };
        let this = self.clone();
        Box::pin(async move {
            let accepted = this.outcome(ticket, settled).await?;
            Ok(Receipt { id: message.id, server_id: accepted.server_msg_id, sent_at: accepted.send_time, conversation })
        })
    }

    /// A connection stands and is synced.
    pub(crate) fn connected(&self, requests: &Requests) {
        let now = self.now();
        let mut state = self.state.lock();
        state.live = Some(requests.clone());
        state.outbox.connected(now);
        state.act();
    }

    pub(crate) fn disconnected(&self) {
        let now = self.now();
        let mut state = self.state.lock();
        state.live = None;
        state.outbox.disconnected(now);
        state.act();
    }

    /// The account is over for good, or until it is started again.
    pub(crate) fn ended(&self) {
        let mut state = self.state.lock();
        state.live = None;
        state.outbox.close();
        state.act();
    }

    /// The connection that stands and is synced.
    pub(crate) fn live(&self) -> Option<Requests> {
        self.state.lock().live.clone()
    }

    /// The server's answer to a message.
    pub(crate) fn answered(&self, ticket: Ticket, answer: Answer) {
        let answer = answer.map_err(|error| error.op("send")).and_then(|data| accepted(data.as_deref()));
        debug!(account = %self.account, ticket, is_accepted = answer.is_ok(), "message answered");
        let now = self.now();
        let mut state = self.state.lock();
        state.outbox.answered(ticket, answer, now);
        state.act();
        drop(state);
        self.wake.notify_one();
    }

    /// One of the account's own messages, as the server stored it.
    pub(crate) fn seen(&self, conversation: &str, message: &MsgData) {
        let accepted = Accepted { server_msg_id: message.server_msg_id.clone(), send_time: message.send_time };
        let now = self.now();
        let mut state = self.state.lock();
        state.outbox.seen(conversation, &message.client_msg_id, &accepted, now);
        state.act();
    }

    /// Looks for messages whose fate is unknown, as long as the connection lives.
    pub(crate) async fn tend(&self, requests: &Requests, user_id: &str) -> Infallible {
        loop {
            let (look, wait) = {
                let now = self.now();
                let mut state = self.state.lock();
                let look = state.outbox.look(now);
                (look, state.outbox.deadline().map(|at| at.saturating_sub(now)))
            };
            if let Some(look) = look {
                // What cannot be looked at now is looked at again.
                let seen = look_for(requests, user_id, &look).await.unwrap_or_default();
                let now = self.now();
                let mut state = self.state.lock();
                state.outbox.looked(&look, &seen, now);
                state.act();
                continue;
            }
            tokio::select! {
                biased;
                () = self.wake.notified() => {}
                () = sleep(wait.unwrap_or(LOOK_AGAIN * 60)) => {}
            }
        }
    }

    fn add(
        &self,
        message: &Outgoing,
        conversation: String,
        data: String,
        settle: oneshot::Sender<Result<Accepted>>,
    ) -> Result<Ticket> {
        let now = self.now();
        // Never with the state's lock held: catching up holds the positions while it tells what it has seen.
        let above = self.positions.newest_of(&conversation);
        let mut state = self.state.lock();
        state.last += 1;
        let ticket = state.last;
        let confirm = match (message.ephemeral, message.until_stored) {
            (true, _) => Confirm::Ephemeral,
            (false, true) => Confirm::Stored,
            (false, false) => Confirm::Acknowledged,
        };
        let queued = OutboxMessage {
            ticket,
            conversation: conversation.into(),
            client_msg_id: message.id.clone(),
            data,
            confirm,
            above,
        };
        state.outbox.add(queued, now)?;
        state.waiting.insert(ticket, settle);
        state.act();
        Ok(ticket)
    }

    async fn outcome(&self, ticket: Ticket, mut settled: oneshot::Receiver<Result<Accepted>>) -> Result<Accepted> {
        let began = Instant::now();
        for patience in [SEND_WAITS_OFFLINE, SEND_MAX] {
            if let Ok(Ok(outcome)) = timeout_at(began + patience, &mut settled).await {
                return outcome;
            }
            if patience == SEND_MAX || self.state.lock().outbox.is_queued(ticket) {
                break;
            }
        }
        let now = self.now();
        let mut state = self.state.lock();
        let given_up = state.outbox.give_up(ticket, now);
        state.waiting.remove(&ticket);
        state.act();
        let offline = state.live.is_none();
        drop(state);
        match given_up {
            Some(error) if offline && !error.is_maybe_delivered() => {
                let text = format!("multi-openim account \"{}\" is not connected", self.account);
                Err(Error::new(Kind::Offline, text).op("send"))
            }
            Some(error) => Err(error),
            // It was settled in this very moment.
            None => settled
                .try_recv()
                .unwrap_or_else(|_| Err(Error::new(Kind::Internal, "a message lost its outcome").op("send"))),
        }
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }
}

impl State {
    /// Does what the outbox says.
    fn act(&mut self) {
        while let Some(action) = self.outbox.poll() {
            match action {
                Action::Write { ticket, data } => {
                    debug!(ticket, "writing a message");
                    let written = self.live.as_ref().is_some_and(|live| live.write(ticket, data));
                    if !written {
                        self.outbox.not_written(ticket);
                    }
                }
                Action::Settle { ticket, result } => {
                    if let Some(waiting) = self.waiting.remove(&ticket) {
                        // Whoever asked may have gone.
                        let _ = waiting.send(result);
                    }
                }
            }
        }
    }
}

/// Reads the places of a conversation above a sequence, the newest ones where there are too many.
async fn look_for(requests: &Requests, user_id: &str, look: &Look) -> Result<Seen> {
    let newest = requests.max_seq(&look.conversation).await?;
    let from = look.above.max(newest - LOOK_MAX);
    let mut seen = Seen { complete: from == look.above, ..Seen::default() };
    let places: Vec<i64> = (from + 1..=newest).collect();
    for seqs in places.chunks(PULL_MAX) {
        let messages = requests.pull_from(&look.conversation, seqs.to_vec()).await?;
        let readable = messages.iter().filter(|message| !is_placeholder(message)).count();
        seen.complete &= readable == seqs.len();
        let own = messages.into_iter().filter(|message| message.send_id == user_id && !is_placeholder(message));
        seen.found.extend(own.map(|message| {
            let accepted = Accepted { server_msg_id: message.server_msg_id, send_time: message.send_time };
            (message.client_msg_id, accepted)
        }));
    }
    Ok(seen)
}

fn accepted(data: Option<&str>) -> Result<Accepted> {
    let taken: SendMsgResp = envelope::payload(data).map_err(|malformed| unreadable(&malformed).maybe_delivered())?;
    if taken.server_msg_id.is_empty() {
        // Not a success, and not a failure either: it is looked for.
        let text = "the server answered a message without a serverMsgID";
        return Err(Error::new(Kind::Protocol, text).op("send").maybe_delivered());
    }
    Ok(Accepted { server_msg_id: taken.server_msg_id, send_time: taken.send_time })
}

fn unreadable(malformed: &Malformed) -> Error {
    Error::new(Kind::Protocol, format!("the server's answer is unreadable: {malformed}")).op("send")
}
