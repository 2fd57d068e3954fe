//! Batches that leave the account, and what the host answers to the messages in them.

use std::sync::Arc;
use std::time::Duration;

use super::{Now, State};
use crate::event::Event;
use crate::ledger::DeadLetter;
use crate::limits::{BATCH_BYTES, BATCH_MESSAGES};
use crate::message::Inbound;
use crate::unacked::{Delivery, Refused};

/// Messages in order, and what else happened, to be handed over at once.
#[derive(Debug, Default)]
pub struct Batch {
    /// Messages, in the order of their conversations.
    pub messages: Vec<Delivery>,
    /// Events, in the order they happened.
    pub events: Vec<Event>,
    /// Lines for the operator's log.
    pub notes: Vec<String>,
}

impl Batch {
    /// Whether there is nothing in it.
    pub const fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.events.is_empty() && self.notes.is_empty()
    }
}

/// The answer to a request for the next batch.
pub(crate) enum NextBatch {
    /// `room_freed`: the wire waits for the room this batch leaves.
    Ready { batch: Batch, room_freed: bool },
    /// Many messages are coming in: ask again after a short delay.
    Delay,
    /// Nothing to hand over. A refused message is due again after this time, if there is one.
    Wait(Option<Duration>),
    /// The account has ended and everything was taken.
    Finished,
}

impl State {
    pub(crate) fn next_batch(&mut self, now: Now) -> NextBatch {
        let now = now.elapsed;
        self.unacked.wake(now);
        let is_quiet = self.events.is_empty() && self.notes.is_empty();
        if is_quiet && self.is_finished {
            return NextBatch::Finished;
        }
        if is_quiet && !self.unacked.is_ready() {
            return NextBatch::Wait(self.unacked.next_due().map(|due| due.saturating_sub(now)));
        }
        let is_small = self.unacked.ready_bytes(BATCH_BYTES) < BATCH_BYTES;
        if is_quiet && !self.batch_delayed && self.rate.is_high(now) && is_small {
            self.batch_delayed = true;
            return NextBatch::Delay;
        }
        self.batch_delayed = false;
        let messages = self.take_messages();
        let (events, room_freed) = self.take_events();
        let notes = std::mem::take(&mut self.notes).into();
        NextBatch::Ready { batch: Batch { messages, events, notes }, room_freed }
    }

    fn take_messages(&mut self) -> Vec<Delivery> {
        let messages = self.unacked.take(BATCH_MESSAGES, BATCH_BYTES);
        self.status.handed_over += messages.len() as u64;
        if !messages.is_empty() {
            self.ledger.change(|progress| {
                for delivery in &messages {
                    progress.mark_delivered(&delivery.message.conversation, delivery.message.seq());
                }
            });
        }
        messages
    }

    /// Handing over an event settles its place. Returns also whether the wire waits for the room this leaves.
    fn take_events(&mut self) -> (Vec<Event>, bool) {
        let (events, places) = self.events.take();
        if places.is_empty() {
            return (events, false);
        }
        self.ledger
            .change(|progress| places.iter().for_each(|(conversation, seq)| progress.settle(conversation, *seq)));
        (events, std::mem::take(&mut self.rejected_since_room))
    }

    /// Settles acknowledged messages. Returns whether the wire waits for the room this leaves.
    pub(crate) fn ack(&mut self, deliveries: &[u64]) -> bool {
        let acked: Vec<_> = deliveries.iter().filter_map(|number| self.unacked.ack(*number)).collect();
        self.status.acked += acked.len() as u64;
        self.settle(&acked)
    }

    /// Takes refused messages back: they come again, later each time, and become dead letters in the end. Returns whether
    /// the wire waits for the room this leaves.
    pub(crate) fn nack(&mut self, deliveries: &[u64], now: Now) -> bool {
        let mut dead = Vec::new();
        for number in deliveries {
            let refused = self.unacked.nack(*number, now.elapsed);
            if refused != Refused::Unknown {
                self.status.refused += 1;
            }
            if let Refused::Dead(message) = refused {
                self.add_dead_letter(&message);
                dead.push(message);
            }
        }
        self.settle(&dead)
    }

    fn add_dead_letter(&mut self, message: &Inbound) {
        self.status.dead_letters += 1;
        let (conversation, id, seq) = (message.conversation.clone(), message.id.clone(), message.seq());
        self.push_event(Event::DeadLetter { conversation: conversation.to_string(), id: id.clone() });
        self.ledger.change(|progress| progress.add_dead_letter(DeadLetter { conversation, id, seq }));
    }

    fn settle(&mut self, messages: &[Arc<Inbound>]) -> bool {
        if messages.is_empty() {
            return false;
        }
        self.ledger.change(|progress| {
            for message in messages {
                progress.settle(&message.conversation, message.seq());
                progress.remember(&message.conversation, &message.id);
            }
        });
        std::mem::take(&mut self.rejected_since_room)
    }
}
