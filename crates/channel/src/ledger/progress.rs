//! What one login has settled: per conversation a cursor, the settled sequences above it, and a window of message ids.
//! A value; rows go to and come from the store.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use crate::limits::IDS_PER_CONVERSATION;

/// Everything of one login.
#[derive(Debug, Default)]
pub struct LoginProgress {
    conversations: HashMap<Arc<str>, ConversationProgress>,
    history: History,
    dead: Vec<DeadLetter>,
    dirty: BTreeSet<Arc<str>>,
    dirty_begun: bool,
}

/// What a conversation without recorded progress means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum History {
    /// The login has never synced: everything so far is history.
    #[default]
    FirstRun,
    /// It had, and what it knew was damaged: the server's read position is the best guess.
    Damaged,
    /// It has: the conversation was created since.
    Known,
}

/// A message that was refused too often. Ids only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    pub conversation: Arc<str>,
    pub id: String,
    pub seq: i64,
}

/// One conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct ConversationProgress {
    /// Everything up to here is settled; none where sequences were never seen.
    cursor: Option<i64>,
    /// The newest sequence that was ever handed over: what comes again up to here may have been seen before.
    delivered: i64,
    /// Settled runs above the cursor, first to last.
    above: BTreeMap<i64, i64>,
    /// Fingerprints of the newest settled messages.
    ids: VecDeque<u64>,
}

impl LoginProgress {
    pub fn history(&self) -> History {
        self.history
    }

    /// The first sync is complete.
    pub fn begin(&mut self) {
        self.dirty_begun |= std::mem::replace(&mut self.history, History::Known) != History::Known;
    }

    pub fn cursor(&self, conversation: &str) -> Option<i64> {
        self.conversations.get(conversation)?.cursor
    }

    pub fn is_settled(&self, conversation: &str, seq: i64) -> bool {
        self.conversations.get(conversation).is_some_and(|progress| progress.is_settled(seq))
    }

    pub fn knows(&self, conversation: &str, id: &str) -> bool {
        self.conversations.get(conversation).is_some_and(|progress| progress.ids.contains(&fingerprint(id)))
    }

    /// This sequence was handed over. Written with what else changes: a kill within moments forgets it.
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

    /// One sequence is settled: acknowledged, or nothing was there.
    pub fn settle(&mut self, conversation: &Arc<str>, seq: i64) {
        self.conversation(conversation).settle(seq);
    }

    /// The message with this id is settled, whatever sequence it may come under again.
    pub fn remember(&mut self, conversation: &Arc<str>, id: &str) {
        if id.is_empty() {
            return;
        }
        let progress = self.conversation(conversation);
        let print = fingerprint(id);
        if !progress.ids.contains(&print) {
            progress.ids.push_back(print);
            if progress.ids.len() > IDS_PER_CONVERSATION {
                progress.ids.pop_front();
            }
        }
    }

    /// Everything up to `seq` is settled, whatever was there.
    pub fn skip_to(&mut self, conversation: &Arc<str>, seq: i64) {
        let progress = self.conversation(conversation);
        if progress.cursor.is_none_or(|cursor| cursor < seq) {
            progress.cursor = Some(seq);
            progress.above = progress.above.split_off(&(seq + 1));
            progress.merge();
        }
    }

    /// The server began anew at `seq`.
    pub fn reset(&mut self, conversation: &Arc<str>, seq: i64) {
        let progress = self.conversation(conversation);
        progress.cursor = Some(seq);
        progress.delivered = progress.delivered.min(seq);
        progress.above.clear();
    }

    /// The rows that changed since the last call, packed.
    pub fn take_dirty(&mut self) -> Changes {
        let dirty = std::mem::take(&mut self.dirty);
        let rows = dirty.into_iter().filter_map(|id| {
            let row = self.conversations.get(&id)?.pack();
            Some((id, row))
        });
        Changes {
            rows: rows.collect(),
            begun: std::mem::take(&mut self.dirty_begun),
            dead: std::mem::take(&mut self.dead),
        }
    }

