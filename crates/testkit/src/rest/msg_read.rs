//! `/msg`, reading: marking single messages, setting the read position, pulling over REST.

use openim_core::conversation::GROUP;
use openim_core::wire::pb::{PullMessageBySeqsReq, PullMsgs, SeqRange};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Body, Call, Reply};
use super::jssdk::msg_json;
use super::some;
use crate::fault::Fault;
use crate::limits::LIST_MAX;
use crate::notice::{Notice, READ_RECEIPT};

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
struct Asked {
    #[serde(rename = "userID")]
    user_id: String,
    #[serde(rename = "conversationID")]
    conversation_id: String,
    seqs: Vec<i64>,
    has_read_seq: i64,
}

/// The last of the list becomes the read position, whatever its size; in a group everybody is told.
fn mark_msgs_as_read(call: &mut Call<'_>, asked: &Asked) -> Reply {
    call.speaks_for(&asked.user_id)?;
    let (me, id) = (&asked.user_id, &asked.conversation_id);
    let Some(last) = asked.seqs.last().copied() else { return Err(Fault::args("seqs is empty")) };
    if asked.seqs.iter().any(|seq| *seq < 1) || asked.seqs.len() > LIST_MAX {
        return Err(Fault::args("seqs start at 1"));
    }
    let max = call.state.messages.max_seq(id);
    let Some(own) = call.state.conversations.get_mut(me, id) else {
        return Err(Fault::not_found("the conversation is not the user's"));
    };
    if last > max {
        return Err(Fault::args("a seq lies beyond the newest"));
    }
    own.has_read_seq = own.has_read_seq.max(last);
    let (read, kind) = (own.has_read_seq, own.settings.conversation_type);
    let (group_id, peer) = (own.settings.group_id.clone(), own.settings.user_id.clone());
    for seq in &asked.seqs {
        if let Some(msg) = call.state.messages.get_mut(id, *seq).filter(|msg| msg.send_id != *me) {
            msg.is_read = true;
        }
    }
    let notice = receipt(me, id, &json!(asked.seqs), read, true);
    if kind == GROUP {
        call.state.notify_group(&group_id, me, &notice, &[], call.operation_id);
    } else {
        call.state.notify_user(me, &peer, &notice, call.operation_id);
    }
    Ok(None)
}

fn receipt(me: &str, conversation_id: &str, seqs: &Value, read: i64, reliable: bool) -> Notice {
    let detail = json!({
        "markAsReadUserID": me, "conversationID": conversation_id, "seqs": seqs, "hasReadSeq": read,
    });
    Notice { content_type: READ_RECEIPT, detail, reliable, in_chat: false }
}

/// The user's own devices are told, also where `noNotification` says otherwise.
fn set_conversation_has_read_seq(call: &mut Call<'_>, asked: &Asked) -> Reply {
    call.speaks_for(&asked.user_id)?;
    let (me, id) = (&asked.user_id, &asked.conversation_id);
    if asked.has_read_seq > call.state.messages.max_seq(id) || asked.has_read_seq < 0 {
        return Err(Fault::args("hasReadSeq lies beyond the newest"));
    }
    let Some(own) = call.state.conversations.get_mut(me, id) else {
        return Err(Fault::not_found("the conversation is not the user's"));
    };
    own.has_read_seq = asked.has_read_seq;
    let notice = receipt(me, id, &Value::Null, asked.has_read_seq, false);
    call.state.notify_user(me, me, &notice, call.operation_id);
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

fn pull_msg_by_seq(call: &mut Call<'_>, asked: &Pull) -> Reply {
    call.speaks_for(&asked.user_id)?;
    let range = |range: &Range| SeqRange {
        conversation_id: range.conversation_id.clone(),
        begin: range.begin,
        end: range.end,
        num: range.num,
    };
    let request = PullMessageBySeqsReq {
        user_id: asked.user_id.clone(),
        seq_ranges: asked.seq_ranges.iter().take(LIST_MAX).map(range).collect(),
        order: asked.order,
    };
    let answer = call.state.pull_ranges(&asked.user_id, &request);
    let show = |(id, pulled): (String, PullMsgs)| {
        let msgs: Vec<_> = pulled.msgs.iter().map(msg_json).collect();
        (id, json!({ "Msgs": msgs, "isEnd": pulled.is_end, "endSeq": pulled.end_seq }))
    };
    let msgs: serde_json::Map<_, _> = answer.msgs.into_iter().map(show).collect();
    let notifications: serde_json::Map<_, _> = answer.notification_msgs.into_iter().map(show).collect();
    some(json!({ "msgs": msgs, "notificationMsgs": notifications }))
}
