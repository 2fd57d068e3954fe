//! Which sequences are asked for in one request, and what follows when the answer does not come. A conversation whose
//! request failed is asked for alone and in smaller parts, so that it stops no other; a single message that fails while
//! other requests are answered is left out.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::conversation::Slot;
use super::{Catchup, Found, Known, Offer, Report};
use crate::limits::{
    PULL_ANSWER_BYTES, PULL_FAILURES_DOUBTED, PULL_FAILURES_MAX, PULL_MAX, PULL_PER_CONVERSATION, PULL_RETRY,
    PULL_RETRY_MAX,
};
use crate::wire::pb::{ConversationSeqs, MsgData, PushMessages};

/// The requests of one connection, and what failing ones have taught. The lessons outlive the connection.
#[derive(Debug, Default)]
pub(super) struct Pulls {
    /// What is asked for and not answered yet.
    in_flight: Vec<ConversationSeqs>,
    cautions: HashMap<Arc<str>, Caution>,
    /// Parts of requests that were answered.
    answered: u64,
    /// Requests that failed since the last one that was answered.
    failed_in_row: u32,
    /// Nothing is asked for earlier.
    not_before: Duration,
}

/// How a conversation is asked for whose request has failed.
#[derive(Debug, Clone)]
struct Caution {
    at_most: usize,
    /// Failures of a request for a single message.
    failures: u32,
    /// How many requests had been answered when the first of them failed.
    answered_before: u64,
    /// The next request asks for something that should be there, to see whether the server answers at all.
    is_probing: bool,
}

impl Default for Caution {
    fn default() -> Self {
        Self { at_most: PULL_PER_CONVERSATION, failures: 0, answered_before: 0, is_probing: false }
    }
}

impl Caution {
    fn fail(&mut self, asked: usize, answered: u64) -> Duration {
        if asked > 1 {
            self.at_most = (asked / 2).max(1);
            return PULL_RETRY;
        }
        self.at_most = 1;
        if self.failures == 0 {
            self.answered_before = answered;
        }
        self.failures = self.failures.saturating_add(1);
        self.is_probing = self.failures >= PULL_FAILURES_DOUBTED && answered == self.answered_before;
        PULL_RETRY.saturating_mul(1 << (self.failures - 1).min(6)).min(PULL_RETRY_MAX)
    }

    /// Whether the message itself is at fault: it failed often enough, and other requests were answered meanwhile.
    const fn is_message_at_fault(&self, answered: u64) -> bool {
        self.failures >= PULL_FAILURES_MAX && answered > self.answered_before
    }

    /// The server answered: larger parts are asked for as long as the answers stay small. Returns whether all is well.
    fn succeed(&mut self, asked: usize, bytes: usize) -> bool {
        self.failures = 0;
        let twice = 2 * asked.max(1);
        if bytes / asked.max(1) * twice <= PULL_ANSWER_BYTES {
            self.at_most = self.at_most.max(twice);
        }
        self.at_most >= PULL_PER_CONVERSATION
    }
}

impl Pulls {
    /// What the next connection should know of this one.
    pub(super) fn inherit(&self) -> Self {
        let mut pulls = Self { cautions: self.cautions.clone(), answered: self.answered, ..Self::default() };
        // A request that the connection did not survive may be why it ended.
        let is_alone = self.in_flight.len() == 1;
        for asked in &self.in_flight {
            let caution = pulls.cautions.entry(asked.conversation_id.as_str().into()).or_default();
            if is_alone {
                caution.fail(asked.seqs.len(), pulls.answered);
            }
        }
        pulls
    }

    pub(super) const fn not_before(&self) -> Duration {
        self.not_before
    }
}

impl Catchup {
    /// The next sequences to ask for by 1005, or none for now.
    pub fn plan(&mut self, known: &dyn Known, now: Duration) -> Vec<ConversationSeqs> {
        let mut plan: Vec<ConversationSeqs> = Vec::new();
        let mut total = 0;
        if self.pulls.not_before > now {
            return plan;
        }
        for _ in 0..self.turn.len() {
            if total >= PULL_MAX {
                break;
            }
            let Some(id) = self.turn.pop_front() else { break };
            let is_cautious = self.pulls.cautions.contains_key(&id);
            let Some(conversation) = self.conversations.get_mut(&id) else { continue };
            conversation.queued = false;
            if conversation.not_before > now || (is_cautious && !plan.is_empty()) {
                self.enqueue(&id);
                continue;
            }
            let seqs = self.slice(&id, known, PULL_MAX - total);
            if !seqs.is_empty() {
                total += seqs.len();
                plan.push(ConversationSeqs { conversation_id: id.to_string(), seqs });
                if is_cautious {
                    break;
                }
            }
        }
        self.pulls.in_flight.clone_from(&plan);
        plan
    }

    /// What is asked for of one conversation.
    fn slice(&mut self, id: &Arc<str>, known: &dyn Known, left: usize) -> Vec<i64> {
        let Some(conversation) = self.conversations.get_mut(id) else { return Vec::new() };
        let caution = self.pulls.cautions.get(id);
        let at_most = caution.map_or(PULL_PER_CONVERSATION, |caution| caution.at_most).min(left);
        if let Some(search) = &conversation.search {
            return if search.waits_for_time() { Vec::new() } else { search.slice(at_most) };
        }
        let room = known.room(id);
        conversation.stalled |= room == 0;
        let seqs = conversation.missing(id, known, at_most.min(room));
        if let Some(first) = seqs.first()
            && caution.is_some_and(|caution| caution.is_probing)
        {
            // The message before the failing one was there once; where there is none, the one after it.
            return vec![if *first > 1 { first - 1 } else { first + 1 }];
        }
        seqs
    }

