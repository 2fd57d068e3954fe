//! `/msg`, for a business server: one text to many, and notifications of its own.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, bounded};
use super::msg::{SendMsg, api_message, check_api_message};
use crate::http::api::{Body, Reply, some};
use crate::model::notices::Notice;
use crate::refusal::Refusal;

/// A notification whose meaning is the operator's.
const BUSINESS: i32 = 2001;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/msg/batch_send_msg" => call.with(body, batch_send_msg),
        "/msg/send_business_notification" => call.with(body, send_business_notification),
        _ => return None,
    })
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Batch {
    #[serde(flatten)]
    one: SendMsg,
    #[serde(rename = "recvIDs")]
    recv_ids: Vec<String>,
    is_send_all: bool,
}

/// All copies share one clientMsgID.
fn batch_send_msg(call: &mut Call<'_>, params: &Batch) -> Reply {
    call.admin()?;
    bounded(&params.recv_ids)?;
    check_api_message(&params.one)?;
    let to = if params.is_send_all { call.model.users.ids() } else { params.recv_ids.clone() };
    let msg = api_message(call, &params.one);
    let (mut results, mut failed) = (Vec::new(), Vec::new());
    for user_id in to.into_iter().filter(|user_id| *user_id != msg.send_id) {
        let mut copy = msg.clone();
        copy.recv_id.clone_from(&user_id);
        match call.model.accept(&call.me(), copy, call.operation_id) {
            Ok(ack) => {
                results.push(json!({
                    "serverMsgID": ack.server_msg_id, "clientMsgID": ack.client_msg_id, "sendTime": ack.send_time,
                    "recvID": user_id,
                }));
            }
            Err(_) => failed.push(user_id),
        }
    }
    let failed = if failed.is_empty() { Value::Null } else { json!(failed) };
    some(json!({ "results": results, "failedUserIDs": failed }))
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Business {
    key: String,
    data: String,
    #[serde(rename = "sendUserID")]
    from: String,
    #[serde(rename = "recvUserID")]
    to: String,
    #[serde(rename = "recvGroupID")]
    group_id: String,
    send_msg: bool,
    reliability_level: i32,
}

fn send_business_notification(call: &mut Call<'_>, params: &Business) -> Reply {
    call.admin()?;
    call.known_user(&params.from)?;
    let notice = Notice::new(BUSINESS, json!({ "key": params.key, "data": params.data }))
        .stored(params.reliability_level == 2)
        .in_chat(params.send_msg);
    if params.group_id.is_empty() {
        call.known_user(&params.to)?;
        call.model.notify_user(&params.from, &params.to, &notice, call.operation_id);
    } else if call.model.groups.get(&params.group_id).is_some() {
        call.model.notify_group(&params.group_id, &params.from, &notice, &[], call.operation_id);
    } else {
        return Err(Refusal::not_found("the group does not exist"));
    }
    Ok(None)
}
