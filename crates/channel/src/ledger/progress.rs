//! The delivery progress of one login: per conversation a cursor, the settled sequences above it, and a window of message
//! ids. A value without I/O; the store reads and writes its rows.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::conversation::ConversationProgress;
use super::tables::ProgressRow;
use crate::fingerprint;
use crate::limits::{CONVERSATION_NAMES_KEPT, CONVERSATIONS_KEPT};

/// The progress of one login in all its conversations.
#[derive(Debug, Default)]
pub struct LoginProgress {
    conversations: HashMap<Arc<str>, ConversationProgress>,
    /// The bytes of their names.
    name_bytes: usize,
    changes: u64,
    history: History,
    dead: Vec<DeadLetter>,
    dirty: BTreeSet<Arc<str>>,
    /// Conversations that were let go and whose rows are still in the store.
    gone: BTreeSet<Arc<str>>,
    dirty_begun: bool,
}

/// How much is known of the past. Decides what a conversation without recorded progress means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum History {
    /// The login has never synced: everything so far is history.
    #[default]
    FirstRun,
    /// The login has synced, but its record was damaged, or some of its conversations were let go because there were too
    /// many: the server's read position is the best guess.
    Damaged,
    /// The login has synced and its record is complete: the conversation was created since.
    Known,
}

/// A message that was refused too often and is not delivered again. Ids only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The conversation of the message.
    pub conversation: Arc<str>,
    /// The id of the message.
    pub id: String,
    /// The sequence of the message.
    pub seq: i64,
}

impl LoginProgress {
    /// How much is known of the past.
    pub fn history(&self) -> History {
        if self.history == History::Known && self.is_crowded() { History::Damaged } else { self.history }
    }

    /// Records that the first sync is complete.
    pub fn begin(&mut self) {
        self.dirty_begun |= std::mem::replace(&mut self.history, History::Known) != History::Known;
    }

    /// Everything in the conversation up to here is settled.
    pub fn cursor(&self, conversation: &str) -> Option<i64> {
        self.conversations.get(conversation)?.cursor
    }

    /// Whether this sequence is settled.
    pub fn is_settled(&self, conversation: &str, seq: i64) -> bool {
        self.conversations.get(conversation).is_some_and(|progress| progress.is_settled(seq))
    }

    /// Whether the message with this id is settled and among the newest of its conversation.
    pub fn knows(&self, conversation: &str, id: &str) -> bool {
        self.conversations.get(conversation).is_some_and(|progress| progress.knows(fingerprint::bits64(id)))
    }

    /// Records that this sequence was handed over. It is written with the next commit: a kill within moments forgets it.
    pub fn mark_delivered(&mut self, conversation: &Arc<str>, seq: i64) {
        if seq > self.conversations.get(conversation).map_or(0, |progress| progress.delivered) {
            self.conversation(conversation).delivered = seq;
        }
    }

    /// Whether an unsettled message was handed over before.
    pub fn was_delivered(&self, conversation: &str, seq: i64) -> bool {
        self.conversations
            .get(conversation)
            .is_some_and(|progress| seq <= progress.delivered && !progress.is_settled(seq))
    }

    /// Settles one sequence: its message was acknowledged, or there was none.
    pub fn settle(&mut self, conversation: &Arc<str>, seq: i64) {
        self.conversation(conversation).settle(seq);
    }

    /// Remembers the id of a settled message, which the server may send again under another sequence.
    pub fn remember(&mut self, conversation: &Arc<str>, id: &str) {
        if id.is_empty() {
            return;
        }
        self.conversation(conversation).remember(fingerprint::bits64(id));
    }

    /// Settles everything up to `seq`. What is settled above it stays settled.
    pub fn skip_to(&mut self, conversation: &Arc<str>, seq: i64) {
        self.skip(conversation, 1, seq);
    }

    /// Settles everything from one sequence to another. From the first one on, it is where the conversation begins.
    pub fn skip(&mut self, conversation: &Arc<str>, from: i64, to: i64) {
        self.conversation(conversation).skip(from, to);
    }

