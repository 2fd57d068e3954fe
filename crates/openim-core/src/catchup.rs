//! Which sequences of which conversation are still missing, and in what order messages go up. Pure: pushes, answers and
//! time go in; requests to make come out; messages go to the caller's closure in the order of their sequence.
//!
//! It owns no cursor. What is settled or already handed over is read from [`Known`], so that a new connection begins with
//! exactly what is missing.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

pub use crate::beginning::{Beginning, Start};
use crate::limits::{
    BUFFERED_MAX, GAP_MAX, HOLES_MAX, PLACEHOLDER_WAITS, PULL_MAX, PULL_PER_CONVERSATION, PULL_RETRY, SEQ_MAX,
    UNREADABLE_MAX,
};
use crate::message::kinds::STATUS_DELETED;
use crate::wire::pb::{ConversationSeqs, MsgData, PushMessages};

/// What the ledger knows.
pub trait Known {
    /// Everything up to here is settled; none for a conversation it has never seen.
    fn cursor(&self, conversation: &str) -> Option<i64>;
    /// Settled, or handed over and waiting to be.
    fn has(&self, conversation: &str, seq: i64) -> bool;
    /// How many more messages of the conversation would be taken now.
    fn room(&self, conversation: &str) -> usize;
}

/// What goes up.
#[derive(Debug)]
pub enum Found {
    /// A message.
    Message {
        /// The message.
        message: Box<MsgData>,
        /// It was sent before this connection.
        offline: bool,
    },
    /// Nothing will ever come under this sequence.
    Nothing,
    /// Nothing up to and with this sequence goes up: it is history, or too much.
    Skip,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is done; the position moves on.
    Done,
    /// No room: it is asked for again later.
    Full,
}

/// Takes what goes up, in order.
pub type Offer<'a> = dyn FnMut(&Arc<str>, i64, Found) -> Verdict + 'a;

/// A gap that was cut to its newest part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The conversation.
    pub conversation: Arc<str>,
    /// How many messages were left out.
    pub skipped: i64,
}

/// The state of one connection's catching up.
///
/// ```
/// use openim_core::catchup::{Beginning, Catchup, Known, Verdict};
/// use std::time::Duration;
///
/// /// Nothing is known yet, and everything is taken.
/// struct Empty;
/// impl Known for Empty {
///     fn cursor(&self, _: &str) -> Option<i64> { Some(0) }
///     fn has(&self, _: &str, _: i64) -> bool { false }
///     fn room(&self, _: &str) -> usize { 100 }
/// }
///
/// let mut catchup = Catchup::default();
/// let offer = &mut |_: &_, _, _| Verdict::Done;
/// catchup.newest([("sg_1".to_owned(), 3)].into(), &Beginning::Known.into(), &Empty, offer);
/// // The server is ahead by three messages: they are to be pulled.
/// assert_eq!(catchup.plan(&Empty, Duration::ZERO)[0].seqs, [1, 2, 3]);
/// ```
#[derive(Debug, Default)]
pub struct Catchup {
    conversations: HashMap<Arc<str>, Conversation>,
    /// Conversations that may have something to pull, in turn.
    turn: VecDeque<Arc<str>>,
    /// Pushes that came before the first answer to 1001: what they say counts, their content is pulled.
    early: BTreeMap<Arc<str>, (i64, i64)>,
    synced: bool,
    cuts: Vec<Cut>,
}

#[derive(Debug)]
struct Conversation {
    /// Everything up to here went up in this connection or was known before.
    seen: i64,
    /// The newest sequence anybody has told us of.
    max: i64,
    /// The newest one when the connection began: up to here it is catching up, after it live.
    offline_to: i64,
    slots: BTreeMap<i64, Slot>,
    /// Sequences given up as empty; a late push under one is a message all the same.
    holes: BTreeSet<i64>,
    queued: bool,
    stalled: bool,
    asks: usize,
    not_before: Duration,
}

#[derive(Debug)]
enum Slot {
    Message(Box<MsgData>),
    Nothing,
}

impl Catchup {
    /// The newest sequence known of a conversation, 0 where none is.
    pub fn newest_of(&self, conversation: &str) -> i64 {
        self.conversations.get(conversation).map_or(0, |conversation| conversation.max)
    }

