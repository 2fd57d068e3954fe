//! Messages on their way out: in the order of the calls within a conversation, many conversations at once, and none sent
//! twice because an answer was lost. A value; `now` is any monotonic time.
//!
//! An outcome that nobody knows is settled by looking for the message above the sequence at which its conversation stood
//! when it was sent. It is written again, under the same id, only when it is certainly not there. Until then nothing
//! newer of its conversation is written.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use base::{Error, Kind};

use crate::limits::{LOOK_AGAIN, OUTBOX_MAX, RESEND_AFTER, SEND_MAX, STORED_WITHIN};

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
}

/// Messages to look for in one conversation, above a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The conversation.
    pub conversation: Arc<str>,
    /// The sequence number above which to look.
    pub above: i64,
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

#[derive(Debug)]
struct Entry {
    message: OutboxMessage,
    state: State,
    give_up_at: Duration,
}

#[derive(Debug, Clone, PartialEq)]
enum State {
    /// Never written.
    Queued,
    /// Written in the connection that stands.
    Written { at: Duration },
    /// Written, and nobody knows what became of it.
    Unknown { written_at: Duration, look_at: Duration },
    /// Acknowledged, not seen yet.
    Acknowledged { accepted: Accepted, at: Duration, look_at: Duration },
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
        let entry = Entry { message, state: State::Queued, give_up_at: now + SEND_MAX };
        self.conversations.entry(conversation.clone()).or_default().push_back(entry);
        self.write(&conversation, now);
        Ok(())
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
        for entry in self.conversations.values_mut().flatten() {
            match entry.state {
                State::Written { .. } if entry.message.confirm == Confirm::Ephemeral => lost.push(entry.message.ticket),
                State::Written { at } => entry.state = State::Unknown { written_at: at, look_at: now },
                _ => {}
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
        let entries = std::mem::take(&mut self.conversations).into_values().flatten();
        for entry in entries {
            let error = match entry.state {
                State::Queued => Error::new(Kind::Closed, "the account ended before the message was sent"),
                _ => {
                    Error::new(Kind::Closed, "the account ended before it was known whether the message was delivered")
                        .maybe_delivered()
                }
            };
            self.actions.push_back(Action::Settle { ticket: entry.message.ticket, result: Err(error.op("send")) });
        }
        self.owner.clear();
    }

    /// A frame could not be written after all: the message waits again.
    pub fn not_written(&mut self, ticket: Ticket) {
        if let Some(entry) = self.entry(ticket) {
            entry.state = State::Queued;
        }
    }

    /// The server's answer to a written message, or why there is none.
    pub fn answered(&mut self, ticket: Ticket, answer: Result<Accepted, Error>, now: Duration) {
        let Some(entry) = self.entry(ticket) else { return };
        match answer {
            Ok(accepted) if entry.message.confirm == Confirm::Stored => {
                entry.state = State::Acknowledged { accepted, at: now, look_at: now + LOOK_AGAIN };
            }
            Err(error) if error.is_maybe_delivered() && entry.message.confirm != Confirm::Ephemeral => {
                if let State::Written { at } = entry.state {
                    entry.state = State::Unknown { written_at: at, look_at: now };
                }
            }
            settled => self.settle(ticket, settled, now),
        }
    }

    /// An own message was seen in its conversation, pushed or pulled: whatever was unknown about it is known now.
    pub fn seen(&mut self, conversation: &str, client_msg_id: &str, accepted: &Accepted, now: Duration) {
        let entries = self.conversations.get(conversation).into_iter().flatten();
        let found =
            entries.filter(|entry| entry.message.client_msg_id == client_msg_id && entry.state != State::Queued);
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
                return Some(Look { conversation: conversation.clone(), above });
            }
        }
        None
    }

    /// When there is something to look for.
    pub fn deadline(&self) -> Option<Duration> {
        self.conversations.values().flatten().filter_map(Entry::look_at).min().filter(|_| self.online)
    }

    /// What a look has shown: found ones are sent, certainly absent ones are written again.
    pub fn looked(&mut self, look: &Look, seen: &Seen, now: Duration) {
        let Some(entries) = self.conversations.get_mut(&look.conversation) else { return };
        let mut settled = Vec::new();
        for entry in entries.iter_mut().filter(|entry| entry.message.above >= look.above) {
            let found = seen.found.get(&entry.message.client_msg_id);
            match (&entry.state, found) {
                (State::Unknown { .. } | State::Acknowledged { .. }, Some(accepted)) => {
                    settled.push((entry.message.ticket, Ok(accepted.clone())));
                }
                (State::Unknown { written_at, .. }, None) if seen.complete && now >= *written_at + RESEND_AFTER => {
                    entry.state = State::Queued;
                }
                (State::Acknowledged { at, .. }, None) if seen.complete && now >= *at + STORED_WITHIN => {
                    settled.push((entry.message.ticket, Err(never_stored())));
                }
                _ => {}
            }
        }
        for (ticket, result) in settled {
            self.settle(ticket, result, now);
        }
        self.write(&look.conversation, now);
    }

    /// The caller's patience is over. What is known of the message decides what it is told.
    pub fn give_up(&mut self, ticket: Ticket, now: Duration) -> Option<Error> {
        let online = self.online;
        let entry = self.entry(ticket)?;
        let error = match entry.state {
            State::Queued if online => Error::new(
                Kind::Offline,
                "the message was not sent: nobody knows yet what became of an earlier one in the same chat",
            ),
            State::Queued => Error::new(Kind::Offline, "the message was not sent: there is no connection"),
            _ => Error::new(
                Kind::Timeout,
                format!("nobody knows whether the message was delivered, {} s after it was sent; look before sending it again", SEND_MAX.as_secs()),
            )
            .maybe_delivered(),
        };
        if let Some(conversation) = self.remove(ticket) {
            self.write(&conversation, now);
        }
        Some(error.op("send"))
    }

    /// Whether a message was never written, so that giving it up loses nothing.
    pub fn is_queued(&self, ticket: Ticket) -> bool {
        let entries = self.owner.get(&ticket).and_then(|conversation| self.conversations.get(conversation));
        entries.into_iter().flatten().any(|entry| entry.message.ticket == ticket && entry.state == State::Queued)
    }

    /// Writes what may be written of a conversation: everything queued, unless something before it is unknown.
    fn write(&mut self, conversation: &Arc<str>, now: Duration) {
        if !self.online {
            return;
        }
        let Some(entries) = self.conversations.get_mut(conversation) else { return };
        if entries.iter().any(|entry| matches!(entry.state, State::Unknown { .. })) {
            return;
        }
        for entry in entries.iter_mut().filter(|entry| entry.state == State::Queued && now < entry.give_up_at) {
            entry.state = State::Written { at: now };
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

impl Entry {
    const fn look_at(&self) -> Option<Duration> {
        match self.state {
            State::Unknown { look_at, .. } | State::Acknowledged { look_at, .. } => Some(look_at),
            State::Queued | State::Written { .. } => None,
        }
    }

    fn put_off(&mut self, until: Duration) -> i64 {
        if let State::Unknown { look_at, .. } | State::Acknowledged { look_at, .. } = &mut self.state {
            *look_at = until;
        }
        self.message.above
    }
}

fn never_stored() -> Error {
    let text = "the server acknowledged the message and then did not store it; send it again, more slowly";
    Error::new(Kind::Server, text).op("send")
}