    /// The run of settled sequences that holds `seq`, or the nearest one below it.
    pub fn run_below(&self, conversation: &str, seq: i64) -> Option<(i64, i64)> {
        self.conversations.get(conversation)?.run_below(seq)
    }

    /// The newest sequence that was ever handed over; 0 where none was.
    pub fn delivered(&self, conversation: &str) -> i64 {
        self.conversations.get(conversation).map_or(0, |progress| progress.delivered)
    }

    /// The conversations that have a cursor.
    pub fn conversations(&self) -> impl Iterator<Item = &Arc<str>> {
        self.conversations.iter().filter(|(_, progress)| progress.cursor.is_some()).map(|(id, _)| id)
    }

    /// Starts over at `seq`: the server has numbered the conversation anew.
    pub fn reset(&mut self, conversation: &Arc<str>, seq: i64) {
        self.conversation(conversation).reset(seq);
    }

    /// Takes what changed since the last call.
    pub(super) fn take_dirty(&mut self) -> Changes {
        let dirty = std::mem::take(&mut self.dirty);
        let rows = dirty.into_iter().filter_map(|id| {
            let row = self.conversations.get(&id)?.to_row();
            Some((id, row))
        });
        Changes {
            rows: rows.collect(),
            gone: std::mem::take(&mut self.gone).into_iter().collect(),
            begun: std::mem::take(&mut self.dirty_begun),
            dead: std::mem::take(&mut self.dead),
        }
    }

    /// Marks changes that could not be written as changed again. The newest values are written next time.
    pub(super) fn give_back(&mut self, changes: Changes) {
        self.dirty.extend(changes.rows.into_iter().map(|(id, _)| id));
        self.gone.extend(changes.gone.into_iter().filter(|id| !self.conversations.contains_key(id)));
        self.dirty_begun |= changes.begun;
        self.dead.extend(changes.dead);
    }

    /// Takes a row from the store. Returns false if the row makes no sense.
    pub(super) fn load(&mut self, conversation: &str, row: ProgressRow) -> bool {
        let progress = ConversationProgress::from_row(row);
        let read = progress.is_some();
        if let Some(progress) = progress {
            self.name_bytes += conversation.len();
            self.conversations.insert(conversation.into(), progress);
        }
        read
    }

    /// Takes over from the store that the first sync was completed.
    pub(super) fn load_begun(&mut self) {
        self.history = History::Known;
    }

    /// Records that what was known of this login was damaged.
    pub(super) fn mark_damaged(&mut self) {
        if self.history == History::FirstRun {
            self.history = History::Damaged;
        }
    }

    /// Records a message that is not delivered again.
    pub fn add_dead_letter(&mut self, dead_letter: DeadLetter) {
        self.dead.push(dead_letter);
    }

    fn conversation(&mut self, conversation: &Arc<str>) -> &mut ConversationProgress {
        if !self.conversations.contains_key(conversation) {
            self.name_bytes += conversation.len();
            self.gone.remove(conversation);
            if self.conversations.len() >= CONVERSATIONS_KEPT || self.name_bytes > CONVERSATION_NAMES_KEPT {
                self.let_go();
            }
        }
        self.dirty.insert(conversation.clone());
        self.changes += 1;
        let progress = self.conversations.entry(conversation.clone()).or_default();
        progress.changed = self.changes;
        progress
    }

    /// Lets the twentieth part of the conversations go that changed longest ago.
    fn let_go(&mut self) {
        let mut by_age: Vec<_> =
            self.conversations.iter().map(|(id, progress)| (progress.changed, id.clone())).collect();
        by_age.sort_unstable();
        for (_, id) in by_age.into_iter().take((self.conversations.len() / 20).max(1)) {
            self.conversations.remove(&id);
            self.name_bytes = self.name_bytes.saturating_sub(id.len());
            self.dirty.remove(&id);
            self.gone.insert(id);
        }
    }

