//! Each user's own view of a conversation: settings, read position, and the window of sequences the user may see.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use openim_core::conversation;
use openim_core::message::kinds::STATUS_DELETED;
use openim_core::wire::pb::MsgData;
use serde::{Deserialize, Serialize};

use super::State;
use super::groups::STATUS_DISMISSED;
use super::messages::Parties;
use super::versions::{Change, Versions};
use crate::pb_jssdk::Conversation;

#[derive(Serialize, Deserialize)]
pub(crate) struct Own {
    pub(crate) settings: Conversation,
    pub(crate) has_read_seq: i64,
    /// The user left the group: nothing after this sequence is shown.
    pub(crate) cap: Option<i64>,
    /// Deleted by the user, for the user alone.
    #[serde(default)]
    pub(crate) deleted: BTreeSet<i64>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Conversations {
    /// Begins every `versionID`: another run of the server has another one.
    era: String,
    own: HashMap<String, BTreeMap<String, Own>>,
    versions: HashMap<String, Versions>,
}

/// The sequences a user may see, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) min: i64,
    pub(crate) max: i64,
}

impl Conversations {
    pub(crate) fn new(era: &str) -> Self {
        Self { era: era.into(), own: HashMap::new(), versions: HashMap::new() }
    }

    pub(crate) fn get(&self, user_id: &str, conversation_id: &str) -> Option<&Own> {
        self.own.get(user_id)?.get(conversation_id)
    }

    pub(crate) fn get_mut(&mut self, user_id: &str, conversation_id: &str) -> Option<&mut Own> {
        self.own.get_mut(user_id)?.get_mut(conversation_id)
    }

    pub(crate) fn of(&self, user_id: &str) -> impl Iterator<Item = (&String, &Own)> {
        self.own.get(user_id).into_iter().flatten()
    }

    /// Read positions, deletions and caps are forgotten.
    pub(crate) fn reset(&mut self, conversation_id: Option<&str>) {
        let all = self.own.values_mut().flatten();
        for (_, own) in all.filter(|(id, _)| conversation_id.is_none_or(|only| only == *id)) {
            own.has_read_seq = 0;
            own.cap = None;
            own.deleted.clear();
            own.settings.min_seq = 0;
        }
    }

    /// The version of a user's list.
    pub(crate) fn versions_mut(&mut self, user_id: &str) -> &mut Versions {
        self.versions.entry(user_id.into()).or_insert_with(|| Versions::new(format!("{}c", self.era)))
    }

    /// Gives the user the conversation unless it is there.
    pub(crate) fn open(&mut self, settings: Conversation) {
        let (user_id, conversation_id) = (settings.owner_user_id.clone(), settings.conversation_id.clone());
        let own = self.own.entry(user_id.clone()).or_default();
        if own.contains_key(&conversation_id) {
            return;
        }
        own.insert(conversation_id.clone(), Own { settings, has_read_seq: 0, cap: None, deleted: BTreeSet::new() });
        self.versions_mut(&user_id).note(&conversation_id, Change::Insert);
    }
}

impl State {
    /// What `user_id` may see of the conversation; none where it is not the user's.
    pub(crate) fn window(&self, user_id: &str, conversation_id: &str) -> Option<Window> {
        let max = self.messages.max_seq(conversation_id);
        if let Some(own) = self.conversations.get(user_id, conversation_id) {
            return Some(Window { min: own.settings.min_seq.max(1), max: own.cap.unwrap_or(max).min(max) });
        }
        let whole = Window { min: 1, max };
        match self.messages.parties(conversation_id)? {
            Parties::Users(users) => users.contains(user_id).then_some(whole),
            Parties::Group(group_id) => self.groups.is_member(group_id, user_id).then_some(whole),
        }
    }

    /// The message as the user sees it: one the user deleted has no content and says so.
    pub(crate) fn read_as(&self, user_id: &str, conversation_id: &str, seq: i64) -> MsgData {
        let mut msg = self.messages.read(conversation_id, seq);
        if self.conversations.get(user_id, conversation_id).is_some_and(|own| own.deleted.contains(&seq)) {
            msg.content.clear();
            msg.status = STATUS_DELETED;
        }
        msg
    }

    /// How many messages the user has not read.
    pub(crate) fn unread(&self, user_id: &str, conversation_id: &str) -> i64 {
        let Some(window) = self.window(user_id, conversation_id) else {
            return 0;
        };
        let read = self.conversations.get(user_id, conversation_id).map_or(0, |own| own.has_read_seq);
        (window.max - read.max(window.min - 1)).max(0)
    }
}

impl State {
    /// Makes the user a member. A conversation that has messages already appears for the user, and one left before is
    /// readable again.
    pub(crate) fn enter_group(&mut self, group_id: &str, user_id: &str, inviter: &str, role: i32) {
        let now = self.now_ms();
        self.groups.enter(group_id, user_id, inviter, role, &self.users, now);
        let conversation_id = conversation::group(group_id);
        if self.messages.max_seq(&conversation_id) == 0 {
            return;
        }
        self.conversations.open(Conversation {
            owner_user_id: user_id.into(),
            conversation_id: conversation_id.clone(),
            conversation_type: conversation::GROUP,
            group_id: group_id.into(),
            ..Conversation::default()
        });
        if let Some(own) = self.conversations.get_mut(user_id, &conversation_id) {
            own.cap = None;
        }
    }

    /// Takes the member out; of the conversation what is there stays readable, what comes does not.
    pub(crate) fn leave_group(&mut self, group_id: &str, user_id: &str) {
        if self.groups.leave(group_id, user_id).is_none() {
            return;
        }
        let conversation_id = conversation::group(group_id);
        let max = self.messages.max_seq(&conversation_id);
        if let Some(own) = self.conversations.get_mut(user_id, &conversation_id) {
            own.cap = Some(max);
        }
    }

    /// The group is over; its members keep what was written.
    pub(crate) fn dismiss_group(&mut self, group_id: &str) {
        let Some(group) = self.groups.get_mut(group_id) else { return };
        group.info.status = STATUS_DISMISSED;
        let members: Vec<String> = group.members.keys().cloned().collect();
        for user_id in members {
            self.groups.joined_mut(&user_id).note(group_id, Change::Delete);
        }
    }
}
