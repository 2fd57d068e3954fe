//! Sends: the [`Outbox`] with its clock, the connection that stands, and whoever waits for each message.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use base::{AccountId, Error, Kind, Result};
use channel::limits::SEND_WAITS_OFFLINE;
use channel::{BoxFuture, Observation, Outgoing, Receipt, Sink};
use openim_core::catchup::is_placeholder;
use openim_core::limits::{LOOK_AGAIN, LOOK_MAX, PULL_MAX, READABLE_AFTER, SEND_MAX};
use openim_core::message::kinds;
use openim_core::outbox::{Accepted, Action, Confirm, Look, Outbox, OutboxMessage, Seen, Ticket};
use openim_core::wire::pb::{MsgData, SendMsgResp};
use openim_core::wire::{Malformed, envelope};
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::debug;

use crate::Login;
use crate::conn::actor::Answer;
use crate::outgoing;
use crate::own_ids::OwnIds;
use crate::positions::Positions;
use crate::requests::Requests;

/// After the start, messages of an earlier run may still be stored: those that its last connection had written.
const OWN_MESSAGES_SETTLE: Duration = Duration::from_secs(60);

/// All of one account's messages on their way out, over every connection of its run.
pub(crate) struct Sender {
    account: AccountId,
    user_id: String,
    platform_id: i32,
    began: Instant,
    state: Mutex<State>,
    positions: Arc<Positions>,
    /// There may be something to look for.
    look_due: Notify,
    /// There may be something that has to wait before it is written.
    write_due: Notify,
}

#[derive(Default)]
struct State {
    outbox: Outbox,
    last: Ticket,
    waiting: HashMap<Ticket, oneshot::Sender<Result<Accepted>>>,
    live: Option<Requests>,
    own_ids: OwnIds,
    /// Acknowledged messages that were not stored, by conversation; to be reported.
    not_stored: BTreeMap<Arc<str>, u64>,
}

impl Sender {
    pub(crate) fn new(account: AccountId, login: &Login, positions: Arc<Positions>) -> Self {
        Self {
            account,
            user_id: login.user_id.clone(),
            platform_id: login.platform_id,
            began: Instant::now(),
            state: Mutex::default(),
            positions,
            look_due: Notify::new(),
            write_due: Notify::new(),
        }
    }

