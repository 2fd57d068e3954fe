//! The calls of the control API. Each one is a method of [`Server`] with a JSON body.

use openim_core::message::text;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::check_platform;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::limits::LIST_MAX;
use crate::mischief::Mischief;
use crate::rest::call::{Body, Reply};
use crate::server::{Server, To};
use crate::storage::StorageTrouble;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct User {
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
struct Lose {
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
struct Send {
    messages: Vec<Said>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
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
        "refresh-desk" => body.json().map(|asked: Desk| {
            server.set_desk(asked);
            None
        }),
        "refresh-desk-report" => Ok(serde_json::to_value(server.desk_report()).ok()),
        "storage" => body.json().map(|asked: StorageTrouble| {
            server.trouble_storage(asked);
            None
        }),
        "mischief" => body.json().and_then(|asked| misbehave(server, asked)),
        "user" => {
            on_user(server, body, |id| json!({ "connections": server.connections(id), "logins": server.logins(id) }))
        }
        "cut" => on_user(server, body, |id| json!({ "connections": server.cut(id) })),
        "half_open" => on_user(server, body, |id| json!({ "connections": server.half_open(id) })),
        "hold" => body.json().and_then(|asked: Hold| {
            known(server, &asked.user_id)?;
            Ok(Some(json!({ "connections": server.hold(&asked.user_id, asked.held) })))
        }),
        "kick" => body.json().and_then(|asked: Kick| {
            known(server, &asked.user_id)?;
            check_platform(asked.platform_id).map_err(Fault::args)?;
            Ok(Some(json!({ "connections": server.kick(&asked.user_id, asked.platform_id) })))
        }),
        "lose" => {
            body.json().map(|asked: Lose| Some(json!({ "lost": server.lose(&asked.conversation_id, asked.seq) })))
        }
        "send" => body.json().and_then(|asked: Send| send(server, &asked)),
        "stored" => body.json().map(|asked: Stored| Some(stored(server, &asked))),
        _ => return None,
    })
}

fn misbehave(server: &Server, mischief: Mischief) -> Reply {
    if !mischief.is_in_range() {
        return Err(Fault::args("a share is 0 to 100"));
    }
    server.misbehave(mischief);
    Ok(None)
}

fn on_user(server: &Server, body: &Body, act: impl FnOnce(&str) -> Value) -> Reply {
    let User { user_id } = body.json()?;
    known(server, &user_id)?;
    Ok(Some(act(&user_id)))
}

pub(super) fn known(server: &Server, user_id: &str) -> Result<(), Fault> {
    if server.0.look(|state| state.users.exists(user_id)) {
        return Ok(());
    }
    Err(Fault::not_found(format!("user {user_id:.64?} is not registered")))
}

/// Ends at the first message that is refused; those before it are sent.
fn send(server: &Server, asked: &Send) -> Reply {
    if asked.messages.len() > LIST_MAX {
        return Err(Fault::args("too many messages"));
    }
    let mut sent = Vec::with_capacity(asked.messages.len());
    for said in &asked.messages {
        let to = match (said.recv_id.as_str(), said.group_id.as_str()) {
            (user, "") => To::User(user),
            ("", group) => To::Group(group),
            _ => return Err(Fault::args("recvID or groupID, not both")),
        };
        let ack = server.send_as(&said.send_id, to, &said.text)?;
        sent.push(json!({
            "clientMsgID": ack.client_msg_id, "serverMsgID": ack.server_msg_id, "sendTime": ack.send_time,
        }));
    }
    Ok(Some(json!({ "sent": sent })))
}

fn stored(server: &Server, asked: &Stored) -> Value {
    let all = server.stored(&asked.conversation_id);
    let wanted = all.iter().filter(|msg| msg.seq >= asked.from_seq).take(LIST_MAX);
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