    /// When a plan may have something that the last one had not.
    pub fn deadline(&self) -> Option<Duration> {
        let waiting = self.turn.iter().filter_map(|id| self.conversations.get(id));
        waiting.map(|conversation| conversation.not_before.max(self.pulls.not_before())).min()
    }

    /// Takes the answer to a plan. A conversation that the answer leaves out counts as failed.
    pub fn answer(
        &mut self,
        plan: &[ConversationSeqs],
        answer: PushMessages,
        known: &dyn Known,
        now: Duration,
        offer: &mut Offer<'_>,
    ) {
        self.pulls.in_flight.clear();
        let mut pulled = answer.msgs;
        pulled.extend(answer.notification_msgs);
        for asked in plan {
            let id: Arc<str> = asked.conversation_id.as_str().into();
            match pulled.remove(&asked.conversation_id) {
                Some(pulled) => self.take(&id, &asked.seqs, pulled.msgs, known, now, offer),
                None => self.fail(&id, &asked.seqs, true, known, now, offer),
            }
        }
    }

    /// The plan failed: the same is asked for again in a moment, each conversation by itself and less of it.
    pub fn failed(&mut self, plan: &[ConversationSeqs], known: &dyn Known, now: Duration, offer: &mut Offer<'_>) {
        self.pulls.in_flight.clear();
        self.pulls.failed_in_row = self.pulls.failed_in_row.saturating_add(1);
        if self.pulls.failed_in_row >= PULL_FAILURES_DOUBTED {
            self.pulls.not_before = now + PULL_RETRY;
        }
        for asked in plan {
            self.fail(&asked.conversation_id.as_str().into(), &asked.seqs, plan.len() == 1, known, now, offer);
        }
    }

    fn take(
        &mut self,
        id: &Arc<str>,
        asked: &[i64],
        messages: Vec<MsgData>,
        known: &dyn Known,
        now: Duration,
        offer: &mut Offer<'_>,
    ) {
        self.pulls.answered += 1;
        self.pulls.failed_in_row = 0;
        let bytes = messages.iter().map(|message| message.content.len() + message.ex.len() + 512).sum();
        let Some(conversation) = self.conversations.get_mut(id) else { return };
        if let Some(caution) = self.pulls.cautions.get_mut(id) {
            if conversation.search.is_none() && std::mem::take(&mut caution.is_probing) {
                self.enqueue(id);
                return;
            }
            if caution.succeed(asked.len(), bytes) {
                self.pulls.cautions.remove(id);
            }
        }
        let Some(search) = &mut conversation.search else {
            let join = self.tells_of_join(id, &messages);
            if let Some(conversation) = self.conversations.get_mut(id) {
                conversation.take(asked, messages, now);
            }
            if let Some(below) = join {
                self.search_join(id, below);
            }
            self.advance(id, known, offer);
            return;
        };
        match search.take(id, asked, &messages, known) {
            Some(begin) => self.begin_at(id, begin, known, offer),
            None => self.enqueue(id),
        }
    }

    fn fail(
        &mut self,
        id: &Arc<str>,
        asked: &[i64],
        is_alone: bool,
        known: &dyn Known,
        now: Duration,
        offer: &mut Offer<'_>,
    ) {
        let answered = self.pulls.answered;
        let Some(conversation) = self.conversations.get_mut(id) else { return };
        let caution = self.pulls.cautions.entry(id.clone()).or_default();
        let is_probe = conversation.search.is_none() && caution.is_probing;
        let wait = if is_alone { caution.fail(asked.len(), answered) } else { PULL_RETRY };
        if let [seq] = asked
            && !is_probe
            && caution.is_message_at_fault(answered)
        {
            self.leave_out(id, *seq, known, offer);
            return;
        }
        conversation.not_before = now + wait;
        self.enqueue(id);
    }

    /// A single message cannot be fetched while others can.
    fn leave_out(&mut self, id: &Arc<str>, seq: i64, known: &dyn Known, offer: &mut Offer<'_>) {
        self.pulls.cautions.remove(id);
        self.report(Report::Unfetchable { conversation: id.clone(), seq });
        let Some(conversation) = self.conversations.get_mut(id) else { return };
        let Some(search) = &mut conversation.search else {
            conversation.keep(seq, Slot::Nothing);
            self.advance(id, known, offer);
            return;
        };
        match search.take(id, &[seq], &[], known) {
            Some(begin) => self.begin_at(id, begin, known, offer),
            None => self.enqueue(id),
        }
    }

    /// A search has found where the conversation begins: nothing below it goes up.
    pub(super) fn begin_at(&mut self, id: &Arc<str>, begin: i64, known: &dyn Known, offer: &mut Offer<'_>) {
        let Some(conversation) = self.conversations.get_mut(id) else { return };
        conversation.search = None;
        let from = conversation.seen + 1;
        if begin > from {
            conversation.pass(from, begin - 1);
            offer(id, begin - 1, Found::Skip { from });
        }
        self.advance(id, known, offer);
    }
}
