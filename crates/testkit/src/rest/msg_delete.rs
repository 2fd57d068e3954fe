//! `/msg`, deleting: single messages, whole conversations, everything. For the caller alone, or for everybody.

use openim_core::conversation;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Body, Call, Reply, bounded};
use crate::fault::Fault;
use crate::limits::LIST_MAX;
use crate::notice::Notice;

const DELETED: i32 = 2102;
const CLEARED: i32 = 1703;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/msg/delete_msgs" => call.with(body, delete_msgs),
        "/msg/clear_conversation_msg" => call.with(body, |call, asked: &Asked| {
            bounded(&asked.conversation_ids)?;
            clear(call, asked, &asked.conversation_ids)
        }),
        "/msg/user_clear_all_msg" => call.with(body, |call, asked: &Asked| {
            let all: Vec<_> = call.state.conversations.of(&asked.user_id).map(|(id, _)| id.clone()).collect();
            clear(call, asked, &all)
        }),
        _ => return None,
    })
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Asked {
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
    let notice = Notice { content_type, detail, reliable: false, in_chat: false };
    call.state.notify_user(user_id, user_id, &notice, call.operation_id);
}

/// Deleted for everybody, a message is gone; for the caller, it reads as deleted and the others keep it.
fn delete_msgs(call: &mut Call<'_>, asked: &Asked) -> Reply {
    call.speaks_for(&asked.user_id)?;
    let id = &asked.conversation_id;
    if asked.seqs.is_empty() || asked.seqs.len() > LIST_MAX || asked.seqs.iter().any(|seq| *seq < 1) {
        return Err(Fault::args("seqs is empty or too long, or begins below 1"));
    }
    let Some(own) = call.state.conversations.get_mut(&asked.user_id, id) else {
        return Err(Fault::not_found("the conversation is not the user's"));
    };
    let detail = json!({ "userID": asked.user_id, "conversationID": id, "seqs": asked.seqs });
    if !asked.delete_sync_opt.everybody {
        own.deleted.extend(&asked.seqs);
        if asked.delete_sync_opt.own_devices {
            tell_self(call, &asked.user_id, DELETED, detail);
        }
        return Ok(None);
    }
    let (group_id, peer) = (own.settings.group_id.clone(), own.settings.user_id.clone());
    for seq in &asked.seqs {
        call.state.messages.forget(id, *seq);
    }
    let notice = Notice { content_type: DELETED, detail, reliable: true, in_chat: false };
    if group_id.is_empty() {
        call.state.notify_user(&asked.user_id, &peer, &notice, call.operation_id);
    } else {
        call.state.notify_group(&group_id, &asked.user_id, &notice, &[], call.operation_id);
    }
    Ok(None)
}

/// What is there so far is not shown any more; what comes is.
fn clear(call: &mut Call<'_>, asked: &Asked, ids: &[String]) -> Reply {
    call.speaks_for(&asked.user_id)?;
    for id in ids {
        let Some(own) = call.state.conversations.get(&asked.user_id, id) else {
            return Err(Fault::not_found("a conversation is not the user's"));
        };
        let (group_id, peer) = (own.settings.group_id.clone(), own.settings.user_id.clone());
        let mut users = vec![asked.user_id.clone()];
        if asked.delete_sync_opt.everybody {
            let members = call.state.groups.get(&group_id).map(|group| group.members.keys().cloned());
            users.extend(members.into_iter().flatten());
            users.push(peer);
        }
        let from = call.state.messages.max_seq(id) + 1;
        for user_id in users {
            if let Some(own) = call.state.conversations.get_mut(&user_id, id) {
                own.settings.min_seq = from;
            }
        }
    }
    let detail = json!({ "userID": asked.user_id, "conversationIDs": ids });
    if asked.delete_sync_opt.own_devices {
        tell_self(call, &asked.user_id, CLEARED, detail.clone());
    }
    if asked.delete_sync_opt.everybody {
        for id in ids {
            let Some(own) = call.state.conversations.get(&asked.user_id, id) else { continue };
            let (group_id, peer) = (own.settings.group_id.clone(), own.settings.user_id.clone());
            let notice = Notice { content_type: CLEARED, detail: detail.clone(), reliable: true, in_chat: false };
            if *id == conversation::group(&group_id) {
                call.state.notify_group(&group_id, &asked.user_id, &notice, &[], call.operation_id);
            } else {
                call.state.notify_user(&asked.user_id, &peer, &notice, call.operation_id);
            }
        }
    }
    Ok(None)
}
