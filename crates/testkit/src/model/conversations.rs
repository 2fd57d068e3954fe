//! What each user has of each conversation: settings, read position and deleted messages.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::versions::{Change, Versions};
use crate::records::Conversation;

#[derive(Serialize, Deserialize)]
pub(crate) struct UserConversation {
    pub(crate) settings: Conversation,
    pub(crate) has_read_seq: i64,
    /// The newest sequence shown to a user who left the group.
    pub(crate) cap: Option<i64>,
    /// Sequences that this user deleted for this user only.
    #[serde(default)]
    pub(crate) deleted: BTreeSet<i64>,
    /// The user deleted the conversation: it is in no list, not even after new messages.
    #[serde(default)]
    pub(crate) is_gone: bool,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Conversations {
    /// Prefix of every `versionID`; a new server gets a new one.
    #[serde(rename = "era")]
    version_prefix: String,
    own: HashMap<String, BTreeMap<String, UserConversation>>,
    versions: HashMap<String, Versions>,
}

impl Conversations {
    pub(crate) fn new(version_prefix: &str) -> Self {
        Self { version_prefix: version_prefix.into(), own: HashMap::new(), versions: HashMap::new() }
    }

    pub(crate) fn get(&self, user_id: &str, conversation_id: &str) -> Option<&UserConversation> {
        self.own.get(user_id)?.get(conversation_id)
    }

    pub(crate) fn get_mut(&mut self, user_id: &str, conversation_id: &str) -> Option<&mut UserConversation> {
        self.own.get_mut(user_id)?.get_mut(conversation_id)
    }

    /// The user's conversations, without those that the user deleted.
    pub(crate) fn of(&self, user_id: &str) -> impl Iterator<Item = (&String, &UserConversation)> {
        self.own.get(user_id).into_iter().flatten().filter(|(_, own)| !own.is_gone)
    }

    /// Takes the conversation out of the user's list for good. False if the user does not have it.
    pub(crate) fn delete(&mut self, user_id: &str, conversation_id: &str) -> bool {
        let Some(own) = self.get_mut(user_id, conversation_id) else { return false };
        own.is_gone = true;
        self.versions_mut(user_id).note(conversation_id, Change::Delete);
        true
    }

    /// Clears read positions, deletions and caps of one conversation, or of all.
    pub(crate) fn reset(&mut self, conversation_id: Option<&str>) {
        let all = self.own.values_mut().flatten();
        for (_, own) in all.filter(|(id, _)| conversation_id.is_none_or(|only| only == *id)) {
            own.has_read_seq = 0;
            own.cap = None;
            own.deleted.clear();
            own.settings.min_seq = 0;
        }
    }

    /// The version of the user's list of conversations.
    pub(crate) fn versions_mut(&mut self, user_id: &str) -> &mut Versions {
        self.versions.entry(user_id.into()).or_insert_with(|| Versions::new(format!("{}c", self.version_prefix)))
    }

    /// Adds the conversation to its owner's list if it is missing.
    pub(crate) fn open(&mut self, settings: Conversation) {
        let (user_id, conversation_id) = (settings.owner_user_id.clone(), settings.conversation_id.clone());
        let own = self.own.entry(user_id.clone()).or_default();
        if own.contains_key(&conversation_id) {
            return;
        }
        own.insert(
            conversation_id.clone(),
            UserConversation { settings, has_read_seq: 0, cap: None, deleted: BTreeSet::new(), is_gone: false },
        );
        self.versions_mut(&user_id).note(&conversation_id, Change::Insert);
    }
}
