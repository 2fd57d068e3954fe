//! The wire's side of an account: what it reports and what it may ask. Nothing here waits.

use std::sync::Arc;

use super::shared::{Shared, State};
use crate::ledger::{History, LoginProgress};
use crate::status::Phase;
use crate::{Event, Inbound, Journal, Offer, Sink, WireNotice, tasks};

/// Under which notifications are remembered: no conversation has this name.
const NEWS: &str = "";

impl Shared {
    fn is_repeat(&self, state: &State, message: &Inbound) -> bool {
        let (conversation, seq) = (&*message.conversation, message.seq());
        if state.unacked.holds(conversation, seq) || state.ids.contains(conversation, &message.id) {
            return true;
        }
        self.ledger.read(|progress| progress.knows(conversation, &message.id))
    }
}

impl Journal for Shared {
    fn history(&self) -> History {
        self.ledger.read(LoginProgress::history)
    }

    fn begin(&self) {
        self.ledger.change(LoginProgress::begin);
    }

    fn cursor(&self, conversation: &str) -> Option<i64> {
        self.ledger.read(|progress| progress.cursor(conversation))
    }

    fn has(&self, conversation: &str, seq: i64) -> bool {
        let state = self.state.lock();
        state.unacked.holds(conversation, seq)
            || state.events.holds(conversation, seq)
            || self.ledger.read(|progress| progress.is_settled(conversation, seq))
    }

    fn room(&self, conversation: &str) -> usize {
        let mut state = self.state.lock();
        let room = state.unacked.room(conversation);
        state.turned_away |= room == 0;
        room
    }

    fn pass(&self, conversation: &Arc<str>, seq: i64) {
        self.ledger.change(|progress| progress.settle(conversation, seq));
    }

    fn skip_to(&self, conversation: &Arc<str>, seq: i64) {
        self.ledger.change(|progress| progress.skip_to(conversation, seq));
    }

    fn reset(&self, conversation: &Arc<str>, seq: i64) {
        self.ledger.change(|progress| progress.reset(conversation, seq));
    }
}

impl Sink for Shared {
    fn connected(&self) {
        let now = self.clock.now_ms();
        let since = self.now();
        let mut state = self.state.lock();
        state.online_since = Some(since);
        state.passing = false;
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
        let tokens = self.tokens.clone();
        tasks::spawn(async move { tokens.recovered().await });
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
            if !state.unacked.holds(&message.conversation, message.seq()) {
                self.ledger.change(|progress| progress.settle(&message.conversation, message.seq()));
            }
            return Offer::Duplicate;
        }
        if !self.offline_policy.takes(&message, self.clock.now_ms()) {
            state.status.passed_over += 1;
            if !std::mem::replace(&mut state.passing, true) {
                let text = "messages sent while the account was away are passed over, as \"offline\" in the configuration says; the status counts them";
                state.push_note(text.into());
            }
            self.ledger.change(|progress| progress.settle(&message.conversation, message.seq()));
            return Offer::Taken;
        }
        let (conversation, id) = (message.conversation.clone(), message.id.clone());
        let again = self.ledger.read(|progress| progress.was_delivered(&conversation, message.seq()));
        if !state.unacked.offer(message, again) {
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

    fn event(&self, notice: WireNotice) -> Offer {
        let WireNotice { conversation, seq, id, events } = notice;
        let mut state = self.state.lock();
        if state.ended {
            return Offer::Full;
        }
        // The copy of a notification in a chat has its id; so its conversation does not count.
        let repeat = !id.is_empty() && state.ids.contains(NEWS, &id);
        if repeat || (seq > 0 && state.events.holds(&conversation, seq)) {
            state.status.duplicates += 1;
            if seq > 0 && !state.events.holds(&conversation, seq) {
                self.ledger.change(|progress| progress.settle(&conversation, seq));
            }
            return Offer::Duplicate;
        }
        let events = events.into_iter().map(Event::WireEvent);
        if seq > 0 {
            if !state.events.keep(events.collect(), &(conversation, seq)) {
                state.status.overflowed += 1;
                state.turned_away = true;
                return Offer::Full;
            }
        } else {
            events.for_each(|event| state.push_event(event));
        }
        if !id.is_empty() {
            state.ids.insert(NEWS, &id);
        }
        drop(state);
        self.wake.notify_one();
        Offer::Taken
    }

    fn note(&self, line: String) {
        let mut state = self.state.lock();
        if state.ended {
            return;
        }
        state.push_note(line);
        drop(state);
        self.wake.notify_one();
    }
}
