//! Control calls that inject faults: rules, late and forged messages, sequences, tokens, clock and ports.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openim_core::conversation;
use openim_core::message::{kinds, text};
use openim_core::wire::pb::MsgData;
use serde::Deserialize;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::known::known;
use crate::faults::listener::{ListenerState, Port};
use crate::faults::rules::FaultRule;
use crate::http::api::{Body, Reply};
use crate::limits::{LIST_MAX, LISTENER_FAULT_MAX};
use crate::refusal::Refusal;
use crate::server::Server;

/// The parameters of all these calls. Each call reads its own and ignores the others.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Params {
    #[serde(rename = "userID")]
    user_id: String,
    #[serde(rename = "platformID")]
    platform_id: Option<i32>,
    #[serde(rename = "conversationID")]
    conversation_id: String,
    #[serde(rename = "sendID")]
    send_id: String,
    #[serde(rename = "recvID")]
    recv_id: String,
    #[serde(rename = "groupID")]
    group_id: String,
    text: String,
    after_ms: Option<u64>,
    seqs: Vec<i64>,
    seq: i64,
    by: u64,
    bytes: usize,
    every_ms: u64,
    err_code: i32,
    offset_ms: i64,
    binary: Option<String>,
    rules: Vec<FaultRule>,
    state: ListenerState,
    port: Option<Port>,
    ms: Option<u64>,
    store_ms: Option<u64>,
    online_ms: Option<u64>,
}

pub(super) fn route(server: &Server, call: &str, body: &Body) -> Option<Reply> {
    let act: fn(&Server, &Params) -> Reply = match call {
        "rules" => |server, params| {
            server.set_rules(params.rules.clone());
            Ok(None)
        },
        "send-late" => send_late,
        "push-again" => |server, params| {
            if params.seqs.len() > LIST_MAX {
                return Err(Refusal::args("too many seqs"));
            }
            Ok(Some(json!({ "pushed": server.push_again(&params.conversation_id, &params.seqs) })))
        },
        "push-forged" => push_forged,
        "frame" => frame,
        "fragment" => |server, params| {
            known(server, &params.user_id)?;
            Ok(Some(json!({ "connections": server.fragment(&params.user_id, params.bytes) })))
        },
        "slow" => |server, params| {
            known(server, &params.user_id)?;
            let delay = Duration::from_millis(params.every_ms);
            Ok(Some(json!({ "connections": server.slow(&params.user_id, delay) })))
        },
        "jump" => |server, params| Ok(Some(json!({ "maxSeq": server.skip_seqs(&params.conversation_id, params.by) }))),
        "reset" => |server, params| {
            server.reset(Some(params.conversation_id.as_str()).filter(|id| !id.is_empty()));
            Ok(None)
        },
        "token" => |server, params| {
            known(server, &params.user_id)?;
            let count = server.refuse_tokens(&params.user_id, params.platform_id, params.err_code);
            Ok(Some(json!({ "tokens": count })))
        },
        "clock" => |server, params| {
            server.set_clock_offset(params.offset_ms);
            Ok(None)
        },
        "lose-cache" => |server, _| {
            server.lose_cache();
            Ok(None)
        },
        "settle" => |server, _| {
            server.settle();
            Ok(None)
        },
        "timing" => |server, params| {
            if let Some(ms) = params.store_ms {
                server.set_store_delay(Duration::from_millis(ms));
            }
            if let Some(ms) = params.online_ms {
                server.set_online_tick(Duration::from_millis(ms));
            }
            Ok(None)
        },
        "listener" => listener,
        _ => return None,
    };
    Some(body.json().and_then(|params| act(server, &params)))
}

fn text_message(params: &Params) -> MsgData {
    let session_type = if params.group_id.is_empty() { conversation::SINGLE } else { conversation::GROUP };
    MsgData {
        send_id: params.send_id.clone(),
        recv_id: params.recv_id.clone(),
        group_id: params.group_id.clone(),
        sender_platform_id: 5,
        session_type,
        msg_from: kinds::FROM_USER,
        content_type: kinds::TEXT,
        content: text::encode(&params.text),
        status: kinds::STATUS_SENDING,
        ..MsgData::default()
    }
}

/// Sends a message that is a placeholder at first, and appears later or never.
fn send_late(server: &Server, params: &Params) -> Reply {
    let client_msg_id = server.look(|state| state.model.fresh_id(&params.send_id));
    let after = params.after_ms.map(Duration::from_millis);
    let ack = server.send_late(MsgData { client_msg_id, ..text_message(params) }, after)?;
    Ok(Some(json!({ "clientMsgID": ack.client_msg_id, "serverMsgID": ack.server_msg_id })))
}

/// Pushes a message that is not stored.
fn push_forged(server: &Server, params: &Params) -> Reply {
    known(server, &params.user_id)?;
    let msg = server.look(|state| MsgData {
        client_msg_id: state.model.fresh_id("forged"),
        server_msg_id: state.model.fresh_id("forged"),
        seq: params.seq,
        send_time: state.model.now_ms(),
        status: kinds::STATUS_SENT,
        ..text_message(params)
    });
    Ok(Some(json!({ "connections": server.push_forged(&params.user_id, &params.conversation_id, vec![msg]) })))
}

/// Writes a text frame, or a binary frame given in base64.
fn frame(server: &Server, params: &Params) -> Reply {
    known(server, &params.user_id)?;
    let frame = match &params.binary {
        Some(binary) => {
            Message::Binary(STANDARD.decode(binary).map_err(|_| Refusal::args("binary is not base64"))?.into())
        }
        None => Message::text(params.text.clone()),
    };
    Ok(Some(json!({ "connections": server.write_frame(&params.user_id, &frame) })))
}

/// Changes what a port does with new connections. The port of the API opens again by itself, because this call is
/// reached through it.
fn listener(server: &Server, params: &Params) -> Reply {
    let port = params.port.unwrap_or(Port::Ws);
    let how_long = params.ms.map(Duration::from_millis);
    let too_long = how_long.is_some_and(|how_long| how_long > LISTENER_FAULT_MAX);
    if too_long || (port == Port::Api && how_long.is_none() && params.state != ListenerState::Open) {
        return Err(Refusal::args("ms is the time, at most ten minutes; the port of the API needs it"));
    }
    server.set_listener(port, params.state, how_long);
    Ok(None)
}
