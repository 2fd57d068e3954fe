//! `/conversation` and `/jssdk`: a user's conversations.

use base::Result;
use serde::Serialize;
use serde_json::{Value, json};

use super::Api;
use super::records::{Conversation, ConversationMsg};
use crate::limits::IDS_AT_ONCE;
use crate::shape::shape;

shape! {
    /// What may be changed of a conversation; what is none stays as it is.
    #[derive(Clone, Default, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct ConversationChange {
        #[serde(skip_serializing_if = "Option::is_none")]
        pub recv_msg_opt: Option<i32> = "recvMsgOpt" (None),
        #[serde(skip_serializing_if = "Option::is_none")]
        pub group_at_type: Option<i32> = "groupAtType" (None),
        #[serde(skip_serializing_if = "Option::is_none")]
        pub burn_duration: Option<i32> = "burnDuration" (None),
        #[serde(skip_serializing_if = "Option::is_none")]
        pub msg_destruct_time: Option<i64> = "msgDestructTime" (None),
        #[serde(skip_serializing_if = "Option::is_none")]
        pub is_pinned: Option<bool> = "isPinned" (None),
        #[serde(skip_serializing_if = "Option::is_none")]
        pub is_private_chat: Option<bool> = "isPrivateChat" (None),
        #[serde(skip_serializing_if = "Option::is_none")]
        pub is_msg_destruct: Option<bool> = "isMsgDestruct" (None),
        #[serde(skip_serializing_if = "Option::is_none")]
        pub ex: Option<String> = "ex" (None),
    }
}

/// Which conversation, in the words the server wants.
#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Which {
    #[serde(rename = "conversationID")]
    pub conversation_id: String,
    pub conversation_type: i32,
    #[serde(rename = "userID")]
    pub user_id: String,
    #[serde(rename = "groupID")]
    pub group_id: String,
}

/// Settings of some conversations; what does not exist is left out.
pub async fn get_conversations(api: &Api, me: &str, ids: &[String]) -> Result<Vec<Conversation>> {
    shape! {
        struct Answer {
            conversations: Vec<Conversation> = "conversations" (Vec::new()),
        }
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
    shape! {
        struct Answer {
            conversations: Vec<ConversationMsg> = "conversations" (Vec::new()),
        }
    }
    let mut conversations = Vec::new();
    for ids in ids.chunks(IDS_AT_ONCE) {
        let body = json!({ "ownerUserID": me, "conversationIDs": ids });
        conversations.extend(api.read::<Answer>("/jssdk/get_conversations", &body).await?.conversations);
    }
    Ok(conversations)
}

pub async fn get_not_notify_conversation_ids(api: &Api, me: &str) -> Result<Vec<String>> {
    shape! {
        struct Answer {
            ids: Vec<String> = "conversationIDs" (Vec::new()),
        }
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
