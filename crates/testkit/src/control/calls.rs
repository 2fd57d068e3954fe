//! Control calls about users, connections and messages, and the percentages of random faults.

use openim_core::message::text;
use serde::Deserialize;
use serde_json::{Value, json};

use super::known::known;
use crate::config::check_platform;
use crate::faults::rates::FaultRates;
use crate::faults::storage::StorageFaults;
use crate::http::api::{Body, Reply};
use crate::limits::LIST_MAX;
use crate::refusal::Refusal;
use crate::server::Server;
use crate::server::messages::Recipient;
use crate::token_endpoint::TokenEndpointConfig;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfUser {
    #[serde(rename = "userID")]
    user_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kick {
    #[serde(rename = "userID")]
    user_id: String,
    #[serde(rename = "platformID")]
    platform_id: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hold {
    #[serde(rename = "userID")]
    user_id: String,
    held: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoseMessage {
    #[serde(rename = "conversationID")]
    conversation_id: String,
    seq: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    #[serde(rename = "conversationID")]
    conversation_id: String,
    #[serde(rename = "fromSeq", default)]
    from_seq: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SendTexts {
    messages: Vec<TextMessage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TextMessage {
    #[serde(rename = "sendID")]
    send_id: String,
    #[serde(rename = "recvID", default)]
    recv_id: String,
    #[serde(rename = "groupID", default)]
    group_id: String,
    text: String,
}

pub(super) fn route(server: &Server, call: &str, body: &Body) -> Option<Reply> {
    Some(match call {
        "set-token-endpoint" => body.json().map(|config: TokenEndpointConfig| {
            server.set_token_endpoint(config);
            None
        }),
        "token-endpoint-report" => Ok(serde_json::to_value(server.token_endpoint_report()).ok()),
        "storage" => body.json().map(|faults: StorageFaults| {
            server.set_storage_faults(faults);
            None
        }),
        "fault-rates" => body.json().and_then(|rates| set_fault_rates(server, rates)),
        "user" => {
            on_user(server, body, |id| json!({ "connections": server.connections(id), "logins": server.logins(id) }))
        }
        "cut" => on_user(server, body, |id| json!({ "connections": server.cut(id) })),
        "half_open" => on_user(server, body, |id| json!({ "connections": server.half_open(id) })),
        "hold" => body.json().and_then(|params: Hold| {
            known(server, &params.user_id)?;
            Ok(Some(json!({ "connections": server.hold(&params.user_id, params.held) })))
        }),
        "kick" => body.json().and_then(|params: Kick| {
            known(server, &params.user_id)?;
            check_platform(params.platform_id).map_err(Refusal::args)?;
            Ok(Some(json!({ "connections": server.kick(&params.user_id, params.platform_id) })))
        }),
        "lose" => body.json().map(|params: LoseMessage| {
            Some(json!({ "lost": server.lose_message(&params.conversation_id, params.seq) }))
        }),
        "send" => body.json().and_then(|params: SendTexts| send(server, &params)),
        "stored" => body.json().map(|params: Stored| Some(stored(server, &params))),
        _ => return None,
    })
}

fn set_fault_rates(server: &Server, rates: FaultRates) -> Reply {
    if !rates.is_in_range() {
        return Err(Refusal::args("a percentage is 0 to 100"));
    }
    server.set_fault_rates(rates);
    Ok(None)
}

fn on_user(server: &Server, body: &Body, act: impl FnOnce(&str) -> Value) -> Reply {
    let OfUser { user_id } = body.json()?;
    known(server, &user_id)?;
    Ok(Some(act(&user_id)))
}

/// Sends messages up to the first one that is refused.
fn send(server: &Server, params: &SendTexts) -> Reply {
    if params.messages.len() > LIST_MAX {
        return Err(Refusal::args("too many messages"));
    }
    let mut sent = Vec::with_capacity(params.messages.len());
    for message in &params.messages {
        let to = match (message.recv_id.as_str(), message.group_id.as_str()) {
            (user, "") => Recipient::User(user),
            ("", group) => Recipient::Group(group),
            _ => return Err(Refusal::args("recvID or groupID, not both")),
        };
        let ack = server.send_as(&message.send_id, to, &message.text)?;
        sent.push(json!({
            "clientMsgID": ack.client_msg_id, "serverMsgID": ack.server_msg_id, "sendTime": ack.send_time,
        }));
    }
    Ok(Some(json!({ "sent": sent })))
}

fn stored(server: &Server, params: &Stored) -> Value {
    let all = server.stored(&params.conversation_id);
    let wanted = all.iter().filter(|msg| msg.seq >= params.from_seq).take(LIST_MAX);
    let list: Vec<_> = wanted
        .map(|msg| {
            json!({
                "seq": msg.seq, "sendID": msg.send_id, "clientMsgID": msg.client_msg_id,
                "serverMsgID": msg.server_msg_id, "sendTime": msg.send_time, "contentType": msg.content_type,
                "text": text::decode(&msg.content),
            })
        })
        .collect();
    json!({ "messages": list })
}
