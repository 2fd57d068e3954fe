//! A bounded memory of message ids. Ids are compared per conversation: copies of one message in two conversations
//! share theirs.

use std::collections::{HashSet, VecDeque};

use crate::fingerprint;

/// Remembers the newest `capacity` ids as 64-bit fingerprints. With 16,384 ids, two different ones are taken for the same
/// once in about 10^15 lookups.
///
/// ```
/// use channel::dedupe::Dedupe;
///
/// let mut ids = Dedupe::new(2);
/// assert!(ids.insert("c", "1"));
/// assert!(!ids.insert("c", "1"), "a repeat");
/// assert!(ids.insert("c", "2") && ids.insert("c", "3"));
/// assert!(!ids.contains("c", "1"), "only the newest two are kept");
/// ```
#[derive(Debug)]
pub struct Dedupe {
    seen: HashSet<u64>,
    order: VecDeque<u64>,
    capacity: usize,
}

impl Dedupe {
    /// An empty memory.
    pub fn new(capacity: usize) -> Self {
        Self { seen: HashSet::new(), order: VecDeque::new(), capacity }
    }

    /// Whether this id was seen.
    pub fn contains(&self, conversation: &str, id: &str) -> bool {
        self.seen.contains(&fingerprint::pair64(conversation, id))
    }

    /// Remembers an id. Returns false if it was known.
    pub fn insert(&mut self, conversation: &str, id: &str) -> bool {
        let print = fingerprint::pair64(conversation, id);
        if !self.seen.insert(print) {
            return false;
        }
        self.order.push_back(print);
        if self.order.len() > self.capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_per_conversation() {
        let mut ids = Dedupe::new(10);
        assert!(ids.insert("si_a_b", "1"));
        assert!(!ids.insert("si_a_b", "1"));
        assert!(ids.insert("sg_g", "1"), "a copy in another conversation is another message");
        assert!(ids.contains("si_a_b", "1"));
    }

    #[test]
    fn the_memory_keeps_the_newest() {
        let mut ids = Dedupe::new(2);
        for id in ["1", "2", "3"] {
            ids.insert("c", id);
        }
        assert!(!ids.contains("c", "1") && ids.contains("c", "2") && ids.contains("c", "3"));
        assert_eq!(ids.seen.len(), 2);
    }
}
