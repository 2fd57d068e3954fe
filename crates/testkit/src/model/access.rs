//! Which messages of a conversation a user may read, and in which form.

use openim_core::message::kinds::STATUS_DELETED;
use openim_core::wire::pb::MsgData;

use super::Model;
use super::messages::Parties;

/// The sequences that a user may read, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) min: i64,
    pub(crate) max: i64,
}

impl Model {
    /// The sequences that a pull of named sequences (1005) shows. As on the real server it is answered to everybody, for
    /// every conversation.
    pub(crate) fn list_window(&self, user_id: &str, conversation_id: &str) -> Window {
        let whole = || Window { min: 1, max: self.messages.max_seq(conversation_id) };
        self.window(user_id, conversation_id).unwrap_or_else(whole)
    }

    /// The sequences of the conversation that `user_id` may read. None if the user is not in the conversation.
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

    /// The message as the user sees it. A message that the user deleted has no content and the status deleted.
    pub(crate) fn read_as(&self, user_id: &str, conversation_id: &str, seq: i64) -> MsgData {
        if self.blanks.is_blank(conversation_id, seq, self.now_ms()) {
            return self.messages.placeholder(conversation_id, seq);
        }
        let mut msg = self.messages.read(conversation_id, seq);
        if self.conversations.get(user_id, conversation_id).is_some_and(|own| own.deleted.contains(&seq)) {
            msg.content.clear();
            msg.status = STATUS_DELETED;
        }
        msg
    }

    /// The number of messages that the user has not read.
    pub(crate) fn unread(&self, user_id: &str, conversation_id: &str) -> i64 {
        let Some(window) = self.window(user_id, conversation_id) else {
            return 0;
        };
        let read = self.conversations.get(user_id, conversation_id).map_or(0, |own| own.has_read_seq);
        (window.max - read.max(window.min - 1)).max(0)
    }
}
