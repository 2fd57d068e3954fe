//! What the events remember of the past: the account's own newest messages, and people who have just become friends.

use std::collections::BTreeMap;
use std::sync::Arc;

use lru::LruCache;

use crate::limits::{NEW_FRIENDS_KEPT, OWN_MESSAGES_KEPT};
use crate::message::notice::receipt::ReadReceipt;

/// What reading a notification needs to know of those before it.
#[derive(Debug, Default)]
pub struct RecentEvents {
    pub(super) own_messages: OwnMessages,
    pub(super) new_friends: NewFriends,
}

impl RecentEvents {
    /// Keeps one of the account's own messages.
    pub fn add_own_message(&mut self, conversation: &Arc<str>, seq: i64, id: &str) {
        self.own_messages.add(conversation, seq, id);
    }
}

/// The newest of the account's own messages by conversation and sequence number: a receipt names sequence numbers, its
/// reader wants ids.
#[derive(Debug)]
pub(super) struct OwnMessages(LruCache<(Arc<str>, i64), String>);

impl Default for OwnMessages {
    fn default() -> Self {
        // A cache that knows its bound allocates all of its table at once, for every account.
        Self(LruCache::unbounded())
    }
}

impl OwnMessages {
    /// Keeps a message. Where there are too many, the oldest is dropped.
    fn add(&mut self, conversation: &Arc<str>, seq: i64, id: &str) {
        let place = (conversation.clone(), seq);
        if seq > 0 && !self.0.contains(&place) {
            self.0.put(place, id.to_owned());
            if self.0.len() > OWN_MESSAGES_KEPT {
                self.0.pop_lru();
            }
        }
    }

    /// The ids that a receipt means: of single sequence numbers or, without them, of everything up to where was read.
    pub(super) fn read(&self, receipt: &ReadReceipt) -> Vec<&str> {
        let in_conversation = self.0.iter().filter(|((conversation, _), _)| **conversation == *receipt.conversation_id);
        let ids: BTreeMap<i64, &str> = in_conversation.map(|((_, seq), id)| (*seq, id.as_str())).collect();
        if receipt.seqs.is_empty() {
            return ids.range(..=receipt.has_read_seq).map(|(_, id)| *id).collect();
        }
        receipt.seqs.iter().filter_map(|seq| ids.get(seq).copied()).collect()
    }
}

/// People whose friendship was reported by the acceptance of a request. Releases before 3.8.3 report the same friendship
/// once more.
#[derive(Debug)]
pub(super) struct NewFriends(LruCache<String, ()>);

impl Default for NewFriends {
    fn default() -> Self {
        Self(LruCache::unbounded())
    }
}

impl NewFriends {
    /// Keeps a person. Where there are too many, the oldest is dropped.
    pub(super) fn add(&mut self, user_id: &str) {
        self.0.put(user_id.to_owned(), ());
        if self.0.len() > NEW_FRIENDS_KEPT {
            self.0.pop_lru();
        }
    }

    /// Whether the friendship was reported before. The next report is of another friendship.
    pub(super) fn take(&mut self, user_id: &str) -> bool {
        self.0.pop(user_id).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_new_friends_are_kept_than_the_limit() {
        let mut friends = NewFriends::default();
        (0..2 * NEW_FRIENDS_KEPT).for_each(|n| friends.add(&n.to_string()));
        assert!(!friends.take("0"));
        assert!(friends.take(&NEW_FRIENDS_KEPT.to_string()));
        assert!(!friends.take(&NEW_FRIENDS_KEPT.to_string()));
    }

    #[test]
    fn only_the_newest_own_messages_are_kept() {
        let kept = OWN_MESSAGES_KEPT as i64;
        let mut own = OwnMessages::default();
        for n in 0..kept + 10 {
            own.add(&format!("si_{}", n % 7).into(), 1 + n, &n.to_string());
        }
        let read = |conversation: i64| {
            let conversation_id = format!("si_{conversation}");
            let receipt = ReadReceipt { conversation_id, has_read_seq: i64::MAX, ..ReadReceipt::default() };
            own.read(&receipt).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let mut ids: Vec<i64> = (0..7).flat_map(read).map(|id| id.parse().unwrap()).collect();
        ids.sort_unstable();
        assert_eq!(ids, (10..kept + 10).collect::<Vec<_>>());
    }
}
