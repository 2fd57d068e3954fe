//! `/msg`: newest sequences, revoking, and sending through the server API.

use std::collections::BTreeMap;

use openim_core::conversation::GROUP;
use openim_core::message::{kinds, options};
use openim_core::wire::errcode;
use openim_core::wire::pb::{GetConversationsHasReadAndMaxSeqReq, MsgData, OfflinePushInfo};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::call::{Call, bounded};
use super::message_params::MessageParams;
use crate::http::api::{Body, Reply, some};
use crate::model::groups::{ADMIN, MEMBER, OWNER};
use crate::model::notices::{FROM_SYSTEM, Notice, REVOKE};
use crate::refusal::Refusal;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/msg/get_server_time" => some(json!({ "serverTime": call.model.now_ms() })),
        "/msg/newest_seq" => call.with(body, newest_seq),
        "/msg/get_conversations_has_read_and_max_seq" => call.with(body, has_read_and_max_seq),
        "/msg/revoke_msg" => call.with(body, revoke_msg),
        "/msg/send_msg" => call.with(body, send_msg),
        _ => return None,
    })
}

fn newest_seq(call: &mut Call<'_>, params: &MessageParams) -> Reply {
    call.speaks_for(&params.user_id)?;
    let newest = call.model.newest_seqs(&params.user_id);
    some(json!({ "maxSeqs": newest.max_seqs, "minSeqs": newest.min_seqs }))
}

fn has_read_and_max_seq(call: &mut Call<'_>, params: &MessageParams) -> Reply {
    call.speaks_for(&params.user_id)?;
    bounded(&params.conversation_ids)?;
    let request = GetConversationsHasReadAndMaxSeqReq {
        user_id: params.user_id.clone(),
        conversation_ids: params.conversation_ids.clone(),
        return_pinned: params.return_pinned,
    };
    let answer = call.model.read_and_max_seqs(&params.user_id, &request);
    let show = |seqs: &openim_core::wire::pb::Seqs| json!({ "maxSeq": seqs.max_seq, "hasReadSeq": seqs.has_read_seq, "maxSeqTime": seqs.max_seq_time });
    let seqs: BTreeMap<_, _> = answer.seqs.iter().map(|(id, seqs)| (id, show(seqs))).collect();
    let pinned = Some(answer.pinned_conversation_ids).filter(|ids| !ids.is_empty());
    some(json!({ "seqs": seqs, "pinnedConversationIDs": pinned }))
}

fn revoke_msg(call: &mut Call<'_>, params: &MessageParams) -> Reply {
    call.speaks_for(&params.user_id)?;
    let (me, id, seq) = (params.user_id.clone(), params.conversation_id.clone(), params.seq);
    if seq < 1 {
        return Err(Refusal::args("seq starts at 1"));
    }
    let window = call.model.window(&me, &id).filter(|window| (window.min..=window.max).contains(&seq));
    if window.is_none() {
        return Err(Refusal::not_found("the message is not visible"));
    }
    let msg = call.model.messages.get(&id, seq).cloned().ok_or_else(|| Refusal::internal("the message is lost"))?;
    if msg.content_type == REVOKE {
        return Err(Refusal::new(errcode::MSG_ALREADY_REVOKE, ""));
    }
    let role = may_revoke(call, &me, &msg)?;
    let now = call.model.now_ms();
    let nickname = call.model.nickname(&me);
    let tombstone = json!({
        "revokerID": me, "revokerRole": role, "clientMsgID": msg.client_msg_id, "revokerNickname": nickname,
        "revokeTime": now, "sourceMessageSendTime": msg.send_time, "sourceMessageSendID": msg.send_id,
        "sourceMessageSenderNickname": msg.sender_nickname, "sessionType": msg.session_type, "seq": seq, "ex": "",
    });
    if let Some(stored) = call.model.messages.get_mut(&id, seq) {
        stored.content_type = REVOKE;
        // A change takes it out of the cache.
        stored.status = kinds::STATUS_SENT;
        stored.content = json!({ "detail": tombstone.to_string() }).to_string().into_bytes();
    }
    let detail = json!({
        "revokerUserID": me, "clientMsgID": msg.client_msg_id, "revokeTime": now, "sesstionType": msg.session_type,
        "seq": seq, "conversationID": id, "isAdminRevoke": call.is_admin(),
    });
    let notice = Notice::new(REVOKE, detail).stored(true);
    if msg.session_type == GROUP {
        call.model.notify_group(&msg.group_id, &me, &notice, &[], call.operation_id);
    } else {
        let peer = if msg.recv_id == me { &msg.send_id } else { &msg.recv_id };
        call.model.notify_user(&me, peer, &notice, call.operation_id);
    }
    Ok(None)
}

