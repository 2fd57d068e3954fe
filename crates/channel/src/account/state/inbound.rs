//! Messages and events that enter the account from the wire. A message is taken, recognised as a repeat, skipped by the
//! offline policy, or rejected for lack of room.

use std::sync::Arc;

use super::{Now, State, ms};
use crate::event::{Event, WireNotice};
use crate::limits::{AWAY_AFTER, RESUMING};
use crate::message::Inbound;
use crate::transport::Offer;

/// Reserved conversation for the ids of notices. The empty string is never the id of a conversation.
const NOTICES: &str = "";

/// Reported once per connection.
const SKIPPED: &str = "messages sent while the account was away are passed over, as \"offline\" in the configuration says; the status counts them";

impl State {
    /// Offers a message. The lock around the state makes it held or settled at every moment, never neither.
    pub(crate) fn offer_message(&mut self, mut message: Inbound, now: Now) -> Offer {
        self.status.received += 1;
        let seq = message.seq();
        self.notice_suspension(now);
        if self.is_repeat(&message) {
            self.status.duplicates += 1;
            // A second copy under a sequence of its own must not hold the cursor up.
            if !self.unacked.holds(&message.conversation, seq) {
                self.ledger.change(|progress| progress.settle(&message.conversation, seq));
            }
            return Offer::Duplicate;
        }
        // What was handed over before a crash is under way already: it is neither skipped nor called missed.
        let was_delivered = self.ledger.read(|progress| progress.was_delivered(&message.conversation, seq));
        message.offline = !was_delivered && (message.offline || self.is_from_suspension(&message, now));
        if !self.offline_policy.takes(&message, now.server_ms()) {
            self.status.passed_over += 1;
            if !std::mem::replace(&mut self.skipped_reported, true) {
                self.push_note(SKIPPED.into());
            }
            self.ledger.change(|progress| progress.settle(&message.conversation, seq));
            return Offer::Taken;
        }
        let (conversation, id) = (message.conversation.clone(), message.id.clone());
        if !self.unacked.offer(message, was_delivered) {
            return self.reject();
        }
        self.ids.insert(&conversation, &id);
        self.rate.count(now.elapsed);
        self.status.last_inbound_at = Some(now.unix_ms);
        Offer::Taken
    }

    /// Offers the events of one notice. With a sequence they are kept until they are handed over.
    pub(crate) fn offer_notice(&mut self, notice: WireNotice) -> Offer {
        let WireNotice { conversation, seq, id, events } = notice;
        if self.is_finished {
            return Offer::Full;
        }
        let is_held = seq > 0 && self.events.holds(&conversation, seq);
        // The copy of a notice in a chat has its id; so its conversation does not count.
        let is_known = !id.is_empty() && self.ids.contains(NOTICES, &id);
        if is_known || is_held {
            self.status.duplicates += 1;
            if seq > 0 && !is_held {
                self.ledger.change(|progress| progress.settle(&conversation, seq));
            }
            return Offer::Duplicate;
        }
        let events = events.into_iter().map(Event::WireEvent);
        if seq > 0 {
            if !self.events.keep(events.collect(), &(conversation, seq)) {
                return self.reject();
            }
        } else {
            events.for_each(|event| self.push_event(event));
        }
        if !id.is_empty() {
            self.ids.insert(NOTICES, &id);
        }
        Offer::Taken
    }

    /// The run of sequences that holds `seq`, or the nearest one below it, of those that are settled, or wait to be handed
    /// over or acknowledged.
    pub(crate) fn run_below(&self, conversation: &str, seq: i64) -> Option<(i64, i64)> {
        let held = self.unacked.newest_held(conversation, seq).max(self.events.newest_held(conversation, seq));
        let held = held.map(|seq| (seq, seq));
        let settled = self.ledger.read(|progress| progress.run_below(conversation, seq));
        [held, settled].into_iter().flatten().max_by_key(|(_, end)| *end)
    }

    /// Whether a message or notice with this id was taken before, as far as is remembered.
    pub(crate) fn knows(&self, conversation: &str, id: &str) -> bool {
        self.ids.contains(conversation, id)
            || self.ids.contains(NOTICES, id)
            || self.ledger.read(|progress| progress.knows(conversation, id))
    }

    /// The server counts a conversation anew. What is held of it keeps no sequence: it would be one of another message.
    pub(crate) fn count_anew(&mut self, conversation: &Arc<str>, seq: i64) {
        self.unacked.forget_seqs(conversation);
        self.events.forget_places(conversation);
        self.ledger.change(|progress| progress.reset(conversation, seq));
    }

    /// Whether a message waited in the buffers of a connection while the process was suspended.
    fn is_from_suspension(&self, message: &Inbound, now: Now) -> bool {
        let is_just_resumed = self.resumed_at.is_some_and(|at| now.elapsed.saturating_sub(at) < RESUMING);
        is_just_resumed && message.sent_at > 0 && now.server_ms().saturating_sub(message.sent_at) >= ms(AWAY_AFTER)
    }

    /// How many more messages of a conversation would be taken now.
    pub(crate) fn room(&mut self, conversation: &str) -> usize {
        let room = self.unacked.room(conversation);
        self.rejected_since_room |= room == 0;
        room
    }

    fn reject(&mut self) -> Offer {
        self.status.overflowed += 1;
        self.rejected_since_room = true;
        Offer::Full
    }

    fn is_repeat(&self, message: &Inbound) -> bool {
        let (conversation, seq) = (&*message.conversation, message.seq());
        if self.unacked.holds(conversation, seq) || self.ids.contains(conversation, &message.id) {
            return true;
        }
        self.ledger.read(|progress| progress.knows(conversation, &message.id))
    }
}
