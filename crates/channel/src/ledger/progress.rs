//! The delivery progress of one login: per conversation a cursor, the settled sequences above it, and a window of message
//! ids. A value without I/O; the store reads and writes its rows.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use super::tables::ProgressRow;
use crate::fingerprint;
use crate::limits::IDS_PER_CONVERSATION;

/// The progress of one login in all its conversations.
#[derive(Debug, Default)]
pub struct LoginProgress {
    conversations: HashMap<Arc<str>, ConversationProgress>,
    history: History,
    dead: Vec<DeadLetter>,
    dirty: BTreeSet<Arc<str>>,
    dirty_begun: bool,
}

/// How much is known of the past. Decides what a conversation without recorded progress means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum History {
    /// The login has never synced: everything so far is history.
    #[default]
    FirstRun,
    /// The login has synced, but its record was damaged: the server's read position is the best guess.
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

/// One conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct ConversationProgress {
    /// Everything up to here is settled. `None` if no sequence was ever seen.
    cursor: Option<i64>,
    /// The newest sequence that was ever handed over. A message up to here may have been seen before.
    delivered: i64,
    /// Settled runs above the cursor, first to last.
    above: BTreeMap<i64, i64>,
    /// Fingerprints of the newest settled messages.
    ids: VecDeque<u64>,
}

impl LoginProgress {
    /// How much is known of the past.
    pub fn history(&self) -> History {
        self.history
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
        self.conversations.get(conversation).is_some_and(|progress| progress.ids.contains(&fingerprint::bits64(id)))
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
        let progress = self.conversation(conversation);
        let print = fingerprint::bits64(id);
        if !progress.ids.contains(&print) {
            progress.ids.push_back(print);
            if progress.ids.len() > IDS_PER_CONVERSATION {
                progress.ids.pop_front();
            }
        }
    }

    /// Settles everything up to `seq`.
    pub fn skip_to(&mut self, conversation: &Arc<str>, seq: i64) {
        let progress = self.conversation(conversation);
        if progress.cursor.is_none_or(|cursor| cursor < seq) {
            progress.cursor = Some(seq);
            progress.above = progress.above.split_off(&(seq + 1));
            progress.merge();
        }
    }

    /// Starts over at `seq`: the server has numbered the conversation anew.
    pub fn reset(&mut self, conversation: &Arc<str>, seq: i64) {
        let progress = self.conversation(conversation);
        progress.cursor = Some(seq);
        progress.delivered = progress.delivered.min(seq);
        progress.above.clear();
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
            begun: std::mem::take(&mut self.dirty_begun),
            dead: std::mem::take(&mut self.dead),
        }
    }

    /// Marks changes that could not be written as changed again. The newest values are written next time.
    pub(super) fn give_back(&mut self, changes: Changes) {
        self.dirty.extend(changes.rows.into_iter().map(|(id, _)| id));
        self.dirty_begun |= changes.begun;
        self.dead.extend(changes.dead);
    }

    /// Takes a row from the store. Returns false if the row makes no sense.
    pub(super) fn load(&mut self, conversation: &str, row: ProgressRow) -> bool {
        let progress = ConversationProgress::from_row(row);
        let read = progress.is_some();
        self.conversations.extend(progress.map(|progress| (conversation.into(), progress)));
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
        self.dirty.insert(conversation.clone());
        self.conversations.entry(conversation.clone()).or_default()
    }
}

/// The part of a login's progress that is to be written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) rows: Vec<(Arc<str>, ProgressRow)>,
    /// The first sync was completed.
    pub(super) begun: bool,
    pub(super) dead: Vec<DeadLetter>,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && !self.begun && self.dead.is_empty()
    }
}

impl ConversationProgress {
    fn is_settled(&self, seq: i64) -> bool {
        self.cursor.is_some_and(|cursor| seq <= cursor) || self.run_holding(seq).is_some()
    }

    fn run_holding(&self, seq: i64) -> Option<(i64, i64)> {
        self.above.range(..=seq).next_back().map(|(first, last)| (*first, *last)).filter(|(_, last)| seq <= *last)
    }

    fn settle(&mut self, seq: i64) {
        if seq <= 0 || self.is_settled(seq) {
            return;
        }
        let (mut first, mut last) = (seq, seq);
        if let Some((before, _)) = self.run_holding(seq - 1) {
            first = before;
        }
        if let Some(after) = self.above.remove(&seq.saturating_add(1)) {
            last = after;
        }
        self.above.insert(first, last);
        self.merge();
    }

    /// Moves the cursor over the runs that touch it.
    fn merge(&mut self) {
        let cursor = self.cursor.unwrap_or_default();
        while let Some((&first, &last)) = self.above.first_key_value()
            && first <= self.cursor.unwrap_or(cursor).saturating_add(1)
        {
            self.above.pop_first();
            self.cursor = Some(self.cursor.unwrap_or(cursor).max(last));
        }
    }

    fn to_row(&self) -> ProgressRow {
        let runs = self.above.iter().map(|(first, last)| (*first, *last));
        (self.cursor, self.delivered, runs.collect(), self.ids.iter().copied().collect())
    }

    /// `None` if the runs are not in order.
    fn from_row((cursor, delivered, runs, ids): ProgressRow) -> Option<Self> {
        let in_order = runs.iter().all(|(first, last)| first <= last) && runs.is_sorted_by(|a, b| a.1 < b.0);
        in_order.then(|| Self { cursor, delivered, above: runs.into_iter().collect(), ids: ids.into() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
        assert_eq!(again.conversations, progress.conversations);
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

    proptest! {
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
            prop_assert_eq!(ConversationProgress::from_row(row).unwrap(), progress.conversations["si_a_b"].clone());
        }
    }
}
