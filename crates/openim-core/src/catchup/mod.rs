//! Which sequences of which conversation are still missing, and in what order messages go up. Pure: pushes, answers and
//! time go in; requests to make come out; messages go to the caller's closure in the order of their sequence.
//!
//! It owns no cursor. What is settled or already handed over is read from [`Known`], so that a new connection begins with
//! exactly what is missing. Only sequences that the server assigned may be given to it.

mod beginning;
mod conversation;
mod meeting;
mod placeholder;
mod pulls;
mod search;
mod span;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use beginning::Begins;
pub use beginning::{Beginning, Start};
use conversation::{Conversation, Offline, Slot};
pub use placeholder::is_placeholder;
use pulls::Pulls;

use crate::limits::{GAP_MAX, REPORTS_MAX, SEQ_MAX};
use crate::membership::{self, Membership};
use crate::wire::pb::MsgData;

/// What the ledger knows.
pub trait Known {
    /// Everything up to here is settled; none for a conversation it has never seen.
    fn cursor(&self, conversation: &str) -> Option<i64>;
    /// The run of known sequences that holds `seq`, or the nearest one below it. Known is what is settled, or handed over
    /// and waiting to be.
    fn run_below(&self, conversation: &str, seq: i64) -> Option<(i64, i64)>;
    /// The newest sequence that was ever handed over; 0 where none was.
    fn delivered(&self, conversation: &str) -> i64;
    /// Whether a message with this id was taken before.
    fn knows(&self, conversation: &str, id: &str) -> bool;
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
    /// Nothing from the given sequence up to and with this one goes up: it is history, or too much.
    Skip {
        /// The first of them.
        from: i64,
    },
    /// The server counts the conversation anew: everything up to this sequence counts as settled, nothing above it.
    Reset,
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

/// What an operator should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A gap was cut to its newest part.
    Cut {
        /// The conversation.
        conversation: Arc<str>,
        /// How many messages were left out.
        skipped: i64,
    },
    /// A message could not be fetched although others could, and is left out.
    Unfetchable {
        /// The conversation.
        conversation: Arc<str>,
        /// The sequence of the message.
        seq: i64,
    },
    /// The server counts a conversation anew.
    CountedAnew {
        /// The conversation.
        conversation: Arc<str>,
        /// Its newest sequence now.
        max: i64,
    },
    /// There are more conversations, or longer names, than are kept.
    TooManyConversations,
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
///     fn run_below(&self, _: &str, _: i64) -> Option<(i64, i64)> { None }
///     fn delivered(&self, _: &str) -> i64 { 0 }
///     fn knows(&self, _: &str, _: &str) -> bool { false }
///     fn room(&self, _: &str) -> usize { 100 }
/// }
///
/// let mut catchup = Catchup::new("me");
/// let offer = &mut |_: &_, _, _| Verdict::Done;
/// catchup.newest([("sg_1".to_owned(), 3)].into(), &Beginning::Known.into(), &Empty, Duration::ZERO, offer);
/// // The server is ahead by three messages: they are to be pulled, a moment after it has counted them.
/// assert!(catchup.plan(&Empty, Duration::ZERO).is_empty());
/// assert_eq!(catchup.plan(&Empty, Duration::from_millis(300))[0].seqs, [1, 2, 3]);
/// ```
#[derive(Debug, Default)]
pub struct Catchup {
    self_id: Arc<str>,
    conversations: HashMap<Arc<str>, Conversation>,
    name_bytes: usize,
    /// Conversations that may have something to pull, in turn.
    turn: VecDeque<Arc<str>>,
    /// Pushes that came before the first answer to 1001: what they say counts, their content is pulled.
    early: BTreeMap<Arc<str>, (i64, i64)>,
    synced: bool,
    since_ms: i64,
    pulls: Pulls,
    reports: Vec<Report>,
    /// A push came under a sequence that should be over. Where the conversation stands has to be asked.
    is_doubtful: bool,
    /// Which messages counted as offline when an earlier connection ended before it had caught up with them.
    missed: HashMap<Arc<str>, Offline>,
    /// Groups that this user had left when an earlier connection ended.
    left: HashMap<Arc<str>, i64>,
    /// Conversations whose count was lower in the last answer than before it.
    fallen: BTreeSet<Arc<str>>,
    /// Groups whose members have to be asked for when this user came in.
    unasked_groups: Vec<String>,
}

impl Catchup {
    /// For one user's first connection.
    pub fn new(self_id: &str) -> Self {
        Self { self_id: self_id.into(), ..Self::default() }
    }

    /// For the next connection: it knows no position, but which requests failed, and which messages count as missed
    /// although that connection comes soon.
    #[must_use]
    pub fn next_connection(&self, self_id: &str) -> Self {
        let (mut missed, mut left) = (self.missed.clone(), self.left.clone());
        for (id, conversation) in &self.conversations {
            missed.remove(id);
            left.remove(id);
            missed.extend((conversation.offline.up_to > conversation.seen).then(|| (id.clone(), conversation.offline)));
            left.extend(conversation.left_at.map(|at| (id.clone(), at)));
        }
        Self { pulls: self.pulls.inherit(), missed, left, ..Self::new(self_id) }
    }

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

    /// What an operator should know, since the last call.
    pub fn take_reports(&mut self) -> Vec<Report> {
        std::mem::take(&mut self.reports)
    }

    /// Whether the server has to be asked where conversations stand, because of a push under a sequence that should be over
    /// or of a count that has fallen once.
    pub fn take_doubt(&mut self) -> bool {
        std::mem::take(&mut self.is_doubtful)
    }

