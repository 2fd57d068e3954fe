//! What is handed over next, and when.

use std::time::Duration;

use super::Batch;
use super::shared::Shared;
use crate::limits::{BATCH_BYTES, BATCH_MESSAGES};

pub(super) enum Next {
    Batch(Batch),
    Gather,
    Wait(Option<Duration>),
    Ended,
}

impl Shared {
    pub(super) fn poll_batch(&self) -> Next {
        let now = self.now();
        let mut state = self.state.lock();
        state.unacked.wake(now);
        let quiet = state.events.is_empty() && state.notes.is_empty();
        if quiet && state.ended {
            return Next::Ended;
        }
        if quiet && !state.unacked.is_ready() {
            return Next::Wait(state.unacked.next_due().map(|due| due.saturating_sub(now)));
        }
        if quiet && !state.gathered && state.rate.is_high(now) && state.unacked.ready_bytes(BATCH_BYTES) < BATCH_BYTES {
            state.gathered = true;
            return Next::Gather;
        }
        state.gathered = false;
        let messages = state.unacked.take(BATCH_MESSAGES, BATCH_BYTES);
        state.status.handed_over += messages.len() as u64;
        if !messages.is_empty() {
            self.ledger.change(|progress| {
                for delivery in &messages {
                    progress.mark_delivered(&delivery.message.conversation, delivery.message.seq());
                }
            });
        }
        let (events, places) = state.events.take();
        if !places.is_empty() {
            self.ledger
                .change(|progress| places.iter().for_each(|(conversation, seq)| progress.settle(conversation, *seq)));
            if std::mem::take(&mut state.turned_away) {
                self.room.notify_one();
            }
        }
        Next::Batch(Batch { messages, events, notes: std::mem::take(&mut state.notes).into() })
    }
}
