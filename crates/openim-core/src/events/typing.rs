//! Who is typing. A change is told once; whoever says nothing more has stopped.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{ClientEvent, typing};
use crate::limits::{TYPING_FOR, TYPING_MAX};

type Person = (Arc<str>, String);

/// The platforms somebody types on, in order, each with a time. There are ten at most.
#[derive(Debug)]
pub struct Platforms<T>(Vec<(i32, T)>);

impl<T> Default for Platforms<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Platforms<T> {
    /// Whether it is a new one.
    pub fn insert(&mut self, platform: i32, at: T) -> bool {
        match self.0.binary_search_by_key(&platform, |(known, _)| *known) {
            Ok(place) => self.0[place].1 = at,
            Err(place) => {
                self.0.insert(place, (platform, at));
                return true;
            }
        }
        false
    }

    /// Keeps those whose time is right. Whether some are gone.
    pub fn retain(&mut self, right: impl Fn(i32, &T) -> bool) -> bool {
        let before = self.0.len();
        self.0.retain(|(platform, at)| right(*platform, at));
        self.0.len() != before
    }

    pub fn times(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, at)| at)
    }

    pub fn ids(&self) -> Vec<i32> {
        self.0.iter().map(|(platform, _)| *platform).collect()
    }
}

/// The people who are typing, with until when each counts.
#[derive(Debug, Default)]
pub struct Typists(BTreeMap<Person, Platforms<Duration>>);

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
            platforms.insert(platform, now + TYPING_FOR)
        } else {
            platforms.retain(|known, _| known != platform)
        };
        let told = platforms.ids();
        self.0.retain(|_, platforms| !platforms.0.is_empty());
        changed.then(|| typing(conversation, user_id, &told))
    }

    /// When somebody's time is up.
    pub fn deadline(&self) -> Option<Duration> {
        self.0.values().flat_map(Platforms::times).min().copied()
    }

    /// Those whose time is up have stopped.
    pub fn expire(&mut self, now: Duration) -> Vec<ClientEvent> {
        let mut events = Vec::new();
        for ((conversation, user_id), platforms) in &mut self.0 {
            if platforms.retain(|_, until| *until > now) {
                events.push(typing(conversation, user_id, &platforms.ids()));
            }
        }
        self.0.retain(|_, platforms| !platforms.0.is_empty());
        events
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn typing_is_told_when_it_begins_and_when_it_ends_and_ends_by_itself_after_15_s() {
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
    fn countless_typists_are_not_kept() {
        let mut typists = Typists::default();
        for n in 0..TYPING_MAX + 100 {
            let _ = typists.heard(&"sg_g".into(), &n.to_string(), 5, true, SECOND);
        }
        assert_eq!(typists.0.len(), TYPING_MAX);
        assert_eq!(typists.expire(60 * SECOND).len(), TYPING_MAX);
    }
}
