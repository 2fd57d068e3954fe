//! The parameters of calls about the messages of a conversation; each call reads its own.

use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct MessageParams {
    #[serde(rename = "userID")]
    pub(super) user_id: String,
    #[serde(rename = "conversationID")]
    pub(super) conversation_id: String,
    #[serde(rename = "conversationIDs")]
    pub(super) conversation_ids: Vec<String>,
    pub(super) return_pinned: bool,
    /// Null if a client has none.
    seqs: Option<Vec<i64>>,
    pub(super) has_read_seq: i64,
    pub(super) seq: i64,
    pub(super) delete_sync_opt: DeleteSyncOptions,
}

/// Who else sees a deletion. The names begin with a capital letter on the wire.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct DeleteSyncOptions {
    #[serde(rename = "IsSyncSelf")]
    pub(super) own_devices: bool,
    #[serde(rename = "IsSyncOther")]
    pub(super) everybody: bool,
}

impl MessageParams {
    pub(super) fn seqs(&self) -> &[i64] {
        self.seqs.as_deref().unwrap_or_default()
    }
}
