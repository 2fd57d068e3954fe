//! `/conversation`, reading a user's settings and the list as it is shown.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, bounded};
use super::page::Pagination;
use crate::http::api::{Body, Reply, some};
use crate::model::Model;
use crate::model::conversations::UserConversation;
use crate::refusal::Refusal;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/conversation/get_all_conversations" => call.with(body, |call, params: &Params| {
            call.speaks_for(&params.owner)?;
            let all: Vec<_> = call.model.conversations.of(&params.owner).map(|(_, own)| &own.settings).collect();
            some(json!({ "conversations": all }))
        }),
        "/conversation/get_conversation" => call.with(body, |call, params: &Params| {
            call.speaks_for(&params.owner)?;
            let own = call.model.conversations.get(&params.owner, &params.conversation_id);
            let own = own.ok_or_else(|| Refusal::not_found("the conversation is not the user's"))?;
            some(json!({ "conversation": own.settings }))
        }),
        "/conversation/get_conversations" => call.with(body, |call, params: &Params| {
            call.speaks_for(&params.owner)?;
            bounded(&params.conversation_ids)?;
            let named = params.conversation_ids.iter();
            let all: Vec<_> = named.filter_map(|id| call.model.conversations.get(&params.owner, id)).collect();
            some(json!({ "conversations": all.iter().map(|own| &own.settings).collect::<Vec<_>>() }))
        }),
        "/conversation/get_pinned_conversation_ids" => call.with(body, |call, params: &Params| {
            call.speaks_for(&params.user_id)?;
            let all = call.model.conversations.of(&params.user_id);
            let ids: Vec<_> = all.filter(|(_, own)| own.settings.is_pinned).map(|(id, _)| id).collect();
            some(json!({ "conversationIDs": ids }))
        }),
        "/conversation/get_sorted_conversation_list" => call.with(body, get_sorted_conversation_list),
        _ => return None,
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Params {
    #[serde(rename = "ownerUserID")]
    owner: String,
    #[serde(rename = "userID")]
    user_id: String,
    #[serde(rename = "conversationID")]
    conversation_id: String,
    #[serde(rename = "conversationIDs")]
    conversation_ids: Vec<String>,
    pagination: Pagination,
}

fn get_sorted_conversation_list(call: &mut Call<'_>, params: &Params) -> Reply {
    call.speaks_for(&params.user_id)?;
    bounded(&params.conversation_ids)?;
    let wanted = |id: &String| params.conversation_ids.is_empty() || params.conversation_ids.contains(id);
    let mut all: Vec<_> = call.model.conversations.of(&params.user_id).filter(|(id, _)| wanted(id)).collect();
    if all.is_empty() {
        return Err(Refusal::not_found("the user has no conversation"));
    }
    all.sort_by_key(|(id, own)| (!own.settings.is_pinned, -call.model.messages.last_time(id)));
    let unread: i64 = all.iter().map(|(id, _)| call.model.unread(&params.user_id, id)).sum();
    let total = all.len();
    let page = params.pagination.cut(all)?;
    let show = |(id, own): (&String, &UserConversation)| elem(call.model, &params.user_id, id, own);
    let elems: Vec<_> = page.into_iter().map(show).collect();
    some(json!({ "conversationTotal": total, "unreadTotal": unread, "conversationElems": elems }))
}

fn elem(model: &Model, user_id: &str, id: &str, own: &UserConversation) -> Value {
    let last = model.messages.get(id, model.messages.max_seq(id)).cloned().unwrap_or_default();
    let group = model.groups.get(&last.group_id).map(|group| group.info.clone()).unwrap_or_default();
    json!({
        "conversationID": id, "recvMsgOpt": own.settings.recv_msg_opt, "unreadCount": model.unread(user_id, id),
        "IsPinned": own.settings.is_pinned,
        "msgInfo": {
            "serverMsgID": last.server_msg_id, "clientMsgID": last.client_msg_id, "sessionType": last.session_type,
            "sendID": last.send_id, "recvID": last.recv_id, "senderName": last.sender_nickname,
            "faceURL": last.sender_face_url, "groupID": last.group_id, "groupName": group.group_name,
            "groupFaceURL": group.face_url, "groupType": group.group_type, "groupMemberCount": group.member_count,
            "LatestMsgRecvTime": last.send_time, "msgFrom": last.msg_from, "contentType": last.content_type,
            "content": String::from_utf8_lossy(&last.content), "ex": last.ex,
        },
    })
}