    /// Takes a message in the order of the calls; the future waits for its outcome.
    pub(crate) fn send(self: &Arc<Self>, message: Outgoing, data: &MsgData) -> BoxFuture<'static, Result<Receipt>> {
        let conversation = outgoing::conversation_of(&message.target, &self.user_id);
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
        // Before the connection knew where the conversations stand, nobody could say where a new message would be.
        let unwritten = self.state.lock().outbox.unwritten();
        let positions: Vec<_> = unwritten.into_iter().map(|id| (self.positions.newest_of(&id), id)).collect();
        self.change(|state, now| {
            for (seq, conversation) in positions {
                state.outbox.stands_at(&conversation, seq);
            }
            state.live = Some(requests.clone());
            state.outbox.connected(now);
        });
    }

    pub(crate) fn disconnected(&self) {
        self.change(|state, now| {
            state.live = None;
            state.outbox.disconnected(now);
        });
    }

    /// The account is over for good, or until it is started again.
    pub(crate) fn ended(&self) {
        self.change(|state, _| {
            state.live = None;
            state.outbox.close();
        });
    }

    /// The connection that stands and is synced.
    pub(crate) fn live(&self) -> Option<Requests> {
        self.state.lock().live.clone()
    }

    /// The server's answer to a message.
    pub(crate) fn answered(&self, ticket: Ticket, answer: Answer) {
        let answer = answer.map_err(|error| error.op("send")).and_then(|data| accepted(data.as_deref()));
        debug!(account = %self.account, ticket, is_accepted = answer.is_ok(), "message answered");
        self.change(|state, now| state.outbox.answered(ticket, answer, now));
    }

    /// One of the account's own messages, as the server stored it.
    pub(crate) fn seen(&self, conversation: &str, message: &MsgData) {
        let accepted = Accepted { server_msg_id: message.server_msg_id.clone(), send_time: message.send_time };
        self.change(|state, now| state.outbox.seen(conversation, &message.client_msg_id, &accepted, now));
    }

    /// Whether a message that was pushed just now was written by another program with the account's own login. For a
    /// while after the start it may come from an earlier run.
    pub(crate) fn is_written_elsewhere(&self, message: &MsgData) -> bool {
        let is_own = message.send_id == self.user_id && message.sender_platform_id == self.platform_id;
        let is_words = message.msg_from == kinds::FROM_USER && !kinds::is_notification(message.content_type);
        is_own
            && is_words
            && self.now() >= OWN_MESSAGES_SETTLE
            && !self.state.lock().own_ids.contains(&message.client_msg_id)
    }

    /// Looks for messages whose outcome is unknown, and writes those that had to wait, as long as the connection lives.
    pub(crate) async fn tend(&self, requests: &Requests, sink: &dyn Sink) -> Infallible {
        tokio::select! {
            biased;
            never = self.keep_writing() => never,
            never = self.keep_looking(requests, sink) => never,
        }
    }

    async fn keep_writing(&self) -> Infallible {
        loop {
            let next = self.state.lock().outbox.next_write();
            match next {
                None => self.write_due.notified().await,
                Some(at) => {
                    sleep(at.saturating_sub(self.now())).await;
                    self.change(|state, now| state.outbox.go_on(now));
                }
            }
        }
    }

    async fn keep_looking(&self, requests: &Requests, sink: &dyn Sink) -> Infallible {
        loop {
            let (look, wait) = {
                let now = self.now();
                let mut state = self.state.lock();
                let look = state.outbox.look(now);
                (look, state.outbox.deadline().map(|at| at.saturating_sub(now)))
            };
            if let Some(look) = look {
                // What cannot be looked at now is looked at again.
                let seen = look_for(requests, &self.user_id, &look).await.unwrap_or_default();
                self.change(|state, now| state.outbox.looked(&look, &seen, now));
                self.report(sink);
                continue;
            }
            tokio::select! {
                biased;
                () = self.look_due.notified() => {}
                () = sleep(wait.unwrap_or(LOOK_AGAIN * 60)) => {}
            }
        }
    }

    fn report(&self, sink: &dyn Sink) {
        let not_stored = std::mem::take(&mut self.state.lock().not_stored);
        for (conversation, count) in not_stored {
            sink.observed(Observation::NotStored { conversation, count });
        }
    }

    /// Changes the outbox, then does what it says.
    fn change<T>(&self, step: impl FnOnce(&mut State, Duration) -> T) -> T {
        let now = self.now();
        let mut state = self.state.lock();
        let result = step(&mut state, now);
        state.act(now);
        drop(state);
        self.look_due.notify_one();
        self.write_due.notify_one();
        result
    }

    fn add(
        &self,
        message: &Outgoing,
        conversation: String,
        data: String,
        settle: oneshot::Sender<Result<Accepted>>,
    ) -> Result<Ticket> {
        // Never with the state's lock held: catching up holds the positions while it tells what it has seen.
        let above = self.positions.newest_of(&conversation);
        self.change(|state, now| {
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
            state.own_ids.add(&message.id);
            state.waiting.insert(ticket, settle);
            Ok(ticket)
        })
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
        let (given_up, offline) = self.change(|state, now| {
            state.waiting.remove(&ticket);
            (state.outbox.give_up(ticket, now), state.live.is_none())
        });
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
    fn act(&mut self, now: Duration) {
        while let Some(action) = self.outbox.poll() {
            match action {
                Action::Write { ticket, data } => {
                    debug!(ticket, "writing a message");
                    let written = self.live.as_ref().is_some_and(|live| live.write(ticket, data));
                    if !written {
                        self.outbox.not_written(ticket, now);
                    }
                }
                Action::Settle { ticket, result } => {
                    if let Some(waiting) = self.waiting.remove(&ticket) {
                        // Whoever asked may have gone.
                        let _ = waiting.send(result);
                    }
                }
                Action::NotStored { conversation, client_msg_id } => {
                    debug!(%conversation, client_msg_id, "acknowledged and not stored");
                    *self.not_stored.entry(conversation).or_default() += 1;
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
    if !places.is_empty() {
        sleep(READABLE_AFTER).await;
    }
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
