//! Joining and leaving groups, and the effect on the member's conversation.

use openim_core::conversation;

use super::Model;
use super::groups::STATUS_DISMISSED;
use super::versions::Change;
use crate::records::Conversation;

impl Model {
    /// Makes the user a member. The group's conversation appears for the user if it has messages; a user who comes back
    /// sees everything again.
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

    /// Removes the member, who keeps reading the old messages but not the new ones.
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

    /// Dismisses the group. Its members keep the old messages.
    pub(crate) fn dismiss_group(&mut self, group_id: &str) {
        let Some(group) = self.groups.get_mut(group_id) else { return };
        group.info.status = STATUS_DISMISSED;
        let members: Vec<String> = group.members.keys().cloned().collect();
        for user_id in members {
            self.groups.joined_mut(&user_id).note(group_id, Change::Delete);
        }
    }
}
