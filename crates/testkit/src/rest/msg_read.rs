//! `/msg`, reading: marking single messages, setting the read position, pulling over REST.

use openim_core::conversation::GROUP;
use openim_core::wire::pb::{PullMessageBySeqsReq, PullMsgs, SeqRange};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use super::jssdk::msg_json;
use crate::http::api::{Body, Reply, some};
use crate::limits::LIST_MAX;
use crate::model::notices::{Notice, READ_RECEIPT};
use crate::refusal::Refusal;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/msg/mark_msgs_as_read" => call.with(body, mark_msgs_as_read),
        "/msg/set_conversation_has_read_seq" => call.with(body, set_conversation_has_read_seq),
        "/msg/pull_msg_by_seq" => call.with(body, pull_msg_by_seq),
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
    seqs: Vec<i64>,
    has_read_seq: i64,
}

/// The last of the list becomes the read position, whatever its size; in a group everybody is told.
fn mark_msgs_as_read(call: &mut Call<'_>, params: &Params) -> Reply {
    call.speaks_for(&params.user_id)?;
    let (me, id) = (&params.user_id, &params.conversation_id);
    let Some(last) = params.seqs.last().copied() else { return Err(Refusal::args("seqs is empty")) };
    if params.seqs.iter().any(|seq| *seq < 1) || params.seqs.len() > LIST_MAX {
        return Err(Refusal::args("seqs start at 1"));
    }
    let max = call.model.messages.max_seq(id);
    let Some(own) = call.model.conversations.get_mut(me, id) else {
        return Err(Refusal::not_found("the conversation is not the user's"));
    };
    if last > max {
        return Err(Refusal::args("a seq lies beyond the newest"));
    }
    own.has_read_seq = own.has_read_seq.max(last);
    let (read, kind) = (own.has_read_seq, own.settings.conversation_type);
    let (group_id, peer) = (own.settings.group_id.clone(), own.settings.user_id.clone());
    for seq in &params.seqs {
        if let Some(msg) = call.model.messages.get_mut(id, *seq).filter(|msg| msg.send_id != *me) {
            msg.is_read = true;
        }
    }
    let notice = receipt(me, id, &json!(params.seqs), read, true);
    if kind == GROUP {
        call.model.notify_group(&group_id, me, &notice, &[], call.operation_id);
    } else {
        call.model.notify_user(me, &peer, &notice, call.operation_id);
    }
    Ok(None)
}

fn receipt(me: &str, conversation_id: &str, seqs: &Value, read: i64, is_stored: bool) -> Notice {
    let detail = json!({
        "markAsReadUserID": me, "conversationID": conversation_id, "seqs": seqs, "hasReadSeq": read,
    });
    Notice::new(READ_RECEIPT, detail).stored(is_stored)
}

/// The user's own devices are told, also where `noNotification` says otherwise.
fn set_conversation_has_read_seq(call: &mut Call<'_>, params: &Params) -> Reply {
    call.speaks_for(&params.user_id)?;
    let (me, id) = (&params.user_id, &params.conversation_id);
    if params.has_read_seq > call.model.messages.max_seq(id) || params.has_read_seq < 0 {
        return Err(Refusal::args("hasReadSeq lies beyond the newest"));
    }
    let Some(own) = call.model.conversations.get_mut(me, id) else {
        return Err(Refusal::not_found("the conversation is not the user's"));
    };
    own.has_read_seq = params.has_read_seq;
    let notice = receipt(me, id, &Value::Null, params.has_read_seq, false);
    call.model.notify_user(me, me, &notice, call.operation_id);
    Ok(None)
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Pull {
    #[serde(rename = "userID")]
    user_id: String,
    seq_ranges: Vec<Range>,
    order: i32,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Range {
    #[serde(rename = "conversationID")]
    conversation_id: String,
    begin: i64,
    end: i64,
    num: i64,
}

fn pull_msg_by_seq(call: &mut Call<'_>, params: &Pull) -> Reply {
    call.speaks_for(&params.user_id)?;
    let range = |range: &Range| SeqRange {
        conversation_id: range.conversation_id.clone(),
        begin: range.begin,
        end: range.end,
        num: range.num,
    };
    let request = PullMessageBySeqsReq {
        user_id: params.user_id.clone(),
        seq_ranges: params.seq_ranges.iter().take(LIST_MAX).map(range).collect(),
        order: params.order,
    };
    let answer = call.model.pull_ranges(&params.user_id, &request);
    let show = |(id, pulled): (String, PullMsgs)| {
        let msgs: Vec<_> = pulled.msgs.iter().map(msg_json).collect();
        (id, json!({ "Msgs": msgs, "isEnd": pulled.is_end, "endSeq": pulled.end_seq }))
    };
    let msgs: serde_json::Map<_, _> = answer.msgs.into_iter().map(show).collect();
    let notifications: serde_json::Map<_, _> = answer.notification_msgs.into_iter().map(show).collect();
    some(json!({ "msgs": msgs, "notificationMsgs": notifications }))
}