    /// Whether a push may count its conversation this far. A leap of more than a whole gap is the server's to confirm, in
    /// an answer to 1001: one push must not move an account past its messages.
    pub fn believes(&self, conversation: &str, seq: i64, known: &dyn Known) -> bool {
        let newest = self.newest_of(conversation).max(known.cursor(conversation).unwrap_or_default());
        seq <= SEQ_MAX && (!self.synced || seq <= newest.saturating_add(GAP_MAX))
    }

    /// Conversations whose numbers went back: the server began anew, and the ledger has to follow before [`Self::newest`].
    pub fn resets(&self, maxima: &BTreeMap<String, i64>, known: &dyn Known) -> Vec<(String, i64)> {
        // Later answers may be older than what pushes have told since.
        let first = maxima.iter().filter(|_| !self.synced);
        first
            .filter(|(id, max)| known.cursor(id).is_some_and(|at| at > **max))
            .map(|(id, max)| (id.clone(), *max))
            .collect()
    }

    /// Gaps that were too large to fetch whole, since the last call.
    pub fn take_cuts(&mut self) -> Vec<Cut> {
        std::mem::take(&mut self.cuts)
    }

    /// Takes the answer to 1001.
    pub fn newest(&mut self, maxima: BTreeMap<String, i64>, start: &Start, known: &dyn Known, offer: &mut Offer<'_>) {
        self.synced = true;
        let mut maxima: BTreeMap<Arc<str>, i64> = maxima.into_iter().map(|(id, max)| (id.into(), max)).collect();
        let early = std::mem::take(&mut self.early);
        for (id, (_, last)) in &early {
            let max = maxima.entry(id.clone()).or_insert(*last);
            *max = (*max).max(*last);
        }
        for (id, max) in maxima {
            let begins = Begins { start, early: early.get(&id).map(|(first, _)| *first) };
            self.raise(&id, max, begins, known, offer);
            self.advance(&id, known, offer);
        }
    }

    /// Takes one pushed message that has a sequence. What fits goes up at once; what leaves a gap waits for it.
    pub fn push(&mut self, id: &Arc<str>, message: MsgData, known: &dyn Known, offer: &mut Offer<'_>) {
        let seq = message.seq;
        if !self.synced {
            let (first, last) = self.early.entry(id.clone()).or_insert((seq, seq));
            (*first, *last) = ((*first).min(seq), (*last).max(seq));
            return;
        }
        let at = known.cursor(id).unwrap_or_default();
        let conversation = self.conversations.entry(id.clone()).or_insert_with(|| Conversation::at(at, at));
        if seq <= conversation.seen {
            // A repeat, or the message behind a placeholder that was given up too early.
            if conversation.holes.remove(&seq) {
                offer(id, seq, Found::Message { message: Box::new(message), offline: false });
            }
            return;
        }
        let skipped = conversation.raise(seq, GAP_MAX);
        conversation.keep(seq, Slot::Message(Box::new(message)));
        self.cut(id, skipped, offer);
        self.advance(id, known, offer);
    }

    /// The next sequences to ask for by 1005, or none for now.
    pub fn plan(&mut self, known: &dyn Known, now: Duration) -> Vec<ConversationSeqs> {
        let mut plan = Vec::new();
        let mut total = 0;
        for _ in 0..self.turn.len() {
            if total >= PULL_MAX {
                break;
            }
            let Some(id) = self.turn.pop_front() else { break };
            let Some(conversation) = self.conversations.get_mut(&id) else {
                continue;
            };
            conversation.queued = false;
            if conversation.not_before > now {
                self.enqueue(&id);
                continue;
            }
            let at_most = (PULL_MAX - total).min(PULL_PER_CONVERSATION);
            let seqs = conversation.missing(&id, known, at_most);
            conversation.stalled |= known.room(&id) == 0;
            if !seqs.is_empty() {
                total += seqs.len();
                plan.push(ConversationSeqs { conversation_id: id.to_string(), seqs });
            }
        }
        plan
    }

