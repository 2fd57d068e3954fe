//! Joining and leaving groups, and the effect on the member's conversation.

use openim_core::conversation;

use super::Model;
use super::groups::Entering;
use crate::records::Conversation;

impl Model {
    /// Makes the user a member. The group's conversation appears for the user if it has messages; unless the configuration
    /// says otherwise, the user sees all of them, as does a user who comes back.
    pub(crate) fn enter_group(&mut self, group_id: &str, user_id: &str, entering: &Entering<'_>) {
        let now = self.now_ms();
        self.groups.enter(group_id, user_id, entering, &self.users, now);
        let conversation_id = conversation::group(group_id);
        let max = self.messages.max_seq(&conversation_id);
        if max == 0 {
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
            if !self.config.enable_history_for_new_members {
                own.settings.min_seq = max + 1;
            }
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
}
