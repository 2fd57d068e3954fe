//! Friendships, friend requests and black lists.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::versions::{Change, Versions};
use crate::records::FriendInfoOnly;

/// `addSource`: imported by an admin, or asked for and accepted.
pub(crate) const IMPORTED: i32 = 1;
pub(crate) const ASKED: i32 = 2;

#[derive(Serialize, Deserialize)]
pub(crate) struct Relations {
    /// Prefix of every `versionID`; a new server gets a new one.
    #[serde(rename = "era")]
    version_prefix: String,
    friends: HashMap<String, BTreeMap<String, FriendInfoOnly>>,
    versions: HashMap<String, Versions>,
    /// Owner to blocked user to the time of blocking.
    blacks: HashMap<String, BTreeMap<String, i64>>,
    /// The newest request of each pair, by recipient and then by sender.
    #[serde(default)]
    requests: BTreeMap<String, BTreeMap<String, FriendRequest>>,
}

/// A friend request.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct FriendRequest {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) message: String,
    pub(crate) ex: String,
    pub(crate) asked_ms: i64,
    /// 0 open, 1 accepted, -1 rejected.
    pub(crate) result: i32,
    pub(crate) answer: String,
    #[serde(default)]
    pub(crate) handler: String,
    pub(crate) answered_ms: i64,
}

impl Relations {
    pub(crate) fn new(version_prefix: &str) -> Self {
        Self {
            version_prefix: version_prefix.into(),
            friends: HashMap::new(),
            versions: HashMap::new(),
            blacks: HashMap::new(),
            requests: BTreeMap::new(),
        }
    }

    /// Makes both users friends of each other. `source` says how they found each other.
    pub(crate) fn befriend(&mut self, a: &str, b: &str, source: i32, operator: &str, now_ms: i64) {
        for (owner, friend) in [(a, b), (b, a)] {
            let info = FriendInfoOnly {
                owner_user_id: owner.into(),
                friend_user_id: friend.into(),
                create_time: now_ms,
                add_source: source,
                operator_user_id: operator.into(),
                ..FriendInfoOnly::default()
            };
            self.friends.entry(owner.into()).or_default().insert(friend.into(), info);
            self.versions_mut(owner).note(friend, Change::Insert);
        }
    }

    pub(crate) fn friend(&self, owner: &str, friend: &str) -> Option<&FriendInfoOnly> {
        self.friends.get(owner)?.get(friend)
    }

    pub(crate) fn friend_mut(&mut self, owner: &str, friend: &str) -> Option<&mut FriendInfoOnly> {
        self.friends.get_mut(owner)?.get_mut(friend)
    }

    /// Removes the friend from the owner's list. False if it was not there.
    pub(crate) fn unfriend(&mut self, owner: &str, friend: &str) -> bool {
        let was = self.friends.get_mut(owner).is_some_and(|friends| friends.remove(friend).is_some());
        if was {
            self.versions_mut(owner).note(friend, Change::Delete);
        }
        was
    }

    pub(crate) fn add_request(&mut self, request: FriendRequest) {
        self.requests.entry(request.to.clone()).or_default().insert(request.from.clone(), request);
    }

    pub(crate) fn request_mut(&mut self, from: &str, to: &str) -> Option<&mut FriendRequest> {
        self.requests.get_mut(to)?.get_mut(from)
    }

    pub(crate) fn requests(&self) -> impl Iterator<Item = &FriendRequest> {
        self.requests.values().flat_map(BTreeMap::values)
    }

    pub(crate) fn friends(&self, owner: &str) -> impl Iterator<Item = &FriendInfoOnly> {
        self.friends.get(owner).into_iter().flat_map(BTreeMap::values)
    }

    /// The version of the owner's list of friends.
    pub(crate) fn versions_mut(&mut self, owner: &str) -> &mut Versions {
        self.versions.entry(owner.into()).or_insert_with(|| Versions::new(format!("{}f", self.version_prefix)))
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
