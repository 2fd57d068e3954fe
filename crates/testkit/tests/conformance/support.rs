//! A client without any logic: it writes and reads single frames.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use openim_core::handshake::Query;
use openim_core::message::{kinds, text};
use openim_core::wire::envelope::{self, Request, Response};
use openim_core::wire::pb::{MsgData, PushMessages};
use openim_core::wire::{compress, ops};
use serde_json::Value;
use testkit::{Config, SeededRandom, Server, TestClock};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// Longer than every deadline of the server; under a paused clock it costs nothing.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
pub(crate) const WEB: i32 = 5;
pub(crate) const WINDOWS: i32 = 3;

pub(crate) fn server() -> Server {
    server_with(|_| {})
}

/// alice, bob, `bot_7`, carol (in no group) and g100; `change` adds the rest.
pub(crate) fn server_with(change: impl FnOnce(&mut Config)) -> Server {
    let mut config = Config::demo();
    config.users.push(testkit::UserConfig { user_id: "carol".into(), ..Default::default() });
    change(&mut config);
    Server::new(config, Arc::new(TestClock::new()), Arc::new(SeededRandom::new(7))).unwrap()
}

/// The query of a good handshake.
pub(crate) fn query(user_id: &str, token: &str, platform_id: i32) -> String {
    Query { send_id: user_id, token, platform_id, operation_id: "op", gzip: false }.encode()
}

pub(crate) fn without(query: &str, name: &str) -> String {
    query.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect::<Vec<_>>().join("&")
}

pub(crate) struct RawClient {
    pub(crate) socket: WebSocketStream<DuplexStream>,
    pub(crate) user_id: String,
    pub(crate) gzip: bool,
    sent: u32,
}

/// What a connection ended with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ConnectionEnd {
    /// TCP only, as the real gateway does.
    Dropped,
    Code(u16),
}

impl RawClient {
    /// The upgrade with this query; whatever comes first is still unread.
    pub(crate) async fn upgrade(server: &Server, query: &str) -> Self {
        let url = format!("ws://server/any/path?{query}");
        let (socket, _) = client_async(url, server.open()).await.unwrap();
        Self { socket, user_id: String::new(), gzip: query.contains("compression=gzip"), sent: 0 }
    }

    /// Logged in with a fresh token, the first frame read.
    pub(crate) async fn login(server: &Server, user_id: &str, platform_id: i32) -> Self {
        let token = server.issue_token(user_id, platform_id);
        Self::login_with(server, user_id, &query(user_id, &token, platform_id)).await
    }

