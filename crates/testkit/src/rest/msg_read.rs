//! `/msg`, reading: read positions and receipts, and pulling over REST.

use std::collections::BTreeSet;

use openim_core::conversation::SINGLE;
use openim_core::wire::pb::{PullMessageBySeqsReq, PullMsgs, SeqRange};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use super::jssdk::msg_json;
use super::message_params::MessageParams;
use crate::config::ServerVersion;
use crate::http::api::{Body, Reply, some};
use crate::limits::LIST_MAX;
use crate::model::notices::{Notice, READ_RECEIPT};
use crate::refusal::Refusal;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/msg/mark_conversation_as_read" => call.with(body, mark_conversation_as_read),
        "/msg/mark_msgs_as_read" => call.with(body, mark_msgs_as_read),
        "/msg/set_conversation_has_read_seq" => call.with(body, set_conversation_has_read_seq),
        "/msg/pull_msg_by_seq" => call.with(body, pull_msg_by_seq),
        _ => return None,
    })
}

/// The last of the list becomes the read position, even if it is not the highest. Everybody in the conversation is
/// notified.
fn mark_msgs_as_read(call: &mut Call<'_>, params: &MessageParams) -> Reply {
    call.speaks_for(&params.user_id)?;
    let (me, id, seqs) = (&params.user_id, &params.conversation_id, params.seqs());
    let Some(last) = seqs.last().copied() else {
        // The newest release refuses that, the main branch has nothing to do.
        let is_refused = call.model.config.like == ServerVersion::V3_8_3;
        return if is_refused { Err(Refusal::args("seqs is empty")) } else { Ok(None) };
    };
    if seqs.iter().any(|seq| *seq < 1) || seqs.len() > LIST_MAX {
        return Err(Refusal::args("seqs start at 1"));
    }
    let max = call.model.messages.max_seq(id);
    let own = call.conversation_mut(me, id)?;
    if last > max {
        return Err(Refusal::args("a seq lies beyond the newest"));
    }
    own.has_read_seq = own.has_read_seq.max(last);
    let (has_read_seq, settings) = (own.has_read_seq, own.settings.clone());
    call.model.messages.mark_read(id, seqs, me);
    call.notify_conversation(me, &settings, &receipt(me, id, &json!(seqs), has_read_seq).stored(true));
    Ok(None)
}

/// The user's own devices are notified, even if `noNotification` is set.
fn set_conversation_has_read_seq(call: &mut Call<'_>, params: &MessageParams) -> Reply {
    call.speaks_for(&params.user_id)?;
    let (me, id) = (&params.user_id, &params.conversation_id);
    if params.has_read_seq > call.model.messages.max_seq(id) || params.has_read_seq < 0 {
        return Err(Refusal::args("hasReadSeq lies beyond the newest"));
    }
    call.conversation_mut(me, id)?.has_read_seq = params.has_read_seq;
    let notice = receipt(me, id, &Value::Null, params.has_read_seq);
    call.model.notify_user(me, me, &notice, call.operation_id);
    Ok(None)
}

/// In a direct chat the peer is told which messages were read. In a group only the user's own devices are notified.
fn mark_conversation_as_read(call: &mut Call<'_>, params: &MessageParams) -> Reply {
    call.speaks_for(&params.user_id)?;
    let (me, id, named) = (&params.user_id, &params.conversation_id, params.seqs());
    if params.has_read_seq < 1 || named.iter().any(|seq| *seq < 1) || named.len() > LIST_MAX {
        return Err(Refusal::args("hasReadSeq and seqs start at 1"));
    }
    let newest = call.model.messages.max_seq(id);
    let own = call.conversation_mut(me, id)?;
    let before = own.has_read_seq;
    own.has_read_seq = before.max(params.has_read_seq);
    let has_read_seq = own.has_read_seq;
    let is_single = own.settings.conversation_type == SINGLE;
    let to = if is_single { own.settings.user_id.clone() } else { me.clone() };
    let first_unread = before.max(newest - LIST_MAX as i64) + 1;
    let mut read: BTreeSet<i64> = (first_unread..=params.has_read_seq.min(newest)).collect();
    read.extend(named);
    if is_single {
        call.model.messages.mark_read(id, &read, me);
    }
    let seqs = (is_single && !read.is_empty()).then_some(read);
    let notice = receipt(me, id, &json!(seqs), has_read_seq).stored(is_single);
    call.model.notify_user(me, &to, &notice, call.operation_id);
    Ok(None)
}

fn receipt(me: &str, conversation_id: &str, seqs: &Value, has_read_seq: i64) -> Notice {
    let detail = json!({
        "markAsReadUserID": me, "conversationID": conversation_id, "seqs": seqs, "hasReadSeq": has_read_seq,
    });
    Notice::new(READ_RECEIPT, detail)
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
