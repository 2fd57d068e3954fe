//! Messages on their way out: in the order of the calls within a conversation, many conversations at once, and none sent
//! twice because an answer was lost. A value; `now` is any monotonic time.
//!
//! The server serves the requests of one connection one by one. So while the connection stands in which a message was
//! written, its answer is still to come, and the message is not written again. After a lost connection the outcome is
//! settled by looking for the message above the sequence number at which its conversation stood when it was sent. It is
//! written again, under the same id, only if it was absent when a look began [`RESEND_AFTER`] after the loss. Until then
//! nothing newer of its conversation is written.
//!
//! `entry.rs` has the states of one message, `pace.rs` the pace of a conversation, and `unseen.rs` the acknowledged
//! messages that were not seen in their conversations yet.
//!
//! [`RESEND_AFTER`]: crate::limits::RESEND_AFTER

mod entry;
mod pace;
mod unseen;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use base::{Error, Kind};

use self::entry::{Entry, Finding, State};
use self::pace::Pace;
use self::unseen::Unseen;
use crate::limits::{LOOK_AGAIN, OUTBOX_MAX, PACE_WINDOW, REQUEST_MAX, WRITES_PER_WINDOW};

/// The caller's own number for a message.
pub type Ticket = u64;

/// The server's word for a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The id that the server gave the message.
    pub server_msg_id: String,
    /// When the server took it, Unix milliseconds.
    pub send_time: i64,
}

/// What counts as sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Confirm {
    /// The server's acknowledgement.
    #[default]
    Acknowledged,
    /// The message was seen in its conversation: an acknowledgement alone does not promise that it was stored.
    Stored,
    /// The server's acknowledgement, of a message that is stored nowhere: without one nobody can look for it.
    Ephemeral,
}

/// What is to be done.
#[derive(Debug)]
pub enum Action {
    /// Write a message to the connection.
    Write {
        /// The caller's number for it.
        ticket: Ticket,
        /// What is written: base64 of the message.
        data: String,
    },
    /// Tell the caller the outcome.
    Settle {
        /// The caller's number for the message.
        ticket: Ticket,
        /// The outcome.
        result: Result<Accepted, Error>,
    },
    /// Report that the server has acknowledged a message and did not store it. Its sender was answered before.
    NotStored {
        /// The conversation of the message.
        conversation: Arc<str>,
        /// The id that this client gave it.
        client_msg_id: String,
    },
}

/// Messages to look for in one conversation, above a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The conversation.
    pub conversation: Arc<str>,
    /// The sequence number above which to look.
    pub above: i64,
    /// When the look began.
    pub began: Duration,
}

/// What a look has shown.
#[derive(Debug, Default)]
pub struct Seen {
    /// The own messages that were found, by their id.
    pub found: HashMap<String, Accepted>,
    /// Whether every place that was looked at could be read.
    pub complete: bool,
}

/// One message to send.
#[derive(Debug)]
pub struct OutboxMessage {
    /// The caller's number for it.
    pub ticket: Ticket,
    /// Its conversation.
    pub conversation: Arc<str>,
    /// The id that this client gave it.
    pub client_msg_id: String,
    /// What is written: base64 of the message.
    pub data: String,
    /// What counts as sent.
    pub confirm: Confirm,
    /// Where its conversation stood when it was given to us.
    pub above: i64,
}

/// All messages of one account that are not settled.
///
/// ```
/// use openim_core::outbox::{Accepted, Action, Confirm, OutboxMessage, Outbox};
/// use std::time::Duration;
///
/// let (now, confirm) = (Duration::ZERO, Confirm::Acknowledged);
/// let (conversation, client_msg_id, data) = ("sg_1".into(), "m1".to_owned(), "payload".to_owned());
/// let mut outbox = Outbox::default();
/// outbox.add(OutboxMessage { ticket: 1, conversation, client_msg_id, data, confirm, above: 0 }, now).unwrap();
/// outbox.connected(now);
/// assert!(matches!(outbox.poll(), Some(Action::Write { ticket: 1, .. })));
/// outbox.answered(1, Ok(Accepted { server_msg_id: "s1".to_owned(), send_time: 7 }), now);
/// assert!(matches!(outbox.poll(), Some(Action::Settle { ticket: 1, result: Ok(_) })));
/// ```
#[derive(Debug, Default)]
pub struct Outbox {
    conversations: BTreeMap<Arc<str>, VecDeque<Entry>>,
    owner: HashMap<Ticket, Arc<str>>,
    online: bool,
    pace: Pace,
    unseen: Unseen,
    actions: VecDeque<Action>,
}