    pub(crate) async fn login_with(server: &Server, user_id: &str, query: &str) -> Self {
        let mut peer = Self::upgrade(server, query).await;
        peer.user_id = user_id.into();
        assert_eq!(peer.text().await, r#"{"errCode":0,"errMsg":"","errDlt":""}"#);
        // Pushes reach the user from now on; tests of the moment before use `connect`.
        server.settle();
        peer
    }

    /// Logged in just now: pushes may not reach the user yet.
    pub(crate) async fn connect(server: &Server, user_id: &str, platform_id: i32) -> Self {
        let token = server.issue_token(user_id, platform_id);
        let mut peer = Self::upgrade(server, &query(user_id, &token, platform_id)).await;
        peer.user_id = user_id.into();
        assert_eq!(peer.text().await, r#"{"errCode":0,"errMsg":"","errDlt":""}"#);
        peer
    }

    pub(crate) async fn next(&mut self) -> Option<Message> {
        timeout(PATIENCE, self.socket.next()).await.expect("the server says nothing").and_then(Result::ok)
    }

    pub(crate) async fn text(&mut self) -> String {
        match self.next().await {
            Some(Message::Text(text)) => text.to_string(),
            other => panic!("not a text frame: {other:?}"),
        }
    }

    /// The next envelope; control frames are passed over.
    pub(crate) async fn response(&mut self) -> Response {
        loop {
            match self.next().await {
                Some(Message::Binary(bytes)) => {
                    let plain = if self.gzip { compress::gunzip(&bytes).unwrap() } else { bytes.to_vec() };
                    return envelope::decode(&plain).unwrap();
                }
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                other => panic!("not an envelope: {other:?}"),
            }
        }
    }

    /// How the connection ends, once it does; everything before is passed over.
    pub(crate) async fn gone(&mut self) -> ConnectionEnd {
        loop {
            match self.next().await {
                None => return ConnectionEnd::Dropped,
                Some(Message::Close(Some(frame))) => return ConnectionEnd::Code(frame.code.into()),
                Some(_) => {}
            }
        }
    }

    pub(crate) async fn write(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    pub(crate) async fn write_envelope(&mut self, request: &impl serde::Serialize) {
        let plain = envelope::encode(request);
        let bytes = if self.gzip { compress::gzip(&plain) } else { plain };
        self.write(Message::Binary(bytes.into())).await;
    }

    pub(crate) fn request(&mut self, op: i32, payload: &impl prost::Message) -> Request {
        self.sent += 1;
        Request {
            req_identifier: op,
            msg_incr: format!("{}_{}", self.user_id, self.sent),
            send_id: self.user_id.clone(),
            operation_id: format!("op{}", self.sent),
            data: Some(envelope::data(payload)),
        }
    }

    /// Sends a request and reads until its answer; pushes in between are passed over.
    pub(crate) async fn ask(&mut self, op: i32, payload: &impl prost::Message) -> Response {
        let request = self.request(op, payload);
        self.write_envelope(&request).await;
        loop {
            let response = self.response().await;
            if response.msg_incr == request.msg_incr {
                return response;
            }
        }
    }

    pub(crate) async fn ask_for<M: openim_core::wire::Payload>(&mut self, op: i32, payload: &impl prost::Message) -> M {
        let response = self.ask(op, payload).await;
        assert_eq!((response.err_code, response.err_msg.as_str()), (0, ""));
        envelope::payload(Some(response.data.as_deref().expect("data is null"))).unwrap()
    }

    /// The next push.
    pub(crate) async fn push(&mut self) -> (Response, PushMessages) {
        loop {
            let response = self.response().await;
            if response.req_identifier == ops::PUSH_MSG {
                let messages = envelope::payload(response.data.as_deref()).unwrap();
                return (response, messages);
            }
        }
    }

    /// The single message of the next push, with its conversation.
    pub(crate) async fn pushed(&mut self) -> (String, MsgData) {
        let (_, messages) = self.push().await;
        let mut all = messages.msgs.into_iter().chain(messages.notification_msgs);
        let (id, mut pulled) = all.next().expect("a push without a conversation");
        assert!(all.next().is_none() && pulled.msgs.len() == 1, "one push carries one message");
        (id, pulled.msgs.remove(0))
    }

    /// Asserts that nothing but heartbeats is waiting: the answer to a ping is the next thing to come.
    pub(crate) async fn assert_nothing_waits(&mut self) {
        self.write(Message::text(r#"{"type":"ping","body":"still there?"}"#)).await;
        assert_eq!(self.text().await, r#"{"body":"still there?","type":"pong"}"#);
    }
}

pub(crate) fn single(from: &str, to: &str, body: &str) -> MsgData {
    MsgData {
        send_id: from.into(),
        recv_id: to.into(),
        client_msg_id: format!("client-{body}"),
        sender_platform_id: WEB,
        session_type: 1,
        msg_from: kinds::FROM_USER,
        content_type: kinds::TEXT,
        content: text::encode(body),
        create_time: TestClock::EPOCH_MS,
        status: kinds::STATUS_SENDING,
        ..MsgData::default()
    }
}

pub(crate) fn grouped(from: &str, group: &str, body: &str) -> MsgData {
    MsgData { recv_id: String::new(), group_id: group.into(), session_type: 3, ..single(from, "", body) }
}

/// One HTTP exchange: status and JSON body.
pub(crate) async fn exchange(server: &Server, head: &str, body: &[u8]) -> (u16, Value) {
    let mut stream = server.open();
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    stream.write_all(format!("{head}host: server\r\n{length}\r\n").as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut seen = Vec::new();
    loop {
        let mut part = [0; 4096];
        let n = timeout(PATIENCE, stream.read(&mut part)).await.expect("no answer").unwrap();
        seen.extend_from_slice(&part[..n]);
        if let Some(answer) = complete(&seen) {
            return answer;
        }
        assert_ne!(n, 0, "the answer ends early");
    }
}

fn complete(seen: &[u8]) -> Option<(u16, Value)> {
    let end = seen.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&seen[..end]).unwrap().to_ascii_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let length: usize =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |value| value.parse().unwrap());
    let body = seen[end + 4..].get(..length)?;
    Some((status, serde_json::from_slice(body).unwrap_or(Value::Null)))
}

/// The plain HTTP answer to an upgrade request.
pub(crate) async fn refused(server: &Server, query: &str) -> (u16, Value) {
    let head = format!(
        "GET /?{query} HTTP/1.1\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    );
    exchange(server, &head, b"").await
}

/// A REST call with both headers; the body of the answer, which is always HTTP 200.
pub(crate) async fn api(server: &Server, token: &str, path: &str, body: &Value) -> Value {
    let head =
        format!("POST {path} HTTP/1.1\r\ntoken: {token}\r\noperationID: op\r\ncontent-type: application/json\r\n");
    let (status, answer) = exchange(server, &head, body.to_string().as_bytes()).await;
    assert_eq!(status, 200, "{path} {answer}");
    answer
}

/// As [`api`], for a call that must succeed: its data.
pub(crate) async fn data(server: &Server, token: &str, path: &str, body: &Value) -> Value {
    let answer = api(server, token, path, body).await;
    assert_eq!(answer["errCode"], 0, "{path} {answer}");
    answer["data"].clone()
}

/// As [`api`], for a call that must fail: its code.
pub(crate) async fn code(server: &Server, token: &str, path: &str, body: &Value) -> i64 {
    let answer = api(server, token, path, body).await;
    assert!(answer.get("data").is_none(), "{path} {answer}");
    answer["errCode"].as_i64().unwrap()
}

pub(crate) async fn admin_token(server: &Server) -> String {
    let asked = serde_json::json!({ "secret": "openIM123", "userID": "imAdmin" });
    data(server, "", "/auth/get_admin_token", &asked).await["token"].as_str().unwrap().to_owned()
}