    /// Groups of which is to be asked when this user came in, since the last call. [`Self::joined`] takes the answers.
    pub fn take_unasked_groups(&mut self) -> Vec<String> {
        std::mem::take(&mut self.unasked_groups)
    }

    /// The server is about to be asked where conversations stand: an answer below this has fallen back.
    pub fn asking(&mut self) {
        for conversation in self.conversations.values_mut() {
            conversation.seen_when_asked = conversation.seen;
        }
    }

    /// Takes the answer to 1001.
    pub fn newest(
        &mut self,
        maxima: BTreeMap<String, i64>,
        start: &Start,
        known: &dyn Known,
        now: Duration,
        offer: &mut Offer<'_>,
    ) {
        let is_first = !std::mem::replace(&mut self.synced, true);
        self.since_ms = start.since_ms;
        let mut maxima: BTreeMap<Arc<str>, i64> = maxima.into_iter().map(|(id, max)| (id.into(), max)).collect();
        self.follow_resets(&maxima, start, is_first, known, offer);
        let early = std::mem::take(&mut self.early);
        for (id, (_, last)) in &early {
            let told = maxima.get(id).copied().or(known.cursor(id)).unwrap_or_default();
            if *last <= told.saturating_add(GAP_MAX) {
                let max = maxima.entry(id.clone()).or_insert(*last);
                *max = (*max).max(*last);
            }
        }
        for (id, max) in maxima {
            let begins = Begins { start, early: early.get(&id).map(|(first, _)| *first), is_first };
            self.raise(&id, max, begins, known, now, offer);
            self.advance(&id, known, offer);
        }
    }

    /// Takes one pushed message that has a sequence of the server's. What fits goes up at once; what leaves a gap waits
    /// for it.
    pub fn push(&mut self, id: &Arc<str>, message: MsgData, known: &dyn Known, offer: &mut Offer<'_>) {
        let seq = message.seq;
        if !self.synced {
            if self.early.contains_key(id) || self.has_room_for(id) {
                let (first, last) = self.early.entry(id.clone()).or_insert((seq, seq));
                (*first, *last) = ((*first).min(seq), (*last).max(seq));
            }
            return;
        }
        if !self.meet_by_push(id, &message, known, offer) {
            return;
        }
        let Some(conversation) = self.conversations.get_mut(id) else { return };
        if seq <= conversation.seen {
            // A repeat, or the message behind a placeholder that was given up too early.
            if conversation.holes.remove(&seq) {
                offer(id, seq, Found::Message { message: Box::new(message), offline: false });
            } else if message.send_id != *self.self_id && !known.knows(id, &message.client_msg_id) {
                self.is_doubtful = true;
            }
            return;
        }
        let passed = conversation.raise(id, seq, GAP_MAX, known);
        conversation.keep(seq, Slot::Message(Box::new(message)));
        self.cut(id, passed, offer);
        self.advance(id, known, offer);
    }

    /// Room was made above: what was turned away is asked for again.
    pub fn room(&mut self, known: &dyn Known, offer: &mut Offer<'_>) {
        // In one order everywhere, so that a seed is one story.
        let stalled: BTreeSet<_> = self
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

    /// Passes over a part of a gap that was too large to fetch whole.
    fn cut(&mut self, id: &Arc<str>, passed: Option<conversation::Passed>, offer: &mut Offer<'_>) {
        if let Some(passed) = passed
            && let Some(conversation) = self.conversations.get_mut(id)
        {
            conversation.pass(passed.from, passed.to);
            offer(id, passed.to, Found::Skip { from: passed.from });
            self.report(Report::Cut { conversation: id.clone(), skipped: passed.missing });
        }
    }

    /// Sends up what is next in order; what is missing behind it gets its turn.
    fn advance(&mut self, id: &Arc<str>, known: &dyn Known, offer: &mut Offer<'_>) {
        let Some(conversation) = self.conversations.get_mut(id) else { return };
        let mut has_left = false;
        while conversation.seen < conversation.max && conversation.is_open() && !has_left {
            let next = conversation.seen + 1;
            if let Some(end) = span::known_up_to(known, id, next) {
                conversation.pass(next, end.min(conversation.max));
                conversation.asks = 0;
                continue;
            }
            let Some(slot) = conversation.slots.remove(&next) else { break };
            let mut is_end = false;
            let found = match slot {
                Slot::Message(message) => {
                    is_end = membership::group_of(id).is_some()
                        && membership::change(&message, &self.self_id) == Some(Membership::Left);
                    Found::Message { offline: conversation.offline.holds(next, &message), message }
                }
                Slot::Nothing => {
                    conversation.remember_hole(next);
                    Found::Nothing
                }
            };
            if offer(id, next, found) == Verdict::Full {
                conversation.stalled = true;
                break;
            }
            conversation.seen = next;
            conversation.asks = 0;
            has_left = is_end;
        }
        if has_left {
            conversation.left_at = Some(conversation.seen);
        }
        let top = conversation.max;
        if conversation.seen >= top || !conversation.is_open() {
            return;
        }
        if conversation.left_at.is_some_and(|at| top > at) {
            // What was written while this user was no member is none of its messages.
            conversation.left_at = Some(top);
            self.search_join(id, top);
        } else {
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

    fn report(&mut self, report: Report) {
        if self.reports.len() < REPORTS_MAX && !self.reports.contains(&report) {
            self.reports.push(report);
        }
    }
}
