//! Recordings of a real server in a form that can be compared: without ids, times and texts that each server makes anew.

use openim_core::wire::pb::MsgData;
use serde_json::{Map, Value, json};
use testkit::{Server, UserConfig};

use crate::support::*;

/// `msgFrom`: written by the server.
const FROM_SYSTEM: i64 = 200;

/// The text of a recording.
macro_rules! recording {
    ($name:literal) => {
        include_str!(concat!("../../vectors/openim-real/", $name, ".jsonl"))
    };
}
pub(crate) use recording;

pub(crate) fn lines(recording: &str) -> impl Iterator<Item = Value> {
    recording.lines().map(|line| serde_json::from_str(line).unwrap())
}

/// The form of a value: the names of its members and the kinds of their values. A list has the form of its first item.
pub(crate) fn shape(value: &Value) -> Value {
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "bool".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "text".into(),
        Value::Array(items) => items.first().map(shape).into_iter().collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
    }
}

/// The detail of a notification.
pub(crate) fn detail(content: &str) -> Option<Value> {
    let content: Value = serde_json::from_str(content).ok()?;
    serde_json::from_str(content["detail"].as_str()?).ok()
}

/// What a recorded message means, whoever wrote it.
pub(crate) fn meaning_of_recorded_message(msg: &Value) -> Value {
    let is_servers = msg["msgFrom"] == FROM_SYSTEM;
    let content = msg["content"].as_str().unwrap_or_default();
    let content = detail(content).filter(|_| is_servers).map_or_else(|| json!(content), |detail| shape(&detail));
    let mut meaning = Map::from_iter([("content".to_owned(), content)]);
    for name in ["sendID", "recvID", "groupID", "sessionType", "msgFrom", "contentType", "seq", "status"] {
        meaning.insert(name.to_owned(), msg[name].clone());
    }
    if !is_servers {
        meaning.insert("clientMsgID".into(), msg["clientMsgID"].clone());
    }
    meaning.into()
}

/// As [`meaning_of_recorded_message`], for a message of the dev server.
pub(crate) fn meaning_of_message(msg: &MsgData) -> Value {
    meaning_of_recorded_message(&json!({
        "sendID": msg.send_id, "recvID": msg.recv_id, "groupID": msg.group_id, "clientMsgID": msg.client_msg_id,
        "sessionType": msg.session_type, "msgFrom": msg.msg_from, "contentType": msg.content_type, "seq": msg.seq,
        "status": msg.status, "content": String::from_utf8_lossy(&msg.content),
    }))
}

/// The meaning of a recorded answer or push.
pub(crate) fn meaning_of_recorded(decoded: &Value) -> Value {
    if let Some(id) = decoded.get("serverMsgID") {
        assert_eq!(id.as_str().map(str::len), Some(32));
        return json!({ "clientMsgID": decoded["clientMsgID"] });
    }
    if decoded.get("msgs").is_none() {
        return decoded.clone();
    }
    let show = |pulled: &Value| {
        let msgs = pulled["Msgs"].as_array().cloned().unwrap_or_default();
        // The dev server's answers pass here, too; their messages have been reduced already.
        let reduced =
            |msg: &Value| if msg.get("sendTime").is_some() { meaning_of_recorded_message(msg) } else { msg.clone() };
        json!({
            "Msgs": msgs.iter().map(reduced).collect::<Vec<_>>(), "isEnd": pulled["isEnd"], "endSeq": pulled["endSeq"],
        })
    };
    let part = |name: &str| -> Value {
        let conversations = decoded[name].as_object().cloned().unwrap_or_default();
        conversations.iter().map(|(id, pulled)| (id.clone(), show(pulled))).collect::<Map<_, _>>().into()
    };
    json!({ "msgs": part("msgs"), "notificationMsgs": part("notificationMsgs") })
}

/// A recorded message as a client would send it.
pub(crate) fn message(recorded: &Value) -> MsgData {
    let text = |name: &str| recorded[name].as_str().unwrap_or_default().to_owned();
    let number = |name: &str| i32::try_from(recorded[name].as_i64().unwrap_or_default()).unwrap();
    let options = recorded["options"].as_object().cloned().unwrap_or_default();
    MsgData {
        send_id: text("sendID"),
        recv_id: text("recvID"),
        group_id: text("groupID"),
        client_msg_id: text("clientMsgID"),
        sender_platform_id: number("senderPlatformID"),
        sender_nickname: text("senderNickname"),
        sender_face_url: text("senderFaceURL"),
        session_type: number("sessionType"),
        msg_from: number("msgFrom"),
        content_type: number("contentType"),
        content: text("content").into_bytes(),
        create_time: recorded["createTime"].as_i64().unwrap_or_default(),
        status: 1,
        options: options.into_iter().map(|(name, on)| (name, on == true)).collect(),
        attached_info: text("attachedInfo"),
        ex: text("ex"),
        ..MsgData::default()
    }
}

/// A server with dave besides the usual people, and connections of some of them.
pub(crate) struct Town {
    pub(crate) server: Server,
    pub(crate) peers: Vec<RawClient>,
}

impl Town {
    pub(crate) async fn new(people: &[&str]) -> Self {
        let server = server_with(|config| {
            config.users.push(UserConfig { user_id: "dave".into(), nickname: "Dave".into(), ..UserConfig::default() });
        });
        let mut peers = Vec::new();
        for id in people {
            let token = server.token(id, WINDOWS);
            peers.push(RawClient::login_with(&server, id, &query(id, &token, WINDOWS)).await);
        }
        Self { server, peers }
    }

    /// A call that succeeds, with everything that comes of it.
    pub(crate) async fn call(&self, user_id: &str, path: &str, body: Value) -> Value {
        let token = match user_id {
            "imAdmin" => admin_token(&self.server).await,
            _ => self.server.token(user_id, WINDOWS),
        };
        let answer = api(&self.server, &token, path, &body).await;
        assert_eq!(answer["errCode"], 0, "{path} {answer}");
        self.server.settle();
        answer["data"].clone()
    }
}
