//! `/conversation` and `/jssdk`: a user's conversations.

use base::{Result, TypeScript};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Api;
use super::records::{Conversation, ConversationMsg};
use crate::limits::IDS_AT_ONCE;

/// What may be changed of a conversation; what is none stays as it is.
#[derive(Clone, Default, Serialize, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase", default)]
#[ts(inline, input)]
pub struct ConversationChange {
    /// 0 messages arrive, 1 no messages arrive, 2 messages arrive without a notification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recv_msg_opt: Option<i32>,
    /// 0 nobody mentioned this user, 1 somebody did, 2 everybody was mentioned, 3 both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_at_type: Option<i32>,
    /// Seconds after which a private message is deleted once it is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burn_duration: Option<i32>,
    /// Seconds after which the server deletes messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msg_destruct_time: Option<i64>,
    /// Whether it is pinned to the top of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_pinned: Option<bool>,
    /// Whether messages are deleted after they are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_private_chat: Option<bool>,
    /// Whether the server deletes old messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_msg_destruct: Option<bool>,
    /// Free text for applications.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ex: Option<String>,
}

/// Which conversation, in the words the server wants.
#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Which {
    /// The conversation's id: `si_<a>_<b>`, `sg_<group>` or `sn_<a>_<b>`.
    #[serde(rename = "conversationID")]
    pub conversation_id: String,
    /// 1 with a user, 3 in a group, 4 with a notification account.
    pub conversation_type: i32,
    /// The other user's id; empty in a group.
    #[serde(rename = "userID")]
    pub user_id: String,
    /// The group's id; empty in a direct chat.
    #[serde(rename = "groupID")]
    pub group_id: String,
}

/// Settings of some conversations; what does not exist is left out.
pub async fn get_conversations(api: &Api, me: &str, ids: &[String]) -> Result<Vec<Conversation>> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Answer {
        conversations: Vec<Conversation>,
    }
    let mut conversations = Vec::new();
    for ids in ids.chunks(IDS_AT_ONCE) {
        let body = json!({ "ownerUserID": me, "conversationIDs": ids });
        let answer: Answer = api.read("/conversation/get_conversations", &body).await?;
        conversations.extend(answer.conversations);
    }
    Ok(conversations)
}

/// Conversations with their last message; those without one are left out.
pub async fn get_conversations_shown(api: &Api, me: &str, ids: &[String]) -> Result<Vec<ConversationMsg>> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Answer {
        conversations: Vec<ConversationMsg>,
    }
    let mut conversations = Vec::new();
    for ids in ids.chunks(IDS_AT_ONCE) {
        let body = json!({ "ownerUserID": me, "conversationIDs": ids });
        conversations.extend(api.read::<Answer>("/jssdk/get_conversations", &body).await?.conversations);
    }
    Ok(conversations)
}

pub async fn get_not_notify_conversation_ids(api: &Api, me: &str) -> Result<Vec<String>> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Answer {
        #[serde(rename = "conversationIDs")]
        ids: Vec<String>,
    }
    let body = json!({ "userID": me });
    Ok(api.read::<Answer>("/conversation/get_not_notify_conversation_ids", &body).await?.ids)
}

pub async fn set_conversations(api: &Api, me: &str, which: &Which, change: &ConversationChange) -> Result<()> {
    let mut conversation = serde_json::to_value(which).unwrap_or_default();
    if let (Some(into), Ok(Value::Object(change))) = (conversation.as_object_mut(), serde_json::to_value(change)) {
        into.extend(change);
    }
    let body = json!({ "userIDs": [me], "conversation": conversation });
    api.post::<Value>("/conversation/set_conversations", &body).await.map(drop)
}