    /// When a plan may have something that the last one had not.
    pub fn deadline(&self) -> Option<Duration> {
        let waiting = self.turn.iter().filter_map(|id| self.conversations.get(id));
        waiting.map(|conversation| conversation.not_before).min()
    }

    /// Takes the answer to a plan.
    pub fn answer(
        &mut self,
        plan: &[ConversationSeqs],
        answer: PushMessages,
        known: &dyn Known,
        now: Duration,
        offer: &mut Offer<'_>,
    ) {
        let mut pulled = answer.msgs;
        pulled.extend(answer.notification_msgs);
        for asked in plan {
            let id: Arc<str> = asked.conversation_id.as_str().into();
            let messages = pulled.remove(&asked.conversation_id).unwrap_or_default().msgs;
            if let Some(conversation) = self.conversations.get_mut(&id) {
                conversation.take(&asked.seqs, messages, now);
            }
            self.advance(&id, known, offer);
        }
    }

    /// The plan failed: the same is asked for again in a moment.
    pub fn failed(&mut self, plan: &[ConversationSeqs], now: Duration) {
        for asked in plan {
            let id: Arc<str> = asked.conversation_id.as_str().into();
            if let Some(conversation) = self.conversations.get_mut(&id) {
                conversation.not_before = now + PULL_RETRY;
                self.enqueue(&id);
            }
        }
    }

    /// Room was made above: what was turned away is asked for again.
    pub fn room(&mut self, known: &dyn Known, offer: &mut Offer<'_>) {
        let stalled: Vec<_> = self
            .conversations
            .iter()
            .filter(|(id, c)| c.stalled && known.room(id) > 0)
            .map(|(id, _)| id.clone())
            .collect();
        for id in stalled {
            if let Some(conversation) = self.conversations.get_mut(&id) {
                conversation.stalled = false;
            }
            self.advance(&id, known, offer);
        }
    }

    fn raise(&mut self, id: &Arc<str>, max: i64, begins: Begins, known: &dyn Known, offer: &mut Offer<'_>) {
        let start = known.cursor(id).unwrap_or_else(|| begins.at(id, max));
        let is_new = !self.conversations.contains_key(id);
        let conversation = self
            .conversations
            .entry(id.clone())
            .or_insert_with(|| Conversation::at(start, if begins.start.away { max } else { start }));
        if is_new && known.cursor(id).is_none() && start > 0 {
            // History: settled without ever going up.
            offer(id, start, Found::Skip);
        }
        let limit = if is_new && begins.start.away { begins.start.gap_max.min(GAP_MAX) } else { GAP_MAX };
        let skipped = conversation.raise(max, limit);
        self.cut(id, skipped, offer);
    }

    /// Reports a gap that was too large to fetch whole.
    fn cut(&mut self, id: &Arc<str>, skipped: i64, offer: &mut Offer<'_>) {
        if skipped > 0
            && let Some(conversation) = self.conversations.get(id)
        {
            offer(id, conversation.seen, Found::Skip);
            self.cuts.push(Cut { conversation: id.clone(), skipped });
        }
    }

    /// Sends up what is next in order; what is missing behind it gets its turn.
    fn advance(&mut self, id: &Arc<str>, known: &dyn Known, offer: &mut Offer<'_>) {
        let Some(conversation) = self.conversations.get_mut(id) else {
            return;
        };
        while conversation.seen < conversation.max && !conversation.stalled {
            let next = conversation.seen + 1;
            if known.has(id, next) {
                conversation.slots.remove(&next);
            } else {
                let Some(slot) = conversation.slots.remove(&next) else {
                    break;
                };
                let offline = next <= conversation.offline_to;
                let found = match slot {
                    Slot::Message(message) => Found::Message { message, offline },
                    Slot::Nothing => {
                        conversation.remember_hole(next);
                        Found::Nothing
                    }
                };
                if offer(id, next, found) == Verdict::Full {
                    conversation.stalled = true;
                    break;
                }
            }
            conversation.seen = next;
            conversation.asks = 0;
        }
        if conversation.seen < conversation.max && !conversation.stalled {
            self.enqueue(id);
        }
    }

