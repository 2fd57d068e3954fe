//! Revoked messages and read receipts.

use std::collections::BTreeMap;
use std::sync::Arc;

use lru::LruCache;
use serde_json::{Value, json};

use super::{ClientEvent, Context, Ignored, belongs, read_up_to};
use crate::conversation;
use crate::limits::OWN_MESSAGES_KEPT;
use crate::message::notice::receipt::ReadReceipt;
use crate::message::notice::revoke::Revoked;
use crate::wire::pb::MsgData;

/// The newest of the account's own messages by conversation and sequence number: a receipt names sequence numbers, its
/// reader wants ids.
#[derive(Debug)]
pub struct OwnMessages(LruCache<(Arc<str>, i64), String>);

impl Default for OwnMessages {
    fn default() -> Self {
        // A cache that knows its bound allocates all of its table at once, for every account.
        Self(LruCache::unbounded())
    }
}

impl OwnMessages {
    /// Keeps a message. Where there are too many, the oldest is dropped.
    pub fn add(&mut self, conversation: &Arc<str>, seq: i64, id: &str) {
        let place = (conversation.clone(), seq);
        if seq > 0 && !self.0.contains(&place) {
            self.0.put(place, id.to_owned());
            if self.0.len() > OWN_MESSAGES_KEPT {
                self.0.pop_lru();
            }
        }
    }

    /// The ids that a receipt means: of single sequence numbers or, without them, of everything up to where was read.
    fn read(&self, receipt: &ReadReceipt) -> Vec<&str> {
        let in_conversation = self.0.iter().filter(|((conversation, _), _)| **conversation == *receipt.conversation_id);
        let ids: BTreeMap<i64, &str> = in_conversation.map(|((_, seq), id)| (*seq, id.as_str())).collect();
        if receipt.seqs.is_empty() {
            return ids.range(..=receipt.has_read_seq).map(|(_, id)| *id).collect();
        }
        receipt.seqs.iter().filter_map(|seq| ids.get(seq).copied()).collect()
    }
}

/// A notification names the conversation; in place of the message in its chat, that chat is meant.
pub(super) fn revoked(revoked: &Revoked, message: &MsgData, context: Context<'_>) -> Result<Vec<ClientEvent>, Ignored> {
    let in_chat = !conversation::is_notification(context.conversation);
    let about = if in_chat { context.conversation } else { &revoked.conversation_id };
    // Whoever writes a type by hand into a chat gets a new place for it; the server puts it into the message's own.
    if !belongs(about, context.conversation) || (in_chat && revoked.seq > 0 && revoked.seq != message.seq) {
        return Err(Ignored::Misplaced);
    }
    let data = json!({
        "conversationID": about,
        "revokerID": revoked.revoker_id,
        "revokerRole": revoked.revoker_role,
        "clientMsgID": revoked.client_msg_id,
        "revokerNickname": revoked.revoker_nickname,
        "revokeTime": revoked.revoke_time,
        "sourceMessageSendTime": revoked.source_send_time,
        "sourceMessageSendID": revoked.source_send_id,
        "sourceMessageSenderNickname": revoked.source_nickname,
        "sessionType": revoked.session_type,
        "seq": revoked.seq,
        "ex": revoked.ex,
        "isAdminRevoke": revoked.is_admin_revoke,
    });
    Ok(vec![ClientEvent::new("OnNewRecvMessageRevoked", data)])
}

pub(super) fn read(
    receipt: &ReadReceipt,
    message: &MsgData,
    context: Context<'_>,
) -> Result<Vec<ClientEvent>, Ignored> {
    if receipt.is_own(context.self_id) {
        return if message.send_id == context.self_id {
            Ok(vec![read_up_to(&receipt.conversation_id, receipt.has_read_seq)])
        } else {
            Err(Ignored::Misplaced)
        };
    }
    if receipt.user_id != message.send_id || !belongs(&receipt.conversation_id, context.conversation) {
        return Err(Ignored::Misplaced);
    }
    let ids: Vec<Value> = context.own.read(receipt).into_iter().map(Value::from).collect();
    let data = json!([{
        "userID": receipt.user_id,
        "groupID": "",
        "msgIDList": ids,
        "readTime": message.send_time,
        "msgFrom": 0,
        "contentType": 0,
        "sessionType": conversation::SINGLE,
        "conversationID": receipt.conversation_id,
        "seqs": receipt.seqs,
        "hasReadSeq": receipt.has_read_seq,
    }]);
    Ok(vec![ClientEvent::new("OnRecvC2CReadReceipt", data)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_own_messages_are_kept() {
        let kept = OWN_MESSAGES_KEPT as i64;
        let mut own = OwnMessages::default();
        for n in 0..kept + 10 {
            own.add(&format!("si_{}", n % 7).into(), 1 + n, &n.to_string());
        }
        let read = |conversation: i64| {
            let conversation_id = format!("si_{conversation}");
            let receipt = ReadReceipt { conversation_id, has_read_seq: i64::MAX, ..ReadReceipt::default() };
            own.read(&receipt).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let mut ids: Vec<i64> = (0..7).flat_map(read).map(|id| id.parse().unwrap()).collect();
        ids.sort_unstable();
        assert_eq!(ids, (10..kept + 10).collect::<Vec<_>>());
    }
}
