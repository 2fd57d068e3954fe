//! Looks for the sequence at which a conversation begins, from its newest message backwards: where this user came into a
//! group, or which messages are new after the server has counted anew.

use super::Known;
use super::placeholder::is_placeholder;
use crate::wire::pb::MsgData;

/// Which messages belong to the beginning that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    /// Those that were sent since this user came into the group. None while the server has not told when that was.
    Joined(Option<i64>),
    /// Those whose ids nobody knows.
    Unknown,
}

/// A search under way.
#[derive(Debug)]
pub(super) struct Search {
    pub(super) goal: Goal,
    /// Nothing at or below this is looked at.
    floor: i64,
    /// The highest sequence that was not looked at yet.
    next: i64,
    /// The lowest sequence found so far that belongs to the beginning.
    begin: i64,
}

impl Search {
    /// A search between two sequences.
    pub(super) const fn new(goal: Goal, floor: i64, top: i64) -> Self {
        Self { goal, floor, next: top, begin: top.saturating_add(1) }
    }

    /// Whether it waits for the server to say when this user came in.
    pub(super) const fn waits_for_time(&self) -> bool {
        matches!(self.goal, Goal::Joined(None))
    }

    /// The sequences to look at next.
    pub(super) fn slice(&self, at_most: usize) -> Vec<i64> {
        let from = self.next.saturating_sub(i64::try_from(at_most).unwrap_or(i64::MAX)).max(self.floor);
        (from + 1..=self.next).collect()
    }

    /// Takes what was found. Returns where the conversation begins, once that is clear.
    pub(super) fn take(&mut self, id: &str, asked: &[i64], messages: &[MsgData], known: &dyn Known) -> Option<i64> {
        let real = messages.iter().filter(|message| asked.contains(&message.seq) && !is_placeholder(message));
        let (ours, older): (Vec<&MsgData>, Vec<&MsgData>) = real.partition(|message| match self.goal {
            Goal::Joined(at) => at.is_none_or(|at| message.send_time >= at),
            Goal::Unknown => !known.knows(id, &message.client_msg_id),
        });
        let newest_older = older.iter().map(|message| message.seq).max();
        // A time is its sender's, so a single one that is too old ends nothing; an id that is known ends the search.
        let is_end = match self.goal {
            Goal::Joined(_) => ours.is_empty() && newest_older.is_some(),
            Goal::Unknown => newest_older.is_some(),
        };
        let from = newest_older.filter(|_| self.goal == Goal::Unknown).unwrap_or_default();
        let begin = ours.iter().map(|message| message.seq).filter(|seq| *seq > from).min();
        self.begin = begin.unwrap_or(self.begin).min(self.begin);
        self.next = asked.first().map_or(self.floor, |first| first - 1);
        let is_over = is_end || self.next <= self.floor;
        is_over.then_some(self.begin)
    }
}
