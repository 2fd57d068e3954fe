//! The account's own state: its recent events, and how it shows itself to others.

use lru::LruCache;
use openim_core::events::RecentEvents;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::limits::{JUST_SENT, JUST_SENT_MAX};

/// How the account shows itself to others; empty until the server has answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) nickname: String,
    pub(crate) face_url: String,
}

pub(crate) struct SelfState {
    /// What the events need to know of earlier ones.
    pub(crate) recent: Mutex<RecentEvents>,
    pub(crate) profile: Mutex<Profile>,
    /// The profile may have changed.
    pub(crate) changed: Notify,
    /// The newest acknowledged messages by their ids.
    just_sent: Mutex<LruCache<String, Instant>>,
}

impl Default for SelfState {
    fn default() -> Self {
        let (recent, profile, changed) = Default::default();
        // A cache that knows its bound allocates all of its table at once, for every account.
        Self { recent, profile, changed, just_sent: Mutex::new(LruCache::unbounded()) }
    }
}

impl SelfState {
    /// Keeps the id of a message that the server has acknowledged.
    pub(crate) fn sent(&self, client_msg_id: &str) {
        let mut just_sent = self.just_sent.lock();
        just_sent.put(client_msg_id.to_owned(), Instant::now());
        if just_sent.len() > JUST_SENT_MAX {
            just_sent.pop_lru();
        }
    }

    /// Whether the server has acknowledged this message only now, so that it may not be stored yet.
    pub(crate) fn was_just_sent(&self, client_msg_id: &str) -> bool {
        self.just_sent.lock().peek(client_msg_id).is_some_and(|at| at.elapsed() < JUST_SENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_message_counts_as_just_sent_for_a_while() {
        let own = SelfState::default();
        own.sent("m1");
        assert!(own.was_just_sent("m1") && !own.was_just_sent("m2"));
        tokio::time::advance(JUST_SENT).await;
        assert!(!own.was_just_sent("m1"));
    }

    #[test]
    fn no_more_sent_messages_are_remembered_than_the_limit() {
        let own = SelfState::default();
        (0..2 * JUST_SENT_MAX).for_each(|n| own.sent(&n.to_string()));
        assert_eq!(own.just_sent.lock().len(), JUST_SENT_MAX);
    }
}
