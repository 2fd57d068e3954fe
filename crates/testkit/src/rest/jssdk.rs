//! `/jssdk`: conversations with their last message, in the two forms of the JS package: a protobuf request is answered
//! with base64 of a protobuf message inside the JSON answer, a JSON request with JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openim_core::wire::pb::MsgData;
use prost::Message as _;
use serde_json::{Value, json};

use super::call::{Call, bounded};
use crate::http::api::{Body, Reply, some};
use crate::model::Model;
use crate::records::{
    ConversationMsg, ConversationsResp, FriendInfoOnly, GetActiveConversationsReq, GetConversationsReq,
};

/// Fewer than one or more than `COUNT_MAX` params for: this many.
const COUNT_DEFAULT: usize = 100;
const COUNT_MAX: usize = 500;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/jssdk/get_active_conversations" => body.message().and_then(|params| active(call, body, &params)),
        "/jssdk/get_conversations" => body.message().and_then(|params| named(call, body, &params)),
        _ => return None,
    })
}

/// The owner is whoever's token it is, whatever the request says.
fn active(call: &mut Call<'_>, body: &Body, params: &GetActiveConversationsReq) -> Reply {
    let me = call.me();
    let count = usize::try_from(params.count).ok().filter(|n| (1..=COUNT_MAX).contains(n)).unwrap_or(COUNT_DEFAULT);
    let mut ids: Vec<_> = call.model.conversations.of(&me).map(|(id, own)| (own.settings.is_pinned, id)).collect();
    ids.sort_by_key(|(pinned, id)| (!pinned, -call.model.messages.last_time(id)));
    let unread_count = ids.iter().map(|(_, id)| call.model.unread(&me, id)).sum();
    let conversations = ids.iter().take(count).filter_map(|(_, id)| entry(call.model, &me, id)).collect();
    answer(body, &ConversationsResp { unread_count, conversations })
}

fn named(call: &mut Call<'_>, body: &Body, params: &GetConversationsReq) -> Reply {
    bounded(&params.conversation_ids)?;
    let me = call.me();
    let unread_count = params.conversation_ids.iter().map(|id| call.model.unread(&me, id)).sum();
    let conversations = params.conversation_ids.iter().filter_map(|id| entry(call.model, &me, id)).collect();
    answer(body, &ConversationsResp { unread_count, conversations })
}

/// Nothing for a conversation without a last message.
fn entry(model: &Model, me: &str, conversation_id: &str) -> Option<ConversationMsg> {
    let own = model.conversations.get(me, conversation_id)?;
    let window = model.window(me, conversation_id)?;
    let _ = model.messages.get(conversation_id, window.max)?;
    let last_msg = model.messages.read(conversation_id, window.max);
    let settings = &own.settings;
    Some(ConversationMsg {
        conversation: Some(settings.clone()),
        last_msg: Some(last_msg),
        user: model.users.get(&settings.user_id).cloned(),
        friend: model.relations.friend(me, &settings.user_id).map(|friend| {
            // In seconds, other than everywhere else.
            FriendInfoOnly { create_time: friend.create_time / 1000, ..friend.clone() }
        }),
        group: model.groups.get(&settings.group_id).map(|group| group.info.clone()),
        max_seq: window.max,
        read_seq: own.has_read_seq,
    })
}

fn answer(body: &Body, answer: &ConversationsResp) -> Reply {
    if body.is_protobuf {
        return some(STANDARD.encode(answer.encode_to_vec()).into());
    }
    let conversations: Vec<_> = answer.conversations.iter().map(entry_json).collect();
    some(json!({ "unreadCount": answer.unread_count, "conversations": conversations }))
}

fn entry_json(entry: &ConversationMsg) -> Value {
    json!({
        "conversation": entry.conversation,
        "lastMsg": entry.last_msg.as_ref().map(msg_json),
        "user": entry.user,
        "friend": entry.friend,
        "group": entry.group,
        "maxSeq": entry.max_seq,
        "readSeq": entry.read_seq,
    })
}

/// The content of a message is base64 in JSON.
pub(super) fn msg_json(msg: &MsgData) -> Value {
    json!({
        "sendID": msg.send_id,
        "recvID": msg.recv_id,
        "groupID": msg.group_id,
        "clientMsgID": msg.client_msg_id,
        "serverMsgID": msg.server_msg_id,
        "senderPlatformID": msg.sender_platform_id,
        "senderNickname": msg.sender_nickname,
        "senderFaceURL": msg.sender_face_url,
        "sessionType": msg.session_type,
        "msgFrom": msg.msg_from,
        "contentType": msg.content_type,
        "content": STANDARD.encode(&msg.content),
        "seq": msg.seq,
        "sendTime": msg.send_time,
        "createTime": msg.create_time,
        "status": msg.status,
        "isRead": msg.is_read,
        "options": msg.options,
        "atUserIDList": msg.at_user_id_list,
        "attachedInfo": msg.attached_info,
        "ex": msg.ex,
    })
}
