//! `/msg`: read positions, revoking, deleting.

use std::collections::BTreeMap;

use base::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openim_core::wire::pb::MsgData;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Api;
use super::records::{Seqs, StoredMessage};

/// Read positions, and which conversations are pinned.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Positions {
    /// The positions by conversation.
    pub seqs: BTreeMap<String, Seqs>,
    /// The ids of the pinned conversations.
    #[serde(rename = "pinnedConversationIDs")]
    pub pinned: Vec<String>,
}

/// No ids: all conversations.
pub async fn get_conversations_has_read_and_max_seq(api: &Api, me: &str, ids: &[String]) -> Result<Positions> {
    let body = json!({ "userID": me, "conversationIDs": ids, "returnPinned": true });
    api.read("/msg/get_conversations_has_read_and_max_seq", &body).await
}

/// The server itself fills in the sequences up to `has_read_seq`.
pub async fn mark_conversation_as_read(api: &Api, me: &str, conversation_id: &str, has_read_seq: i64) -> Result<()> {
    let body = json!({ "userID": me, "conversationID": conversation_id, "seqs": [], "hasReadSeq": has_read_seq });
    api.post::<Value>("/msg/mark_conversation_as_read", &body).await.map(drop)
}

pub async fn revoke_msg(api: &Api, me: &str, conversation_id: &str, seq: i64) -> Result<()> {
    let body = json!({ "userID": me, "conversationID": conversation_id, "seq": seq });
    api.post::<Value>("/msg/revoke_msg", &body).await.map(drop)
}

/// For oneself only; nobody else's copy is touched.
pub async fn delete_msgs(api: &Api, me: &str, conversation_id: &str, seqs: &[i64]) -> Result<()> {
    let body = json!({
        "userID": me, "conversationID": conversation_id, "seqs": seqs, "deleteSyncOpt": for_oneself(),
    });
    api.post::<Value>("/msg/delete_msgs", &body).await.map(drop)
}

pub async fn clear_conversation_msg(api: &Api, me: &str, conversation_ids: &[String]) -> Result<()> {
    let body = json!({ "userID": me, "conversationIDs": conversation_ids, "deleteSyncOpt": for_oneself() });
    api.post::<Value>("/msg/clear_conversation_msg", &body).await.map(drop)
}

pub async fn user_clear_all_msg(api: &Api, me: &str) -> Result<()> {
    let body = json!({ "userID": me, "deleteSyncOpt": for_oneself() });
    api.post_bulk::<Value>("/msg/user_clear_all_msg", &body).await.map(drop)
}

fn for_oneself() -> Value {
    json!({ "IsSyncSelf": true, "IsSyncOther": false })
}

impl StoredMessage {
    /// The message as the socket would carry it; content that is not base64 is none.
    pub fn into_wire(self) -> MsgData {
        MsgData {
            content: STANDARD.decode(&self.content).unwrap_or_default(),
            send_id: self.send_id,
            recv_id: self.recv_id,
            group_id: self.group_id,
            client_msg_id: self.client_msg_id,
            server_msg_id: self.server_msg_id,
            sender_platform_id: self.sender_platform_id,
            sender_nickname: self.sender_nickname,
            sender_face_url: self.sender_face_url,
            session_type: self.session_type,
            msg_from: self.msg_from,
            content_type: self.content_type,
            seq: self.seq,
            send_time: self.send_time,
            create_time: self.create_time,
            status: self.status,
            is_read: self.is_read,
            at_user_id_list: self.at_user_id_list,
            attached_info: self.attached_info,
            ex: self.ex,
            ..MsgData::default()
        }
    }
}