impl Outbox {
    /// What to do next; ask until there is none.
    pub fn poll(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// How many messages are not settled.
    pub fn len(&self) -> usize {
        self.owner.len()
    }

    /// Whether every message is settled.
    pub fn is_empty(&self) -> bool {
        self.owner.is_empty()
    }

    /// Takes a message; it is written at once where that is possible.
    pub fn add(&mut self, message: OutboxMessage, now: Duration) -> Result<(), Error> {
        if self.owner.len() >= OUTBOX_MAX {
            return Err(
                Error::new(Kind::Backpressure, "too many messages wait to be sent; wait for some to end").op("send")
            );
        }
        let conversation = message.conversation.clone();
        self.owner.insert(message.ticket, conversation.clone());
        self.conversations.entry(conversation.clone()).or_default().push_back(Entry::new(message, now));
        self.write(&conversation, now);
        Ok(())
    }

    /// The conversations with messages that were never written.
    pub fn unwritten(&self) -> Vec<Arc<str>> {
        let is_new = |entry: &Entry| entry.is_queued() && !entry.was_written();
        let waiting = self.conversations.iter().filter(|(_, entries)| entries.iter().any(is_new));
        waiting.map(|(conversation, _)| conversation.clone()).collect()
    }

    /// Where a conversation stands: its messages that were never written are above.
    pub fn stands_at(&mut self, conversation: &str, seq: i64) {
        let entries = self.conversations.get_mut(conversation).into_iter().flatten();
        for entry in entries.filter(|entry| entry.is_queued() && !entry.was_written()) {
            entry.message.above = entry.message.above.max(seq);
        }
    }

    /// A connection stands and is synced.
    pub fn connected(&mut self, now: Duration) {
        self.online = true;
        for conversation in self.conversations.keys().cloned().collect::<Vec<_>>() {
            self.write(&conversation, now);
        }
    }

    /// The connection is gone: what was written has an unknown outcome until it is looked for.
    pub fn disconnected(&mut self, now: Duration) {
        self.online = false;
        let mut lost = Vec::new();
        for entry in self.conversations.values_mut().flatten().filter(|entry| entry.is_in_flight()) {
            match entry.message.confirm {
                Confirm::Ephemeral => lost.push(entry.message.ticket),
                _ => entry.state = State::Unknown { lost_at: now, look_at: now },
            }
        }
        for ticket in lost {
            let error = Error::new(Kind::Offline, "the connection was lost before the server took the message");
            self.settle(ticket, Err(error.maybe_delivered().op("send")), now);
        }
    }

    /// The account is over: everybody who waits is told what is known.
    pub fn close(&mut self) {
        self.online = false;
        self.unseen.clear();
        let entries = std::mem::take(&mut self.conversations).into_values().flatten();
        for entry in entries {
            let error = if entry.was_written() {
                Error::new(Kind::Closed, "the account ended before it was known whether the message was delivered")
                    .maybe_delivered()
            } else {
                Error::new(Kind::Closed, "the account ended before the message was sent")
            };
            self.actions.push_back(Action::Settle { ticket: entry.message.ticket, result: Err(error.op("send")) });
        }
        self.owner.clear();
    }

    /// A frame could not be written after all: the message waits again.
    pub fn not_written(&mut self, ticket: Ticket, now: Duration) {
        let Some(entry) = self.entry(ticket) else { return };
        entry.state = State::Queued;
        entry.writes -= 1;
        let conversation = entry.message.conversation.clone();
        self.pace.wait(&conversation, now + PACE_WINDOW);
    }

    /// The server's answer to a written message, or why there is none.
    pub fn answered(&mut self, ticket: Ticket, answer: Result<Accepted, Error>, now: Duration) {
        let Some(entry) = self.entry(ticket) else { return };
        let confirm = entry.message.confirm;
        match answer {
            Ok(_) if confirm == Confirm::Stored => {
                entry.state = State::Acknowledged { answered_at: now, look_at: now + LOOK_AGAIN };
            }
            Err(error) if error.is_maybe_delivered() && confirm != Confirm::Ephemeral => {
                // Where there is no answer, the end of the connection or of the sender's patience says what follows.
                let is_answer = !matches!(error.kind(), Kind::Offline | Kind::Timeout);
                if is_answer && entry.is_in_flight() {
                    entry.state = State::Doubtful { error, answered_at: now, look_at: now };
                }
            }
            settled => {
                if settled.is_ok() && confirm == Confirm::Acknowledged {
                    let OutboxMessage { conversation, client_msg_id, above, .. } = &entry.message;
                    let (conversation, client_msg_id, above) = (conversation.clone(), client_msg_id.clone(), *above);
                    self.unseen.add(conversation, client_msg_id, above, now);
                }
                self.settle(ticket, settled, now);
            }
        }
    }

    /// An own message was seen in its conversation, pushed or pulled: whatever was unknown about it is known now.
    pub fn seen(&mut self, conversation: &str, client_msg_id: &str, accepted: &Accepted, now: Duration) {
        self.unseen.seen(conversation, client_msg_id);
        let entries = self.conversations.get(conversation).into_iter().flatten();
        let found = entries.filter(|entry| entry.was_written() && entry.message.client_msg_id == client_msg_id);
        for ticket in found.map(|entry| entry.message.ticket).collect::<Vec<_>>() {
            self.settle(ticket, Ok(accepted.clone()), now);
        }
    }

    /// The next conversation in which to look for messages; it comes again after [`LOOK_AGAIN`].
    pub fn look(&mut self, now: Duration) -> Option<Look> {
        if !self.online {
            return None;
        }
        for (conversation, entries) in &mut self.conversations {
            let due = entries.iter_mut().filter(|entry| entry.look_at().is_some_and(|at| at <= now));
            let above = due.map(|entry| entry.put_off(now + LOOK_AGAIN)).min();
            if let Some(above) = above {
                return Some(Look { conversation: conversation.clone(), above, began: now });
            }
        }
        self.unseen.look(now)
    }

    /// When there is something to look for.
    pub fn deadline(&self) -> Option<Duration> {
        let entries = self.conversations.values().flatten().filter_map(Entry::look_at);
        entries.chain(self.unseen.next()).min().filter(|_| self.online)
    }

    /// What a look has shown: found ones are sent, certainly absent ones are written again.
    pub fn looked(&mut self, look: &Look, seen: &Seen, now: Duration) {
        for client_msg_id in self.unseen.looked(look, seen) {
            self.actions.push_back(Action::NotStored { conversation: look.conversation.clone(), client_msg_id });
        }
        let Some(entries) = self.conversations.get_mut(&look.conversation) else { return };
        let mut settled = Vec::new();
        for entry in entries {
            match entry.judge(look, seen) {
                Finding::Open => {}
                Finding::Sent(accepted) => settled.push((entry.message.ticket, Ok(accepted))),
                Finding::Failed(error) => settled.push((entry.message.ticket, Err(error))),
                Finding::Absent => entry.state = State::Queued,
            }
        }
        for (ticket, result) in settled {
            self.settle(ticket, result, now);
        }
        self.write(&look.conversation, now);
    }

    /// When messages that were written too fast may go on.
    pub fn next_write(&self) -> Option<Duration> {
        self.pace.next().filter(|_| self.online)
    }

    /// Writes what had to wait because its conversation was written to too fast.
    pub fn go_on(&mut self, now: Duration) {
        for conversation in self.pace.due(now) {
            self.write(&conversation, now);
        }
    }

    /// The caller's patience is over. What is known of the message decides what it is told.
    pub fn give_up(&mut self, ticket: Ticket, now: Duration) -> Option<Error> {
        let online = self.online;
        let error = self.entry(ticket)?.given_up(online);
        if let Some(conversation) = self.remove(ticket) {
            self.write(&conversation, now);
        }
        Some(error.op("send"))
    }

    /// Whether a message was never written, so that giving it up loses nothing.
    pub fn is_queued(&self, ticket: Ticket) -> bool {
        let entries = self.owner.get(&ticket).and_then(|conversation| self.conversations.get(conversation));
        let mut entries = entries.into_iter().flatten();
        entries.any(|entry| entry.message.ticket == ticket && entry.is_queued() && !entry.was_written())
    }

    /// Writes what may be written of a conversation: everything queued, unless something before it is unknown, at its
    /// pace.
    fn write(&mut self, conversation: &Arc<str>, now: Duration) {
        if !self.online {
            return;
        }
        let Some(entries) = self.conversations.get_mut(conversation) else { return };
        if entries.iter().any(Entry::is_unknown) {
            return;
        }
        // More than this without an answer would arrive in one burst after a stalled line. Answers make room.
        let in_flight = entries.iter().filter(|entry| entry.is_in_flight()).count();
        let room = WRITES_PER_WINDOW.saturating_sub(in_flight);
        let queued = entries.iter_mut().filter(|entry| entry.is_queued() && now < entry.give_up_at);
        for entry in queued.take(room) {
            if !self.pace.take(conversation, now) {
                break;
            }
            entry.state = State::Written { look_at: now + REQUEST_MAX };
            entry.writes += 1;
            self.actions.push_back(Action::Write { ticket: entry.message.ticket, data: entry.message.data.clone() });
        }
    }

    fn settle(&mut self, ticket: Ticket, result: Result<Accepted, Error>, now: Duration) {
        if let Some(conversation) = self.remove(ticket) {
            self.actions.push_back(Action::Settle { ticket, result });
            self.write(&conversation, now);
        }
    }

    fn remove(&mut self, ticket: Ticket) -> Option<Arc<str>> {
        let conversation = self.owner.remove(&ticket)?;
        let entries = self.conversations.get_mut(&conversation)?;
        entries.retain(|entry| entry.message.ticket != ticket);
        if entries.is_empty() {
            self.conversations.remove(&conversation);
        }
        Some(conversation)
    }

    fn entry(&mut self, ticket: Ticket) -> Option<&mut Entry> {
        let conversation = self.owner.get(&ticket)?;
        self.conversations.get_mut(conversation)?.iter_mut().find(|entry| entry.message.ticket == ticket)
    }
}
