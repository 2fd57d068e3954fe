//! `/msg`, deleting: single messages, conversations or everything, for the caller only or for everybody.

use serde_json::json;

use super::call::{Call, bounded};
use super::message_params::MessageParams;
use crate::http::api::{Body, Reply};
use crate::limits::LIST_MAX;
use crate::model::notices::Notice;
use crate::refusal::Refusal;

const DELETED: i32 = 2102;
const CLEARED: i32 = 1703;
const CONVERSATIONS_CHANGED: i32 = 1300;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/msg/delete_msgs" => call.with(body, delete_msgs),
        "/msg/delete_msg_phsical_by_seq" => call.with(body, delete_msg_phsical_by_seq),
        "/msg/clear_conversation_msg" => call.with(body, |call, params: &MessageParams| {
            bounded(&params.conversation_ids)?;
            clear(call, params, &params.conversation_ids)
        }),
        "/msg/user_clear_all_msg" => call.with(body, |call, params: &MessageParams| {
            let all: Vec<_> = call.model.conversations.of(&params.user_id).map(|(id, _)| id.clone()).collect();
            clear(call, params, &all)
        }),
        _ => return None,
    })
}

fn notify_self(call: &mut Call<'_>, user_id: &str, notice: &Notice) {
    call.model.notify_user(user_id, user_id, notice, call.operation_id);
}

/// A message that is deleted for everybody is removed. A message that the caller deletes for the caller only is shown as
/// deleted to the caller and stays for the others.
fn delete_msgs(call: &mut Call<'_>, params: &MessageParams) -> Reply {
    call.speaks_for(&params.user_id)?;
    let (id, seqs) = (&params.conversation_id, params.seqs());
    if seqs.is_empty() || seqs.len() > LIST_MAX || seqs.iter().any(|seq| *seq < 1) {
        return Err(Refusal::args("seqs is empty or too long, or begins below 1"));
    }
    let own = call.conversation_mut(&params.user_id, id)?;
    let detail = json!({ "userID": params.user_id, "conversationID": id, "seqs": seqs });
    if !params.delete_sync_opt.everybody {
        own.deleted.extend(seqs);
        if params.delete_sync_opt.own_devices {
            notify_self(call, &params.user_id, &Notice::new(DELETED, detail).stored(true));
        }
        return Ok(None);
    }
    let settings = own.settings.clone();
    for seq in seqs {
        call.model.messages.remove(id, *seq);
    }
    call.notify_conversation(&params.user_id, &settings, &Notice::new(DELETED, detail).stored(true));
    Ok(None)
}

/// Removes messages for everybody, without telling anybody. The path is spelt so.
fn delete_msg_phsical_by_seq(call: &mut Call<'_>, params: &MessageParams) -> Reply {
    call.admin()?;
    for seq in params.seqs().iter().take(LIST_MAX) {
        call.model.messages.remove(&params.conversation_id, *seq);
    }
    Ok(None)
}

/// Hides the present messages, which count as read. New messages are shown.
fn clear(call: &mut Call<'_>, params: &MessageParams, ids: &[String]) -> Reply {
    call.speaks_for(&params.user_id)?;
    let mut cleared = Vec::new();
    for id in ids {
        let settings = call.conversation_mut(&params.user_id, id)?.settings.clone();
        let mut users = vec![params.user_id.clone()];
        if params.delete_sync_opt.everybody {
            let members = call.model.groups.get(&settings.group_id).map(|group| group.members.keys().cloned());
            users.extend(members.into_iter().flatten());
            users.push(settings.user_id.clone());
        }
        let max = call.model.messages.max_seq(id);
        for user_id in users {
            if let Some(own) = call.model.conversations.get_mut(&user_id, id) {
                own.settings.min_seq = max + 1;
                own.has_read_seq = max;
            }
        }
        cleared.push(settings);
    }
    let detail = json!({ "userID": params.user_id, "conversationIDs": ids });
    if params.delete_sync_opt.own_devices {
        notify_self(call, &params.user_id, &Notice::new(CLEARED, detail.clone()));
    }
    let changed = json!({ "userID": params.user_id, "conversationIDList": ids });
    notify_self(call, &params.user_id, &Notice::new(CONVERSATIONS_CHANGED, changed));
    if params.delete_sync_opt.everybody {
        let notice = Notice::new(CLEARED, detail).stored(true);
        cleared.iter().for_each(|settings| call.notify_conversation(&params.user_id, settings, &notice));
    }
    Ok(None)
}