    /// Puts changes back that could not be written; later ones win.
    pub fn give_back(&mut self, changes: Changes) {
        self.dirty.extend(changes.rows.into_iter().map(|(id, _)| id));
        self.dirty_begun |= changes.begun;
        self.dead.extend(changes.dead);
    }

    /// Takes a row from the store; false where it is not one of ours.
    pub fn load(&mut self, conversation: &str, row: &[u8]) -> bool {
        let progress = ConversationProgress::unpack(row);
        let read = progress.is_some();
        self.conversations.extend(progress.map(|progress| (conversation.into(), progress)));
        read
    }

    pub fn load_begun(&mut self) {
        self.history = History::Known;
    }

    /// What this login knew was damaged.
    pub fn lose(&mut self) {
        if self.history == History::FirstRun {
            self.history = History::Damaged;
        }
    }

    /// A message is put aside for good.
    pub fn add_dead_letter(&mut self, dead_letter: DeadLetter) {
        self.dead.push(dead_letter);
    }

    fn conversation(&mut self, conversation: &Arc<str>) -> &mut ConversationProgress {
        self.dirty.insert(conversation.clone());
        self.conversations.entry(conversation.clone()).or_default()
    }
}

/// What is to be written.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub rows: Vec<(Arc<str>, Vec<u8>)>,
    pub begun: bool,
    pub dead: Vec<DeadLetter>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && !self.begun && self.dead.is_empty()
    }
}

const NO_CURSOR: i64 = -1;

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

    /// cursor, newest handed over, number of runs, runs, ids; all little-endian.
    fn pack(&self) -> Vec<u8> {
        let mut row = Vec::with_capacity(24 + self.above.len() * 16 + self.ids.len() * 8);
        row.extend(self.cursor.unwrap_or(NO_CURSOR).to_le_bytes());
        row.extend(self.delivered.to_le_bytes());
        row.extend((self.above.len() as u64).to_le_bytes());
        for (first, last) in &self.above {
            row.extend(first.to_le_bytes());
            row.extend(last.to_le_bytes());
        }
        row.extend(self.ids.iter().flat_map(|print| print.to_le_bytes()));
        row
    }

    fn unpack(row: &[u8]) -> Option<Self> {
        let (words, rest) = row.as_chunks::<8>();
        let mut words = words.iter().copied();
        let cursor = i64::from_le_bytes(words.next()?);
        let delivered = i64::from_le_bytes(words.next()?);
        let runs = u64::from_le_bytes(words.next()?);
        if !rest.is_empty() || runs > words.len() as u64 / 2 {
            return None;
        }
        let mut above = BTreeMap::new();
        for _ in 0..runs {
            let (first, last) = (i64::from_le_bytes(words.next()?), i64::from_le_bytes(words.next()?));
            above.insert(first, last);
        }
        let ids = words.map(u64::from_le_bytes).collect();
        Some(Self { cursor: (cursor != NO_CURSOR).then_some(cursor), delivered, above, ids })
    }
}

/// FNV-1a with a final mix: the same in every build, because it is written to disk.
fn fingerprint(id: &str) -> u64 {
    let hash = id
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^ (mixed >> 33)
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
        assert!(again.load(&changes.rows[0].0, &changes.rows[0].1));
        assert_eq!(again.conversations, progress.conversations);
        let delivered: Vec<_> = (10..=14).filter(|seq| again.was_delivered("si_a_b", *seq)).collect();
        assert_eq!(delivered, [11, 13], "what is settled does not count");
    }

    #[test]
    fn a_row_that_is_not_ours_is_refused() {
        let mut progress = LoginProgress::default();
        for row in [&b""[..], b"1234567", &[0; 16], &[0; 25], &[0xff; 24]] {
            assert!(!progress.load("c", row), "{row:?}");
        }
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
        fn a_page_agrees_with_a_plain_set(settled in proptest::collection::vec(1_i64..60, 0..120)) {
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
            let packed = progress.conversations["si_a_b"].pack();
            prop_assert_eq!(ConversationProgress::unpack(&packed).unwrap(), progress.conversations["si_a_b"].clone());
        }
    }
}
