//! Limits how fast messages of one conversation are written. The server stores a conversation's messages in batches of
//! 100 ms and drops a batch of more than 100 messages that it has acknowledged.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::limits::{OUTBOX_MAX, PACE_WINDOW, WRITES_PER_WINDOW};

#[derive(Debug, Default)]
pub(super) struct Pace {
    /// The latest writes of each conversation.
    recent: HashMap<Arc<str>, VecDeque<Duration>>,
    /// When a conversation that had to wait may write again.
    waiting: BTreeMap<Arc<str>, Duration>,
}

impl Pace {
    /// Counts a write, if it may be made now.
    pub(super) fn take(&mut self, conversation: &Arc<str>, now: Duration) -> bool {
        if self.recent.len() > OUTBOX_MAX {
            self.recent.retain(|_, writes| writes.back().is_some_and(|at| now < *at + PACE_WINDOW));
        }
        let writes = self.recent.entry(conversation.clone()).or_default();
        while writes.front().is_some_and(|at| now >= *at + PACE_WINDOW) {
            writes.pop_front();
        }
        if writes.len() < WRITES_PER_WINDOW {
            writes.push_back(now);
            return true;
        }
        let next = writes.front().map_or(now, |at| *at + PACE_WINDOW);
        self.wait(conversation, next);
        false
    }

    /// Lets a conversation wait until then.
    pub(super) fn wait(&mut self, conversation: &Arc<str>, until: Duration) {
        self.waiting.insert(conversation.clone(), until);
    }

    /// When a conversation may write again.
    pub(super) fn next(&self) -> Option<Duration> {
        self.waiting.values().min().copied()
    }

    /// The conversations that need not wait any more.
    pub(super) fn due(&mut self, now: Duration) -> Vec<Arc<str>> {
        let due: Vec<_> = self.waiting.iter().filter(|(_, at)| **at <= now).map(|(id, _)| id.clone()).collect();
        for conversation in &due {
            self.waiting.remove(conversation);
        }
        due
    }
}
