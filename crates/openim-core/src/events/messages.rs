//! Revoked messages and read receipts.

use serde_json::{Value, json};

use super::recent::RecentEvents;
use super::{ClientEvent, Context, Ignored, belongs, read_up_to};
use crate::conversation;
use crate::message::notice::receipt::ReadReceipt;
use crate::message::notice::revoke::Revoked;
use crate::wire::pb::MsgData;

/// A notification names the conversation of the revoked message. In place of the message in its chat, that chat is meant.
pub(super) fn revoked(revoked: &Revoked, message: &MsgData, context: Context<'_>) -> Result<Vec<ClientEvent>, Ignored> {
    let in_chat = !conversation::is_notification(context.conversation);
    let about = if in_chat { context.conversation } else { &revoked.conversation_id };
    if !belongs(about, context.conversation) || !may_revoke(revoked, message, in_chat, context.self_id) {
        return Err(Ignored::Misplaced);
    }
    // The notification does not say whose message it was; the revocation in the chat does.
    let if_in_chat = |value: Value| if in_chat { value } else { Value::Null };
    let data = json!({
        "conversationID": about,
        "revokerID": revoked.revoker_id,
        "revokerRole": if_in_chat(revoked.revoker_role.into()),
        "clientMsgID": revoked.client_msg_id,
        "revokerNickname": if_in_chat(revoked.revoker_nickname.as_str().into()),
        "revokeTime": revoked.revoke_time,
        "sourceMessageSendTime": if_in_chat(revoked.source_send_time.into()),
        "sourceMessageSendID": if_in_chat(revoked.source_send_id.as_str().into()),
        "sourceMessageSenderNickname": if_in_chat(revoked.source_nickname.as_str().into()),
        "sessionType": revoked.session_type,
        "seq": revoked.seq,
        "ex": revoked.ex,
        "isAdminRevoke": revoked.is_admin_revoke,
    });
    Ok(vec![ClientEvent::new("OnNewRecvMessageRevoked", data)])
}

/// Whether this can be the server's word. The server puts a revocation into the place of its message and under its id; a
/// type that somebody writes by hand into a chat gets a place of its own. A notification of a revocation comes from the
/// person who revoked, unless an administrator of the server did. An account's own revocations come from the account.
fn may_revoke(revoked: &Revoked, message: &MsgData, in_chat: bool, self_id: &str) -> bool {
    let is_from_revoker = revoked.revoker_id == message.send_id;
    if !in_chat {
        return is_from_revoker || (revoked.is_admin_revoke && revoked.revoker_id != self_id);
    }
    let is_in_place = revoked.seq <= 0 || revoked.seq == message.seq;
    let is_same_message = revoked.client_msg_id.is_empty() || revoked.client_msg_id == message.client_msg_id;
    // In a group an admin, such as this account, revokes messages of others.
    let may_be_others = message.session_type == conversation::GROUP || revoked.revoker_id != self_id;
    is_in_place && is_same_message && (is_from_revoker || may_be_others)
}

pub(super) fn read(
    receipt: &ReadReceipt,
    message: &MsgData,
    context: Context<'_>,
    recent: &RecentEvents,
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
    let ids: Vec<Value> = recent.own_messages.read(receipt).into_iter().map(Value::from).collect();
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
