//! Friends and black lists.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::versions::{Change, Versions};
use crate::pb_jssdk::FriendInfoOnly;

#[derive(Serialize, Deserialize)]
pub(crate) struct Relations {
    /// Begins every `versionID`: another run of the server has another one.
    era: String,
    friends: HashMap<String, BTreeMap<String, FriendInfoOnly>>,
    versions: HashMap<String, Versions>,
    /// Owner to blocked user to the time of blocking.
    blacks: HashMap<String, BTreeMap<String, i64>>,
}

impl Relations {
    pub(crate) fn new(era: &str) -> Self {
        Self { era: era.into(), friends: HashMap::new(), versions: HashMap::new(), blacks: HashMap::new() }
    }

    /// Both become friends of each other.
    pub(crate) fn befriend(&mut self, a: &str, b: &str, now_ms: i64) {
        for (owner, friend) in [(a, b), (b, a)] {
            let info = FriendInfoOnly {
                owner_user_id: owner.into(),
                friend_user_id: friend.into(),
                create_time: now_ms,
                operator_user_id: a.into(),
                ..FriendInfoOnly::default()
            };
            self.friends.entry(owner.into()).or_default().insert(friend.into(), info);
            self.versions_mut(owner).note(friend, Change::Insert);
        }
    }

    pub(crate) fn friend(&self, owner: &str, friend: &str) -> Option<&FriendInfoOnly> {
        self.friends.get(owner)?.get(friend)
    }

    pub(crate) fn friends(&self, owner: &str) -> impl Iterator<Item = &FriendInfoOnly> {
        self.friends.get(owner).into_iter().flat_map(BTreeMap::values)
    }

    /// The version of the owner's list.
    pub(crate) fn versions_mut(&mut self, owner: &str) -> &mut Versions {
        self.versions.entry(owner.into()).or_insert_with(|| Versions::new(format!("{}f", self.era)))
    }

    pub(crate) fn block(&mut self, owner: &str, blocked: &str, now_ms: i64) {
        self.blacks.entry(owner.into()).or_default().insert(blocked.into(), now_ms);
    }

    pub(crate) fn unblock(&mut self, owner: &str, blocked: &str) {
        if let Some(blacks) = self.blacks.get_mut(owner) {
            blacks.remove(blocked);
        }
    }

    pub(crate) fn is_blocked(&self, owner: &str, blocked: &str) -> bool {
        self.blacks.get(owner).is_some_and(|blacks| blacks.contains_key(blocked))
    }

    pub(crate) fn blacks(&self, owner: &str) -> impl Iterator<Item = (&String, i64)> {
        self.blacks.get(owner).into_iter().flatten().map(|(id, since)| (id, *since))
    }
}