    /// Whether conversations may have been let go.
    fn is_crowded(&self) -> bool {
        self.conversations.len() >= CONVERSATIONS_KEPT / 10 * 9 || self.name_bytes >= CONVERSATION_NAMES_KEPT / 10 * 9
    }
}

/// The part of a login's progress that is to be written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) rows: Vec<(Arc<str>, ProgressRow)>,
    /// Conversations whose rows are removed.
    pub(super) gone: Vec<Arc<str>>,
    /// The first sync was completed.
    pub(super) begun: bool,
    pub(super) dead: Vec<DeadLetter>,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.gone.is_empty() && !self.begun && self.dead.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limits::IDS_PER_CONVERSATION;

    fn chat() -> Arc<str> {
        "si_a_b".into()
    }

    #[test]
    fn the_cursor_moves_over_what_is_contiguous() {
        let mut progress = LoginProgress::default();
        progress.skip_to(&chat(), 10);
        for seq in [12, 13, 15] {
            progress.settle(&chat(), seq);
        }
        assert_eq!(progress.cursor("si_a_b"), Some(10));
        progress.settle(&chat(), 11);
        assert_eq!(progress.cursor("si_a_b"), Some(13));
        assert!(progress.is_settled("si_a_b", 15) && !progress.is_settled("si_a_b", 14));
        progress.settle(&chat(), 14);
        assert_eq!(progress.cursor("si_a_b"), Some(15));
    }

    #[test]
    fn a_conversation_that_begins_at_one_needs_no_cursor_first() {
        let mut progress = LoginProgress::default();
        progress.settle(&chat(), 2);
        assert_eq!(progress.cursor("si_a_b"), None);
        progress.settle(&chat(), 1);
        assert_eq!(progress.cursor("si_a_b"), Some(2));
    }

    #[test]
    fn ids_are_known_per_conversation_and_the_newest_are_kept() {
        let mut progress = LoginProgress::default();
        for n in 0..=IDS_PER_CONVERSATION {
            progress.remember(&chat(), &n.to_string());
        }
        assert!(!progress.knows("si_a_b", "0") && progress.knows("si_a_b", "1") && !progress.knows("sg_g", "1"));
    }

    #[test]
    fn what_was_written_is_read_back() {
        let mut progress = LoginProgress::default();
        progress.begin();
        progress.skip_to(&chat(), 10);
        progress.settle(&chat(), 12);
        progress.remember(&chat(), "m12");
        progress.mark_delivered(&chat(), 13);
        let changes = progress.take_dirty();
        assert!(changes.begun && progress.take_dirty().is_empty());
        let mut again = LoginProgress::default();
        assert!(again.load(&changes.rows[0].0, changes.rows[0].1.clone()));
        assert_eq!(again.conversations["si_a_b"].to_row(), progress.conversations["si_a_b"].to_row());
        let delivered: Vec<_> = (10..=14).filter(|seq| again.was_delivered("si_a_b", *seq)).collect();
        assert_eq!(delivered, [11, 13], "what is settled does not count");
    }

    #[test]
    fn a_row_whose_runs_are_not_in_order_is_refused() {
        let mut progress = LoginProgress::default();
        for runs in [vec![(5, 4)], vec![(5, 9), (2, 3)], vec![(5, 9), (9, 12)], vec![(5, 9), (5, 9)]] {
            assert!(!progress.load("c", (Some(1), 0, runs.clone(), Vec::new())), "{runs:?}");
        }
        assert!(progress.load("c", (None, 0, vec![(5, 9), (11, 11)], Vec::new())));
    }

    #[test]
    fn a_reset_forgets_what_was_above() {
        let mut progress = LoginProgress::default();
        progress.skip_to(&chat(), 500);
        progress.settle(&chat(), 502);
        progress.reset(&chat(), 3);
        assert_eq!((progress.cursor("si_a_b"), progress.is_settled("si_a_b", 502)), (Some(3), false));
    }

    #[test]
    fn moving_the_cursor_keeps_what_was_settled_above_it() {
        let mut progress = LoginProgress::default();
        progress.skip_to(&chat(), 0);
        for seq in 2..=252 {
            progress.settle(&chat(), seq);
        }
        progress.skip_to(&chat(), 52);
        assert_eq!(progress.cursor("si_a_b"), Some(252), "a settled run that spans the new cursor moves it on");
    }

    #[test]
    fn a_skipped_part_leaves_what_is_below_it_unsettled() {
        let mut progress = LoginProgress::default();
        progress.skip_to(&chat(), 10);
        for seq in [14, 15, 30] {
            progress.settle(&chat(), seq);
        }
        progress.skip(&chat(), 13, 29);
        assert_eq!((progress.cursor("si_a_b"), progress.run_below("si_a_b", 40)), (Some(10), Some((13, 30))));
        assert!(!progress.is_settled("si_a_b", 11) && !progress.is_settled("si_a_b", 12));
        progress.skip(&chat(), 11, 12);
        assert_eq!(progress.cursor("si_a_b"), Some(30));
    }

    #[test]
    fn of_too_many_conversations_those_unused_longest_are_let_go() {
        let mut progress = LoginProgress::default();
        progress.begin();
        let name = |n: usize| -> Arc<str> { format!("si_bot_{n}").into() };
        for n in 0..2 * CONVERSATIONS_KEPT {
            progress.settle(&name(n), 1);
            progress.settle(&name(0), i64::try_from(n).unwrap());
        }
        assert!(progress.conversations.len() <= CONVERSATIONS_KEPT);
        assert!(progress.cursor("si_bot_0").is_some() && progress.cursor("si_bot_1").is_none());
        assert_eq!(progress.history(), History::Damaged, "an unknown conversation may be an old one");
        let changes = progress.take_dirty();
        assert!(
            changes.gone.iter().any(|id| **id == *"si_bot_1")
                && !changes.rows.iter().any(|(id, _)| **id == *"si_bot_1")
        );
    }

    #[test]
    fn names_of_conversations_are_bounded_in_bytes() {
        let mut progress = LoginProgress::default();
        let long = "x".repeat(100_000);
        for n in 0..1_000 {
            progress.settle(&format!("{long}{n}").into(), 1);
        }
        assert!(progress.name_bytes <= CONVERSATION_NAMES_KEPT);
    }

    proptest! {
        #[test]
        fn skips_agree_with_a_plain_set(steps in proptest::collection::vec((1_i64..60, 0_i64..20, any::<bool>()), 0..60)) {
            let mut progress = LoginProgress::default();
            progress.skip_to(&chat(), 0);
            let mut model = BTreeSet::new();
            for (from, length, is_single) in steps {
                let to = if is_single { from } else { from + length };
                if is_single { progress.settle(&chat(), from) } else { progress.skip(&chat(), from, to) }
                model.extend(from..=to);
                for seq in 1..80 {
                    prop_assert_eq!(progress.is_settled("si_a_b", seq), model.contains(&seq), "{}", seq);
                    let below = model.range(..=seq).next_back();
                    let end = progress.run_below("si_a_b", seq).map(|(_, end)| end.min(seq)).filter(|end| *end > 0);
                    prop_assert_eq!(end, below.copied());
                }
            }
        }

        #[test]
        fn progress_agrees_with_a_plain_set(settled in proptest::collection::vec(1_i64..60, 0..120)) {
            let mut progress = LoginProgress::default();
            progress.skip_to(&chat(), 0);
            let mut model = BTreeSet::new();
            for seq in settled {
                progress.settle(&chat(), seq);
                model.insert(seq);
            }
            let contiguous = (1..).take_while(|seq| model.contains(seq)).last().unwrap_or(0);
            prop_assert_eq!(progress.cursor("si_a_b"), Some(contiguous));
            for seq in 1..60 {
                prop_assert_eq!(progress.is_settled("si_a_b", seq), model.contains(&seq));
            }
            let row = progress.conversations["si_a_b"].to_row();
            prop_assert_eq!(ConversationProgress::from_row(row.clone()).unwrap().to_row(), row);
        }
    }
}
