//! `/msg`, deleting: single messages, whole conversations, everything. For the caller alone, or for everybody.

use openim_core::conversation;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, bounded};
use crate::http::api::{Body, Reply};
use crate::limits::LIST_MAX;
use crate::model::notices::Notice;
use crate::refusal::Refusal;

const DELETED: i32 = 2102;
const CLEARED: i32 = 1703;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/msg/delete_msgs" => call.with(body, delete_msgs),
        "/msg/clear_conversation_msg" => call.with(body, |call, params: &Params| {
            bounded(&params.conversation_ids)?;
            clear(call, params, &params.conversation_ids)
        }),
        "/msg/user_clear_all_msg" => call.with(body, |call, params: &Params| {
            let all: Vec<_> = call.model.conversations.of(&params.user_id).map(|(id, _)| id.clone()).collect();
            clear(call, params, &all)
        }),
        _ => return None,
    })
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Params {
    #[serde(rename = "userID")]
    user_id: String,
    #[serde(rename = "conversationID")]
    conversation_id: String,
    #[serde(rename = "conversationIDs")]
    conversation_ids: Vec<String>,
    seqs: Vec<i64>,
    delete_sync_opt: Sync,
}

/// Its members begin with a capital on the wire.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Sync {
    #[serde(rename = "IsSyncSelf")]
    own_devices: bool,
    #[serde(rename = "IsSyncOther")]
    everybody: bool,
}

fn tell_self(call: &mut Call<'_>, user_id: &str, content_type: i32, detail: Value) {
    let notice = Notice::new(content_type, detail);
    call.model.notify_user(user_id, user_id, &notice, call.operation_id);
}

/// Deleted for everybody, a message is gone; for the caller, it reads as deleted and the others keep it.
fn delete_msgs(call: &mut Call<'_>, params: &Params) -> Reply {
    call.speaks_for(&params.user_id)?;
    let id = &params.conversation_id;
    if params.seqs.is_empty() || params.seqs.len() > LIST_MAX || params.seqs.iter().any(|seq| *seq < 1) {
        return Err(Refusal::args("seqs is empty or too long, or begins below 1"));
    }
    let Some(own) = call.model.conversations.get_mut(&params.user_id, id) else {
        return Err(Refusal::not_found("the conversation is not the user's"));
    };
    let detail = json!({ "userID": params.user_id, "conversationID": id, "seqs": params.seqs });
    if !params.delete_sync_opt.everybody {
        own.deleted.extend(&params.seqs);
        if params.delete_sync_opt.own_devices {
            tell_self(call, &params.user_id, DELETED, detail);
        }
        return Ok(None);
    }
    let (group_id, peer) = (own.settings.group_id.clone(), own.settings.user_id.clone());
    for seq in &params.seqs {
        call.model.messages.remove(id, *seq);
    }
    let notice = Notice::new(DELETED, detail).stored(true);
    if group_id.is_empty() {
        call.model.notify_user(&params.user_id, &peer, &notice, call.operation_id);
    } else {
        call.model.notify_group(&group_id, &params.user_id, &notice, &[], call.operation_id);
    }
    Ok(None)
}

/// What is there so far is not shown any more; what comes is.
fn clear(call: &mut Call<'_>, params: &Params, ids: &[String]) -> Reply {
    call.speaks_for(&params.user_id)?;
    for id in ids {
        let Some(own) = call.model.conversations.get(&params.user_id, id) else {
            return Err(Refusal::not_found("a conversation is not the user's"));
        };
        let (group_id, peer) = (own.settings.group_id.clone(), own.settings.user_id.clone());
        let mut users = vec![params.user_id.clone()];
        if params.delete_sync_opt.everybody {
            let members = call.model.groups.get(&group_id).map(|group| group.members.keys().cloned());
            users.extend(members.into_iter().flatten());
            users.push(peer);
        }
        let from = call.model.messages.max_seq(id) + 1;
        for user_id in users {
            if let Some(own) = call.model.conversations.get_mut(&user_id, id) {
                own.settings.min_seq = from;
            }
        }
    }
    let detail = json!({ "userID": params.user_id, "conversationIDs": ids });
    if params.delete_sync_opt.own_devices {
        tell_self(call, &params.user_id, CLEARED, detail.clone());
    }
    if params.delete_sync_opt.everybody {
        for id in ids {
            let Some(own) = call.model.conversations.get(&params.user_id, id) else { continue };
            let (group_id, peer) = (own.settings.group_id.clone(), own.settings.user_id.clone());
            let notice = Notice::new(CLEARED, detail.clone()).stored(true);
            if *id == conversation::group(&group_id) {
                call.model.notify_group(&group_id, &params.user_id, &notice, &[], call.operation_id);
            } else {
                call.model.notify_user(&params.user_id, &peer, &notice, call.operation_id);
            }
        }
    }
    Ok(None)
}
