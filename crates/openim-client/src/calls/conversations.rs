//! Conversations: the list, one of them, settings, read marks.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use base::{Error, Kind, Result, TypeScript};
use openim_core::conversation;
use openim_core::message::{Embedded, kinds};
use serde::Deserialize;

use super::items::ConversationItem;
use super::{Calls, Nothing, Offset, With, unknown};
use crate::limits::PAGE_ITEMS_MAX;
use crate::rest::conversations::{self, ConversationChange, Which};
use crate::rest::records::{Conversation, ConversationMsg, Seqs, StoredMessage};
use crate::rest::{groups, messages, users};

/// The user, group or notification account of a conversation.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct OneConversation {
    /// The id of the user, group or notification account.
    #[serde(rename = "sourceID")]
    source_id: String,
    /// 1 with a user, 3 in a group, 4 with a notification account.
    session_type: i32,
}

/// The settings of a conversation to change.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct SetConversation {
    /// The conversation's id: `si_<a>_<b>`, `sg_<group>` or `sn_<a>_<b>`.
    #[serde(rename = "conversationID")]
    conversation_id: String,
    /// The members to change.
    #[serde(flatten)]
    change: ConversationChange,
}

impl Calls {
    /// Pinned ones first, then by their newest message.
    pub async fn get_conversation_list_split(&self, part: Offset) -> Result<Vec<ConversationItem>> {
        if part.count == 0 || part.count > PAGE_ITEMS_MAX {
            let text = format!("count is the number of items wanted, 1 to {PAGE_ITEMS_MAX}");
            return Err(Error::new(Kind::Config, text));
        }
        let positions = messages::get_conversations_has_read_and_max_seq(&self.api, self.me(), &[]).await?;
        let pinned: HashSet<_> = positions.pinned.iter().collect();
        let mut ids: Vec<_> = positions.seqs.iter().collect();
        ids.sort_by_key(|(id, seqs)| (!pinned.contains(id), Reverse(seqs.max_seq_time)));
        let ids = ids.into_iter().skip(part.offset as usize).take(part.count as usize);
        let ids: Vec<String> = ids.map(|(id, _)| id.clone()).collect();
        let seqs = positions.seqs.into_iter().collect();
        let mut items = self.items(&ids, &seqs).await?;
        // Messages that the server stores together have one time there; their own times are finer.
        items.sort_by_key(|item| (!item.is_pinned, Reverse(newest_time(item, &seqs))));
        Ok(items)
    }

    /// A conversation nobody has written in yet is shown with what is known of the other side.
    pub async fn get_one_conversation(&self, params: OneConversation) -> Result<ConversationItem> {
        let OneConversation { source_id, session_type } = params;
        let id = match session_type {
            conversation::SINGLE => conversation::single(self.me(), &source_id),
            conversation::GROUP => conversation::group(&source_id),
            conversation::NOTIFICATION => conversation::notification_account(self.me(), &source_id),
            _ => {
                return Err(Error::new(Kind::Config, "sessionType is 1 (user), 3 (group) or 4 (notification account)"));
            }
        };
        let ids = [id];
        let positions = messages::get_conversations_has_read_and_max_seq(&self.api, self.me(), &ids).await?;
        let found = self.items(&ids, &positions.seqs.into_iter().collect()).await?;
        if let Some(item) = found.into_iter().next() {
            return Ok(item);
        }
        let [conversation_id] = ids;
        let which = self.which(conversation_id)?;
        let mut item = of_settings(Conversation {
            conversation_id: which.conversation_id,
            conversation_type: which.conversation_type,
            user_id: which.user_id,
            group_id: which.group_id,
            ..Conversation::default()
        });
        self.name(std::slice::from_mut(&mut item)).await?;
        Ok(item)
    }

    /// Of conversations that are not muted.
    pub async fn get_total_unread_msg_count(&self, _: Nothing) -> Result<i64> {
        let positions = messages::get_conversations_has_read_and_max_seq(&self.api, self.me(), &[]).await?;
        let muted = conversations::get_not_notify_conversation_ids(&self.api, self.me()).await?;
        let muted: HashSet<_> = muted.into_iter().collect();
        let counted = positions.seqs.iter().filter(|(id, _)| !muted.contains(*id));
        Ok(counted.map(|(_, seqs)| unread(seqs)).sum())
    }

    /// Nothing unread, or nothing there, is read already.
    pub async fn mark_conversation_message_as_read(&self, conversation_id: String) -> Result<()> {
        self.with(&conversation_id)?;
        let ids = [conversation_id];
        let positions = messages::get_conversations_has_read_and_max_seq(&self.api, self.me(), &ids).await?;
        let [conversation_id] = ids;
        match positions.seqs.get(&conversation_id) {
            Some(seqs) if unread(seqs) > 0 => {
                messages::mark_conversation_as_read(&self.api, self.me(), &conversation_id, seqs.max_seq).await
            }
            _ => Ok(()),
        }
    }

    pub async fn set_conversation(&self, params: SetConversation) -> Result<()> {
        let which = self.which(params.conversation_id)?;
        conversations::set_conversations(&self.api, self.me(), &which, &params.change).await
    }

