//! One conversation while it is caught up with: how far it went up, what waits for a gap, and what is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::Known;
use super::placeholder::is_placeholder;
use super::search::Search;
use super::span;
use crate::limits::{BUFFERED_MAX, HOLES_MAX, PLACEHOLDER_WAITS, UNREADABLE_MAX};
use crate::wire::pb::MsgData;

#[derive(Debug)]
pub(super) struct Conversation {
    /// Everything up to here went up in this connection or was known before.
    pub(super) seen: i64,
    /// The newest sequence anybody has told us of.
    pub(super) max: i64,
    /// `seen` when the server was last asked where it stands.
    pub(super) seen_when_asked: i64,
    /// Which messages count as offline.
    pub(super) offline: Offline,
    pub(super) slots: BTreeMap<i64, Slot>,
    /// Sequences given up as empty; a late push under one is a message all the same.
    pub(super) holes: BTreeSet<i64>,
    /// Where the conversation begins is being looked for; until then nothing goes up.
    pub(super) search: Option<Search>,
    /// This user has left the group: what is above this was not looked at yet for where the user came in again.
    pub(super) left_at: Option<i64>,
    /// Notices of joining up to here were looked at.
    pub(super) joins_seen: i64,
    pub(super) queued: bool,
    pub(super) stalled: bool,
    pub(super) asks: usize,
    pub(super) not_before: Duration,
}

/// Which messages count as sent while the account was away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offline {
    /// Messages up to here ...
    pub(super) up_to: i64,
    /// ... that were sent before this time; all of them where there is none.
    pub(super) before_ms: Option<i64>,
}

impl Offline {
    pub(super) fn holds(self, seq: i64, message: &MsgData) -> bool {
        seq <= self.up_to && self.before_ms.is_none_or(|before| (1..before).contains(&message.send_time))
    }
}

#[derive(Debug)]
pub(super) enum Slot {
    Message(Box<MsgData>),
    Nothing,
}

/// A part of a gap that is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passed {
    pub(super) from: i64,
    pub(super) to: i64,
    /// How many messages of it were missing.
    pub(super) missing: i64,
}

impl Conversation {
    pub(super) const fn at(seen: i64, offline: Offline) -> Self {
        Self {
            seen,
            max: seen,
            seen_when_asked: seen,
            offline,
            slots: BTreeMap::new(),
            holes: BTreeSet::new(),
            search: None,
            left_at: None,
            joins_seen: 0,
            queued: false,
            stalled: false,
            asks: 0,
            not_before: Duration::ZERO,
        }
    }

    /// Whether messages can go up now.
    pub(super) const fn is_open(&self) -> bool {
        !self.stalled && self.search.is_none()
    }

    /// Learns of a newer sequence. A single leap of more than `limit` is cut so that the newest `limit` missing messages
    /// remain; what has piled up step by step is not, for it is only waiting for room. What was handed over and not settled
    /// is never passed over.
    pub(super) fn raise(&mut self, id: &str, max: i64, limit: i64, known: &dyn Known) -> Option<Passed> {
        let leap = max.saturating_sub(self.max);
        self.max = self.max.max(max);
        if leap <= limit || self.search.is_some() {
            return None;
        }
        let floor = span::floor(known, id, self.seen, self.max, limit);
        let from = self.seen.max(known.delivered(id).min(floor)) + 1;
        let passed = Passed { from, to: floor, missing: span::missing(known, id, from, floor) };
        (passed.missing > 0).then_some(passed)
    }

    /// Everything between these sequences is known not to go up.
    pub(super) fn pass(&mut self, from: i64, to: i64) {
        let behind = self.slots.split_off(&to.saturating_add(1));
        self.slots.retain(|seq, _| *seq < from);
        self.slots.extend(behind);
        if from <= self.seen.saturating_add(1) {
            self.seen = self.seen.max(to);
        }
    }

    /// Keeps a slot; of too many the furthest goes and is pulled in its turn.
    pub(super) fn keep(&mut self, seq: i64, slot: Slot) {
        self.slots.insert(seq, slot);
        if self.slots.len() > BUFFERED_MAX {
            self.slots.pop_last();
        }
    }

    /// The next missing sequences, `at_most` of them.
    pub(super) fn missing(&self, id: &str, known: &dyn Known, at_most: usize) -> Vec<i64> {
        let mut seqs = Vec::new();
        let mut at = self.seen.saturating_add(1);
        while at <= self.max && seqs.len() < at_most {
            match span::known_up_to(known, id, at) {
                Some(end) => at = end.saturating_add(1),
                None => {
                    if !self.slots.contains_key(&at) {
                        seqs.push(at);
                    }
                    at += 1;
                }
            }
        }
        seqs
    }

    /// Takes what a pull brought.
    pub(super) fn take(&mut self, asked: &[i64], messages: Vec<MsgData>, now: Duration) {
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

    pub(super) fn remember_hole(&mut self, seq: i64) {
        self.holes.insert(seq);
        if self.holes.len() > HOLES_MAX {
            self.holes.pop_first();
        }
    }
}
