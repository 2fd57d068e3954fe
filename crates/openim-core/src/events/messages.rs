//! Revoked messages and read receipts.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde_json::{Value, json};

use super::{ClientEvent, Context, Ignored, belongs, read_up_to};
use crate::conversation;
use crate::limits::OWN_MESSAGES_KEPT;
use crate::message::notice::receipt::ReadReceipt;
use crate::message::notice::revoke::Revoked;
use crate::wire::pb::MsgData;

/// The newest of the account's own messages by their sequence: a receipt names places, its reader wants ids.
#[derive(Debug, Default)]
pub struct OwnMessages {
    conversations: HashMap<Arc<str>, Vec<(i64, String)>>,
    order: VecDeque<(Arc<str>, i64)>,
}

impl OwnMessages {
    pub fn add(&mut self, conversation: &Arc<str>, seq: i64, id: &str) {
        if seq <= 0 {
            return;
        }
        let places = self.conversations.entry(conversation.clone()).or_default();
        let Err(place) = find(places, seq) else { return };
        places.insert(place, (seq, id.to_owned()));
        self.order.push_back((conversation.clone(), seq));
        if self.order.len() > OWN_MESSAGES_KEPT
            && let Some((oldest, seq)) = self.order.pop_front()
            && let Some(places) = self.conversations.get_mut(&oldest)
        {
            places.retain(|(place, _)| *place != seq);
            if places.is_empty() {
                self.conversations.remove(&oldest);
            }
        }
    }

    /// The ids that a receipt means: of single places, or without them of everything up to where was read.
    fn read(&self, receipt: &ReadReceipt) -> Vec<&str> {
        let Some(places) = self.conversations.get(receipt.conversation_id.as_str()) else { return Vec::new() };
        if receipt.seqs.is_empty() {
            let read = places.iter().take_while(|(seq, _)| *seq <= receipt.has_read_seq);
            return read.map(|(_, id)| id.as_str()).collect();
        }
        let read = receipt.seqs.iter().filter_map(|seq| places.get(find(places, *seq).ok()?));
        read.map(|(_, id)| id.as_str()).collect()
    }
}

/// Where a sequence stands, or would.
fn find(places: &[(i64, String)], seq: i64) -> Result<usize, usize> {
    places.binary_search_by_key(&seq, |(place, _)| *place)
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
    fn only_the_newest_own_messages_are_remembered_and_nothing_is_left_of_the_others() {
        let mut own = OwnMessages::default();
        for n in 0..OWN_MESSAGES_KEPT as i64 + 10 {
            own.add(&format!("si_{}", n % 7).into(), 1 + n, &n.to_string());
        }
        assert_eq!(own.order.len(), OWN_MESSAGES_KEPT);
        assert_eq!(own.conversations.values().map(Vec::len).sum::<usize>(), OWN_MESSAGES_KEPT);
    }
}
