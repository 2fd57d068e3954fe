//! `/conversation`, reading a user's settings and the list as it is shown.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Body, Call, Reply, bounded};
use super::page::Pagination;
use super::some;
use crate::fault::Fault;
use crate::state::State;
use crate::state::conversations::Own;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/conversation/get_all_conversations" => call.with(body, |call, asked: &Asked| {
            call.speaks_for(&asked.owner)?;
            let all: Vec<_> = call.state.conversations.of(&asked.owner).map(|(_, own)| &own.settings).collect();
            some(json!({ "conversations": all }))
        }),
        "/conversation/get_conversation" => call.with(body, |call, asked: &Asked| {
            call.speaks_for(&asked.owner)?;
            let own = call.state.conversations.get(&asked.owner, &asked.conversation_id);
            let own = own.ok_or_else(|| Fault::not_found("the conversation is not the user's"))?;
            some(json!({ "conversation": own.settings }))
        }),
        "/conversation/get_conversations" => call.with(body, |call, asked: &Asked| {
            call.speaks_for(&asked.owner)?;
            bounded(&asked.conversation_ids)?;
            let named = asked.conversation_ids.iter();
            let all: Vec<_> = named.filter_map(|id| call.state.conversations.get(&asked.owner, id)).collect();
            some(json!({ "conversations": all.iter().map(|own| &own.settings).collect::<Vec<_>>() }))
        }),
        "/conversation/get_pinned_conversation_ids" => call.with(body, |call, asked: &Asked| {
            call.speaks_for(&asked.user_id)?;
            let all = call.state.conversations.of(&asked.user_id);
            let ids: Vec<_> = all.filter(|(_, own)| own.settings.is_pinned).map(|(id, _)| id).collect();
            some(json!({ "conversationIDs": ids }))
        }),
        "/conversation/get_sorted_conversation_list" => call.with(body, get_sorted_conversation_list),
        _ => return None,
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
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

fn get_sorted_conversation_list(call: &mut Call<'_>, asked: &Asked) -> Reply {
    call.speaks_for(&asked.user_id)?;
    bounded(&asked.conversation_ids)?;
    let wanted = |id: &String| asked.conversation_ids.is_empty() || asked.conversation_ids.contains(id);
    let mut all: Vec<_> = call.state.conversations.of(&asked.user_id).filter(|(id, _)| wanted(id)).collect();
    if all.is_empty() {
        return Err(Fault::not_found("the user has no conversation"));
    }
    all.sort_by_key(|(id, own)| (!own.settings.is_pinned, -call.state.messages.last_time(id)));
    let unread: i64 = all.iter().map(|(id, _)| call.state.unread(&asked.user_id, id)).sum();
    let total = all.len();
    let page = asked.pagination.cut(all)?;
    let show = |(id, own): (&String, &Own)| elem(call.state, &asked.user_id, id, own);
    let elems: Vec<_> = page.into_iter().map(show).collect();
    some(json!({ "conversationTotal": total, "unreadTotal": unread, "conversationElems": elems }))
}

fn elem(state: &State, user_id: &str, id: &str, own: &Own) -> Value {
    let last = state.messages.get(id, state.messages.max_seq(id)).cloned().unwrap_or_default();
    let group = state.groups.get(&last.group_id).map(|group| group.info.clone()).unwrap_or_default();
    json!({
        "conversationID": id, "recvMsgOpt": own.settings.recv_msg_opt, "unreadCount": state.unread(user_id, id),
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