    fn enqueue(&mut self, id: &Arc<str>) {
        if let Some(conversation) = self.conversations.get_mut(id)
            && !std::mem::replace(&mut conversation.queued, true)
        {
            self.turn.push_back(id.clone());
        }
    }
}

impl Conversation {
    const fn at(seen: i64, offline_to: i64) -> Self {
        Self {
            seen,
            max: seen,
            offline_to,
            slots: BTreeMap::new(),
            holes: BTreeSet::new(),
            queued: false,
            stalled: false,
            asks: 0,
            not_before: Duration::ZERO,
        }
    }

    /// Learns of a newer sequence. A single leap of more than `limit` is cut to its newest part; what has piled up step
    /// by step is not, for it is only waiting for room. Returns how much was left out.
    fn raise(&mut self, max: i64, limit: i64) -> i64 {
        let leap = max.saturating_sub(self.max);
        self.max = self.max.max(max);
        let floor = self.max.saturating_sub(limit);
        if leap <= limit || floor <= self.seen {
            return 0;
        }
        let skipped = floor - self.seen;
        self.seen = floor;
        self.slots = self.slots.split_off(&(floor + 1));
        skipped
    }

    /// Keeps a slot; of too many the furthest goes and is pulled in its turn.
    fn keep(&mut self, seq: i64, slot: Slot) {
        self.slots.insert(seq, slot);
        if self.slots.len() > BUFFERED_MAX {
            self.slots.pop_last();
        }
    }

    fn missing(&self, id: &str, known: &dyn Known, at_most: usize) -> Vec<i64> {
        let room = known.room(id).min(at_most);
        let candidates = (self.seen + 1)..=self.max;
        candidates.filter(|seq| !self.slots.contains_key(seq) && !known.has(id, *seq)).take(room).collect()
    }

    fn take(&mut self, asked: &[i64], messages: Vec<MsgData>, now: Duration) {
        let mut pulled: BTreeMap<i64, MsgData> = messages.into_iter().map(|message| (message.seq, message)).collect();
        let newest_real = pulled.iter().rev().find(|(_, message)| !is_placeholder(message)).map(|(seq, _)| *seq);
        let newest_real = newest_real.max(self.slots.last_key_value().map(|(seq, _)| *seq)).unwrap_or_default();
        let settled_to = newest_real.max(self.max.saturating_sub(UNREADABLE_MAX));
        let mut unsettled = false;
        let seen = self.seen;
        for seq in asked.iter().copied().filter(|seq| *seq > seen) {
            match pulled.remove(&seq) {
                Some(message) if !is_placeholder(&message) => self.keep(seq, Slot::Message(Box::new(message))),
                // The server counts a message before it can be read: among the newest an empty place is not final yet.
                Some(_) if seq > settled_to && self.asks < PLACEHOLDER_WAITS.len() => unsettled = true,
                // Empty for good, or outside of what this user may see.
                _ => self.keep(seq, Slot::Nothing),
            }
        }
        if unsettled {
            self.not_before = now + PLACEHOLDER_WAITS[self.asks];
            self.asks += 1;
        }
    }

    fn remember_hole(&mut self, seq: i64) {
        self.holes.insert(seq);
        if self.holes.len() > HOLES_MAX {
            self.holes.pop_first();
        }
    }
}

#[derive(Clone, Copy)]
struct Begins<'a> {
    start: &'a Start,
    /// The oldest push that came before the first answer.
    early: Option<i64>,
}

impl Begins<'_> {
    /// The cursor of a conversation that has none.
    fn at(self, conversation: &str, max: i64) -> i64 {
        let at = match &self.start.beginning {
            Beginning::Known => 0,
            Beginning::FirstStart { newest } => (max - newest).max(0),
            // Notifications have no read position.
            Beginning::ReadPosition(read) => read.get(conversation).copied().unwrap_or(max).clamp(0, max),
        };
        self.early.map_or(at, |seq| at.min(seq - 1)).max(0)
    }
}

/// Whether a pulled message stands for one that is lost, deleted, or not readable yet.
pub fn is_placeholder(message: &MsgData) -> bool {
    message.client_msg_id.is_empty() && (message.status == STATUS_DELETED || message.content.is_empty())
}
