//! The delivery progress of one conversation: a cursor, the settled runs above it, and a window of message ids.

use std::collections::{BTreeMap, VecDeque};

use super::tables::ProgressRow;
use crate::limits::IDS_PER_CONVERSATION;

/// One conversation.
#[derive(Debug, Clone, Default)]
pub(super) struct ConversationProgress {
    /// Everything up to here is settled. `None` if no sequence was ever seen.
    pub(super) cursor: Option<i64>,
    /// The newest sequence that was ever handed over. A message up to here may have been seen before.
    pub(super) delivered: i64,
    /// Settled runs above the cursor, first to last.
    above: BTreeMap<i64, i64>,
    /// Fingerprints of the newest settled messages.
    ids: VecDeque<u64>,
    /// When it changed last, in changes of the login. It is not written.
    pub(super) changed: u64,
}

impl ConversationProgress {
    pub(super) fn is_settled(&self, seq: i64) -> bool {
        self.cursor.is_some_and(|cursor| seq <= cursor) || self.run_holding(seq).is_some()
    }

    pub(super) fn run_below(&self, seq: i64) -> Option<(i64, i64)> {
        let above = self.above.range(..=seq).next_back().map(|(first, last)| (*first, *last));
        above.or_else(|| self.cursor.map(|cursor| (i64::MIN, cursor)))
    }

    pub(super) fn skip(&mut self, from: i64, to: i64) {
        if from <= self.cursor.unwrap_or_default().saturating_add(1) {
            self.cursor = Some(self.cursor.map_or(to, |cursor| cursor.max(to)));
        } else if from <= to {
            // Runs that touch the new one become part of it.
            let (mut first, mut last) = (from, to);
            while let Some((start, end)) = self.run_below(last.saturating_add(1)).filter(|(_, end)| *end >= first - 1) {
                self.above.remove(&start);
                (first, last) = (first.min(start), last.max(end));
            }
            self.above.insert(first, last);
        }
        self.merge();
    }

    pub(super) fn run_holding(&self, seq: i64) -> Option<(i64, i64)> {
        self.above.range(..=seq).next_back().map(|(first, last)| (*first, *last)).filter(|(_, last)| seq <= *last)
    }

    pub(super) fn settle(&mut self, seq: i64) {
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
    pub(super) fn merge(&mut self) {
        let cursor = self.cursor.unwrap_or_default();
        while let Some((&first, &last)) = self.above.first_key_value()
            && first <= self.cursor.unwrap_or(cursor).saturating_add(1)
        {
            self.above.pop_first();
            self.cursor = Some(self.cursor.unwrap_or(cursor).max(last));
        }
    }

    pub(super) fn to_row(&self) -> ProgressRow {
        let runs = self.above.iter().map(|(first, last)| (*first, *last));
        (self.cursor, self.delivered, runs.collect(), self.ids.iter().copied().collect())
    }

    /// `None` if the runs are not in order.
    pub(super) fn from_row((cursor, delivered, runs, ids): ProgressRow) -> Option<Self> {
        let in_order = runs.iter().all(|(first, last)| first <= last) && runs.is_sorted_by(|a, b| a.1 < b.0);
        // A conversation that was met has a cursor, be it before its first message.
        let cursor = cursor.or_else(|| (delivered > 0 || !runs.is_empty()).then_some(0));
        in_order.then(|| Self { cursor, delivered, above: runs.into_iter().collect(), ids: ids.into(), changed: 0 })
    }

    /// Starts over at `seq`.
    pub(super) fn reset(&mut self, seq: i64) {
        self.cursor = Some(seq);
        self.delivered = self.delivered.min(seq);
        self.above.clear();
    }

    pub(super) fn knows(&self, print: u64) -> bool {
        self.ids.contains(&print)
    }

    pub(super) fn remember(&mut self, print: u64) {
        if !self.ids.contains(&print) {
            self.ids.push_back(print);
            if self.ids.len() > IDS_PER_CONVERSATION {
                self.ids.pop_front();
            }
        }
    }
}
