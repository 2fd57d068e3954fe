//! The people who are typing. Each change is one event. A person who says nothing more for a while has stopped.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{ClientEvent, typing};
use crate::limits::{TYPING_FOR, TYPING_MAX};

type Person = (Arc<str>, String);

/// The platforms somebody types on, each with until when it counts.
type Platforms = BTreeMap<i32, Duration>;

/// The people who are typing, with until when each counts.
#[derive(Debug, Default)]
pub struct Typists(BTreeMap<Person, Platforms>);

impl Typists {
    /// Somebody said that they type, or that they have stopped. An event where that changes anything.
    pub fn heard(
        &mut self,
        conversation: &Arc<str>,
        user_id: &str,
        platform: i32,
        on: bool,
        now: Duration,
    ) -> Option<ClientEvent> {
        let person = (conversation.clone(), user_id.to_owned());
        let full = self.0.len() >= TYPING_MAX;
        if on && full && !self.0.contains_key(&person) {
            return None;
        }
        let platforms = self.0.entry(person).or_default();
        let changed = if on {
            platforms.insert(platform, now + TYPING_FOR).is_none()
        } else {
            platforms.remove(&platform).is_some()
        };
        let event = changed.then(|| typing(conversation, user_id, &ids(platforms)));
        self.0.retain(|_, platforms| !platforms.is_empty());
        event
    }

    /// When somebody's time is up.
    pub fn deadline(&self) -> Option<Duration> {
        self.0.values().flat_map(Platforms::values).min().copied()
    }

    /// The platforms on which somebody types.
    pub fn platforms(&self, conversation: &str, user_id: &str, now: Duration) -> Vec<i32> {
        let platforms = self.0.get(&(conversation.into(), user_id.to_owned())).into_iter().flatten();
        platforms.filter(|(_, until)| **until > now).map(|(platform, _)| *platform).collect()
    }

    /// Those whose time is up have stopped.
    pub fn expire(&mut self, now: Duration) -> Vec<ClientEvent> {
        let mut events = Vec::new();
        for ((conversation, user_id), platforms) in &mut self.0 {
            let before = platforms.len();
            platforms.retain(|_, until| *until > now);
            if platforms.len() != before {
                events.push(typing(conversation, user_id, &ids(platforms)));
            }
        }
        self.0.retain(|_, platforms| !platforms.is_empty());
        events
    }
}

fn ids(platforms: &Platforms) -> Vec<i32> {
    platforms.keys().copied().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn typing_is_an_event_when_it_begins_and_ends_or_after_15_seconds() {
        let mut typists = Typists::default();
        let chat: Arc<str> = "si_alice_bot_7".into();
        let begun = typists.heard(&chat, "alice", 5, true, SECOND).unwrap();
        assert_eq!(begun.data, json!({"conversationID":"si_alice_bot_7","userID":"alice","platformIDs":[5]}));
        assert_eq!(typists.heard(&chat, "alice", 5, true, 2 * SECOND), None, "going on is no news");
        assert_eq!(typists.heard(&chat, "alice", 1, true, 2 * SECOND).unwrap().data["platformIDs"], json!([1, 5]));
        assert_eq!(typists.heard(&chat, "alice", 1, false, 3 * SECOND).unwrap().data["platformIDs"], json!([5]));
        assert_eq!(typists.deadline(), Some(17 * SECOND));
        assert_eq!(typists.expire(16 * SECOND), []);
        assert_eq!(typists.expire(17 * SECOND)[0].data["platformIDs"], json!([]));
        assert_eq!((typists.deadline(), typists.heard(&chat, "alice", 5, false, 18 * SECOND)), (None, None));
    }

    #[test]
    fn what_others_type_is_forgotten_after_fifteen_seconds() {
        let mut typists = Typists::default();
        let chat: Arc<str> = "c".into();
        let _ = typists.heard(&chat, "alice", 5, true, SECOND);
        let _ = typists.heard(&chat, "alice", 1, true, 4 * SECOND);
        assert_eq!(typists.platforms("c", "alice", 15 * SECOND), [1, 5]);
        assert_eq!(typists.platforms("c", "alice", 17 * SECOND), [1]);
        assert!(typists.platforms("other", "alice", 15 * SECOND).is_empty());
        let _ = typists.heard(&chat, "alice", 1, false, 17 * SECOND);
        assert!(typists.platforms("c", "alice", 17 * SECOND).is_empty());
    }

    #[test]
    fn countless_typists_are_not_kept() {
        let mut typists = Typists::default();
        for n in 0..TYPING_MAX + 100 {
            let _ = typists.heard(&"sg_g".into(), &n.to_string(), 5, true, SECOND);
        }
        assert_eq!(typists.0.len(), TYPING_MAX);
        assert_eq!(typists.expire(60 * SECOND).len(), TYPING_MAX);
    }
}
