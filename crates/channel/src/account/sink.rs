//! The account as its transport sees it: where the wire reports, and what it may ask. Nothing here waits.

use std::sync::Arc;

use base::Error;

use super::core::AccountCore;
use super::state::Transition;
use crate::event::WireNotice;
use crate::ledger::{History, LoginProgress};
use crate::message::Inbound;
use crate::tasks;
use crate::transport::{Journal, Observation, Offer, Sink};

impl Journal for AccountCore {
    fn history(&self) -> History {
        self.ledger.read(LoginProgress::history)
    }

    fn begin(&self) {
        self.ledger.change(LoginProgress::begin);
    }

    fn cursor(&self, conversation: &str) -> Option<i64> {
        self.ledger.read(|progress| progress.cursor(conversation))
    }

    fn run_below(&self, conversation: &str, seq: i64) -> Option<(i64, i64)> {
        self.state.lock().run_below(conversation, seq)
    }

    fn delivered(&self, conversation: &str) -> i64 {
        self.ledger.read(|progress| progress.delivered(conversation))
    }

    fn knows(&self, conversation: &str, id: &str) -> bool {
        self.state.lock().knows(conversation, id)
    }

    fn conversations(&self) -> Vec<Arc<str>> {
        self.ledger.read(|progress| progress.conversations().cloned().collect())
    }

    fn server_ms(&self) -> i64 {
        self.now_with_skew().server_ms()
    }

    fn room(&self, conversation: &str) -> usize {
        self.state.lock().room(conversation)
    }

    fn pass(&self, conversation: &Arc<str>, seq: i64) {
        self.ledger.change(|progress| progress.settle(conversation, seq));
    }

    fn skip(&self, conversation: &Arc<str>, from: i64, to: i64) {
        self.ledger.change(|progress| progress.skip(conversation, from, to));
    }

    fn reset(&self, conversation: &Arc<str>, seq: i64) {
        self.state.lock().count_anew(conversation, seq);
    }
}

impl Sink for AccountCore {
    fn connected(&self) {
        self.apply(Transition::Connected);
        let tokens = self.tokens.clone();
        tasks::spawn(async move { tokens.recovered().await });
    }

    fn sync_started(&self) {
        self.apply(Transition::SyncStarted);
    }

    fn synced(&self) {
        self.apply(Transition::Synced);
    }

    fn activity(&self) {
        let now = self.now();
        self.state.lock().count_activity(now);
    }

    fn message(&self, message: Inbound) -> Offer {
        let now = self.now_with_skew();
        let offer = self.state.lock().offer_message(message, now);
        if offer == Offer::Taken {
            self.work_available.notify_one();
        }
        offer
    }

    fn event(&self, notice: WireNotice) -> Offer {
        let offer = self.state.lock().offer_notice(notice);
        if offer == Offer::Taken {
            self.work_available.notify_one();
        }
        offer
    }

    fn note(&self, line: String) {
        Self::note(self, line);
    }

    fn observed(&self, observation: Observation) {
        let now = self.now();
        self.state.lock().observe(observation, now);
        self.work_available.notify_one();
    }

    fn troubled(&self, error: &Error) {
        self.state.lock().remember_error(error);
    }
}