    fn which(&self, conversation_id: String) -> Result<Which> {
        let with = self.with(&conversation_id)?;
        let (conversation_type, user_id, group_id) = match with {
            With::User(id) => (conversation::SINGLE, id, String::new()),
            With::NotificationAccount(id) => (conversation::NOTIFICATION, id, String::new()),
            With::Group(id) => (conversation::GROUP, String::new(), id),
        };
        Ok(Which { conversation_id, conversation_type, user_id, group_id })
    }

    /// The conversations in the order of `ids`; what does not exist is left out.
    async fn items(&self, ids: &[String], seqs: &HashMap<String, Seqs>) -> Result<Vec<ConversationItem>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let shown = conversations::get_conversations_shown(&self.api, self.me(), ids).await?;
        let mut items: HashMap<String, ConversationItem> = shown.into_iter().map(of_shown).collect();
        // Without a last message the server does not show them.
        let rest: Vec<String> = ids.iter().filter(|id| !items.contains_key(*id)).cloned().collect();
        if !rest.is_empty() {
            let settings = conversations::get_conversations(&self.api, self.me(), &rest).await?;
            let mut bare: Vec<_> = settings.into_iter().map(of_settings).collect();
            self.name(&mut bare).await?;
            items.extend(bare.into_iter().map(|item| (item.conversation_id.clone(), item)));
        }
        let found = ids.iter().filter_map(|id| {
            let mut item = items.remove(id)?;
            if let Some(seqs) = seqs.get(id) {
                item.unread_count = unread(seqs);
            }
            Some(item)
        });
        Ok(found.collect())
    }

    /// Names and pictures of conversations that were not shown with them.
    async fn name(&self, items: &mut [ConversationItem]) -> Result<()> {
        let ids = |id: fn(&ConversationItem) -> &String| -> Vec<String> {
            items.iter().map(id).filter(|id| !id.is_empty()).cloned().collect()
        };
        let (user_ids, group_ids) = (ids(|item| &item.user_id), ids(|item| &item.group_id));
        let mut names: HashMap<String, (String, String)> = HashMap::new();
        if !user_ids.is_empty() {
            let users = users::get_users_info(&self.api, &user_ids).await?;
            names.extend(users.into_iter().map(|user| (user.user_id, (user.nickname, user.face_url))));
        }
        let mut group_names: HashMap<String, (String, String)> = HashMap::new();
        if !group_ids.is_empty() {
            let groups = groups::get_groups_info(&self.api, &group_ids).await?;
            group_names.extend(groups.into_iter().map(|group| (group.group_id, (group.group_name, group.face_url))));
        }
        for item in &mut *items {
            let found = names.get(&item.user_id).or_else(|| group_names.get(&item.group_id));
            let Some((name, face)) = found else {
                return Err(unknown(if item.group_id.is_empty() { "user" } else { "group" }));
            };
            (item.show_name, item.face_url) = (name.clone(), face.clone());
        }
        Ok(())
    }
}

/// When the newest message of a conversation was sent, also if the user has deleted it.
fn newest_time(item: &ConversationItem, seqs: &HashMap<String, Seqs>) -> i64 {
    let stored_at = seqs.get(&item.conversation_id).map_or(0, |seqs| seqs.max_seq_time);
    if item.latest_msg_send_time > 0 { item.latest_msg_send_time } else { stored_at }
}

fn unread(seqs: &Seqs) -> i64 {
    (seqs.max_seq - seqs.has_read_seq).max(0)
}

fn of_shown(shown: ConversationMsg) -> (String, ConversationItem) {
    let ConversationMsg { conversation, last_msg, user, friend, group, max_seq, read_seq } = shown;
    let min_seq = conversation.min_seq;
    let mut item = of_settings(conversation);
    item.unread_count = (max_seq - read_seq).max(0);
    if let Some(group) = group.filter(|_| !item.group_id.is_empty()) {
        (item.show_name, item.face_url) = (group.group_name, group.face_url);
    } else if let Some(user) = user {
        (item.show_name, item.face_url) = (user.nickname, user.face_url);
    }
    if let Some(friend) = friend.filter(|friend| !friend.remark.is_empty()) {
        item.show_name = friend.remark;
    }
    // The server also shows a message that this user has cleared or deleted.
    let is_visible = |message: &StoredMessage| message.seq >= min_seq && message.status != kinds::STATUS_DELETED;
    if let Some(message) = last_msg.filter(is_visible) {
        item.latest_msg_send_time = message.send_time;
        item.latest_msg = Embedded::of(message.into_wire()).to_json().to_string();
    }
    (item.conversation_id.clone(), item)
}

fn of_settings(settings: Conversation) -> ConversationItem {
    ConversationItem {
        conversation_id: settings.conversation_id,
        conversation_type: settings.conversation_type,
        user_id: settings.user_id,
        group_id: settings.group_id,
        recv_msg_opt: settings.recv_msg_opt,
        group_at_type: settings.group_at_type,
        burn_duration: settings.burn_duration,
        msg_destruct_time: settings.msg_destruct_time,
        is_pinned: settings.is_pinned,
        is_private_chat: settings.is_private_chat,
        is_msg_destruct: settings.is_msg_destruct,
        attached_info: settings.attached_info,
        ex: settings.ex,
        ..ConversationItem::default()
    }
}
