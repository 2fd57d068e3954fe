//! The calls that name faults: rules, lies, sequences, tokens, doors and clocks.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openim_core::conversation;
use openim_core::message::{kinds, text};
use openim_core::wire::pb::MsgData;
use serde::Deserialize;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::calls::known;
use crate::adversary::Port;
use crate::fault::Fault;
use crate::limits::{DOOR_MAX, LIST_MAX};
use crate::rest::call::{Body, Reply};
use crate::server::Server;
use crate::trouble::{Door, Rule};

/// The members of these calls; each uses its own and refuses none of the others'.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Asked {
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
    rules: Vec<Rule>,
    door: Door,
    port: Option<Port>,
    ms: Option<u64>,
}

pub(super) fn route(server: &Server, call: &str, body: &Body) -> Option<Reply> {
    let act: fn(&Server, &Asked) -> Reply = match call {
        "rules" => |server, asked| {
            server.set_rules(asked.rules.clone());
            Ok(None)
        },
        "late" => late,
        "again" => |server, asked| {
            if asked.seqs.len() > LIST_MAX {
                return Err(Fault::args("too many seqs"));
            }
            Ok(Some(json!({ "pushed": server.push_again(&asked.conversation_id, &asked.seqs) })))
        },
        "lie" => lie,
        "frame" => frame,
        "fragment" => |server, asked| {
            known(server, &asked.user_id)?;
            Ok(Some(json!({ "connections": server.fragment(&asked.user_id, asked.bytes) })))
        },
        "slow" => |server, asked| {
            known(server, &asked.user_id)?;
            let pause = Duration::from_millis(asked.every_ms);
            Ok(Some(json!({ "connections": server.slow(&asked.user_id, pause) })))
        },
        "jump" => |server, asked| Ok(Some(json!({ "maxSeq": server.jump(&asked.conversation_id, asked.by) }))),
        "reset" => |server, asked| {
            server.reset(Some(asked.conversation_id.as_str()).filter(|id| !id.is_empty()));
            Ok(None)
        },
        "token" => |server, asked| {
            known(server, &asked.user_id)?;
            let count = server.refuse_tokens(&asked.user_id, asked.platform_id, asked.err_code);
            Ok(Some(json!({ "tokens": count })))
        },
        "clock" => |server, asked| {
            server.set_clock_offset(asked.offset_ms);
            Ok(None)
        },
        "door" => door,
        _ => return None,
    };
    Some(body.json().and_then(|asked| act(server, &asked)))
}

fn written(asked: &Asked) -> MsgData {
    let session_type = if asked.group_id.is_empty() { conversation::SINGLE } else { conversation::GROUP };
    MsgData {
        send_id: asked.send_id.clone(),
        recv_id: asked.recv_id.clone(),
        group_id: asked.group_id.clone(),
        sender_platform_id: 5,
        session_type,
        msg_from: kinds::FROM_USER,
        content_type: kinds::TEXT,
        content: text::encode(&asked.text),
        status: kinds::STATUS_SENDING,
        ..MsgData::default()
    }
}

/// A placeholder first; then the message, or never.
fn late(server: &Server, asked: &Asked) -> Reply {
    let client_msg_id = server.0.look(|state| state.fresh_id(&asked.send_id));
    let after = asked.after_ms.map(Duration::from_millis);
    let ack = server.send_late(MsgData { client_msg_id, ..written(asked) }, after)?;
    Ok(Some(json!({ "clientMsgID": ack.client_msg_id, "serverMsgID": ack.server_msg_id })))
}

/// A push of something that is nowhere.
fn lie(server: &Server, asked: &Asked) -> Reply {
    known(server, &asked.user_id)?;
    let msg = server.0.look(|state| MsgData {
        client_msg_id: state.fresh_id("lie"),
        server_msg_id: state.fresh_id("lie"),
        seq: asked.seq,
        send_time: state.now_ms(),
        status: kinds::STATUS_SENT,
        ..written(asked)
    });
    Ok(Some(json!({ "connections": server.push_lie(&asked.user_id, &asked.conversation_id, vec![msg]) })))
}

/// A text frame, or a binary one in base64.
fn frame(server: &Server, asked: &Asked) -> Reply {
    known(server, &asked.user_id)?;
    let frame = match &asked.binary {
        Some(binary) => {
            Message::Binary(STANDARD.decode(binary).map_err(|_| Fault::args("binary is not base64"))?.into())
        }
        None => Message::text(asked.text.clone()),
    };
    Ok(Some(json!({ "connections": server.write_frame(&asked.user_id, &frame) })))
}

/// The API's door hides this call, too: it always opens by itself.
fn door(server: &Server, asked: &Asked) -> Reply {
    let port = asked.port.unwrap_or(Port::Ws);
    let how_long = asked.ms.map(Duration::from_millis);
    let too_long = how_long.is_some_and(|how_long| how_long > DOOR_MAX);
    if too_long || (port == Port::Api && how_long.is_none() && asked.door != Door::Open) {
        return Err(Fault::args("ms says for how long, at most ten minutes; the API's door needs it"));
    }
    server.set_door(port, asked.door, how_long);
    Ok(None)
}