/// The revoker's role. The author may always revoke; in a group, so may the owner, and admins if the author is an
/// ordinary member.
fn may_revoke(call: &Call<'_>, me: &str, msg: &MsgData) -> Result<i32, Refusal> {
    let group = call.model.groups.get(&msg.group_id);
    let role = |user_id: &str| group.and_then(|group| group.role(user_id)).unwrap_or(MEMBER);
    let mine = role(me);
    let by_rank = msg.session_type == GROUP && (mine == OWNER || (mine == ADMIN && role(&msg.send_id) == MEMBER));
    if msg.send_id == me || by_rank || call.is_admin() {
        return Ok(mine);
    }
    Err(Refusal::no_permission("the message is another user's"))
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SendMsg {
    #[serde(rename = "sendID")]
    send_id: String,
    #[serde(rename = "recvID")]
    recv_id: String,
    #[serde(rename = "groupID")]
    group_id: String,
    sender_nickname: String,
    #[serde(rename = "senderFaceURL")]
    sender_face_url: String,
    #[serde(rename = "senderPlatformID")]
    sender_platform_id: i32,
    content: Map<String, Value>,
    content_type: i32,
    session_type: i32,
    is_online_only: bool,
    not_offline_push: bool,
    send_time: i64,
    offline_push_info: Option<PushInfo>,
    ex: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PushInfo {
    title: String,
    desc: String,
    ex: String,
}

fn send_msg(call: &mut Call<'_>, params: &SendMsg) -> Reply {
    call.admin()?;
    check_api_message(params)?;
    let msg = api_message(call, params);
    let ack = call.model.accept(&call.me(), msg, call.operation_id)?;
    some(json!({ "serverMsgID": ack.server_msg_id, "clientMsgID": ack.client_msg_id, "sendTime": ack.send_time }))
}

pub(super) fn check_api_message(params: &SendMsg) -> Result<(), Refusal> {
    if !matches!(params.content_type, 101..=106 | 110 | 114 | 118 | kinds::OA_NOTIFICATION) {
        return Err(Refusal::args("contentType is not one of those the server API sends"));
    }
    if params.session_type == GROUP && params.group_id.is_empty() {
        return Err(Refusal::args("groupID is empty"));
    }
    Ok(())
}

pub(super) fn api_message(call: &Call<'_>, params: &SendMsg) -> MsgData {
    let mut off = Vec::new();
    if params.is_online_only {
        off.extend([options::HISTORY, options::PERSISTENT, options::SENDER_SYNC, options::UNREAD_COUNT]);
        off.extend([options::CONVERSATION_UPDATE, options::SENDER_CONVERSATION_UPDATE, options::OFFLINE_PUSH]);
    }
    if params.not_offline_push {
        off.push(options::OFFLINE_PUSH);
    }
    let at = params.content.get("atUserList").filter(|_| params.content_type == kinds::AT_TEXT);
    let at = at.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    // The content of an OA notification is a text in `detail`, as for all notifications.
    let content = Value::Object(params.content.clone()).to_string();
    let is_oa = params.content_type == kinds::OA_NOTIFICATION;
    let content = if is_oa { json!({ "detail": content }).to_string() } else { content };
    MsgData {
        client_msg_id: call.model.fresh_id(&params.send_id),
        send_id: params.send_id.clone(),
        recv_id: params.recv_id.clone(),
        group_id: params.group_id.clone(),
        sender_nickname: params.sender_nickname.clone(),
        sender_face_url: params.sender_face_url.clone(),
        sender_platform_id: params.sender_platform_id,
        session_type: params.session_type,
        msg_from: FROM_SYSTEM,
        content_type: params.content_type,
        at_user_id_list: at.collect(),
        content: content.into_bytes(),
        create_time: call.model.now_ms(),
        send_time: params.send_time,
        options: off.into_iter().map(|name| (name.to_owned(), false)).collect(),
        offline_push_info: params.offline_push_info.as_ref().map(|info| OfflinePushInfo {
            title: info.title.clone(),
            desc: info.desc.clone(),
            ex: info.ex.clone(),
            ..OfflinePushInfo::default()
        }),
        ex: params.ex.clone(),
        ..MsgData::default()
    }
}
