//! The control API: its effects on connections, messages and answers, and who cannot use it.

use serde_json::{Value, json};
use testkit::Server;

use crate::support::*;

fn controlled() -> Server {
    server_with(|config| config.control = true)
}

async fn post(server: &Server, call: &str, body: &Value) -> Value {
    let (status, answer) =
        exchange(server, &format!("POST /control/{call} HTTP/1.1\r\n"), body.to_string().as_bytes()).await;
    assert_eq!(status, 200);
    answer
}

/// A call that has to succeed.
async fn control(server: &Server, call: &str, body: Value) -> Value {
    let answer = post(server, call, &body).await;
    assert_eq!(answer["errCode"], 0, "{call}: {answer}");
    answer["data"].clone()
}

async fn say(server: &Server, text: &str) {
    let message = json!({ "sendID": "alice", "recvID": "bot_7", "text": text });
    control(server, "send", json!({ "messages": [message] })).await;
}

#[tokio::test(start_paused = true)]
async fn the_control_api_needs_the_flag_and_refuses_web_pages() {
    let body = json!({ "userID": "bot_7" }).to_string();
    let closed = server();
    let (_, answer) = exchange(&closed, "POST /control/cut HTTP/1.1\r\n", body.as_bytes()).await;
    assert_ne!(answer["errCode"], 0);

    let open = controlled();
    let peer = RawClient::login(&open, "bot_7", WEB).await;
    let from_a_page = "POST /control/cut HTTP/1.1\r\norigin: http://localhost\r\n";
    let (_, answer) = exchange(&open, from_a_page, body.as_bytes()).await;
    assert_ne!(answer["errCode"], 0);
    assert_eq!(open.connections("bot_7"), 1);
    drop(peer);
}

#[tokio::test(start_paused = true)]
async fn the_control_api_sends_lists_and_removes_messages() {
    let server = controlled();
    let to_both = json!({ "messages": [
        { "sendID": "alice", "recvID": "bot_7", "text": "one" },
        { "sendID": "alice", "groupID": "g100", "text": "two" },
        { "sendID": "alice", "recvID": "bot_7", "text": "three" },
    ]});
    let sent = control(&server, "send", to_both).await;
    let stored = control(&server, "stored", json!({ "conversationID": "si_alice_bot_7" })).await;
    let list = stored["messages"].as_array().unwrap();
    let facts: Vec<_> = list.iter().map(|msg| (&msg["seq"], &msg["text"], &msg["clientMsgID"])).collect();
    let expected = [
        (&json!(1), &json!("one"), &sent["sent"][0]["clientMsgID"]),
        (&json!(2), &json!("three"), &sent["sent"][2]["clientMsgID"]),
    ];
    assert_eq!(facts, expected);

    let hole = json!({ "conversationID": "si_alice_bot_7", "seq": 1 });
    assert_eq!(control(&server, "lose", hole.clone()).await["lost"], true);
    assert_eq!(control(&server, "lose", hole).await["lost"], false);
    assert_eq!(server.stored("si_alice_bot_7").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_kick_is_announced_and_a_cut_is_not() {
    let server = controlled();
    let mut cut = RawClient::login(&server, "bot_7", WEB).await;
    assert_eq!(control(&server, "cut", json!({ "userID": "bot_7" })).await["connections"], 1);
    assert_eq!(cut.gone().await, ConnectionEnd::Dropped);

    let mut kicked = RawClient::login(&server, "bot_7", WEB).await;
    control(&server, "kick", json!({ "userID": "bot_7", "platformID": WEB })).await;
    assert_eq!(kicked.response().await.req_identifier, openim_core::wire::ops::KICK_ONLINE_MSG);
    let user = control(&server, "user", json!({ "userID": "bot_7" })).await;
    assert_eq!(user, json!({ "connections": 0, "logins": 2 }));
}

#[tokio::test(start_paused = true)]
async fn a_held_connection_gets_everything_when_it_is_released() {
    let server = controlled();
    let mut peer = RawClient::login(&server, "bot_7", WINDOWS).await;
    control(&server, "hold", json!({ "userID": "bot_7", "held": true })).await;
    say(&server, "send-late").await;
    peer.write(tokio_tungstenite::tungstenite::Message::text(r#"{"type":"ping","body":"?"}"#)).await;
    let silence = std::time::Duration::from_secs(60);
    assert!(tokio::time::timeout(silence, futures_util::StreamExt::next(&mut peer.socket)).await.is_err());
    assert_eq!(server.connections("bot_7"), 1, "it is held, not gone");

    control(&server, "hold", json!({ "userID": "bot_7", "held": false })).await;
    assert_eq!(peer.pushed().await.1.seq, 1);
    assert_eq!(peer.text().await, r#"{"body":"?","type":"pong"}"#);
}

#[tokio::test(start_paused = true)]
async fn a_half_open_connection_stays_open_without_any_frame() {
    let server = controlled();
    let mut peer = RawClient::login(&server, "bot_7", WINDOWS).await;
    assert_eq!(control(&server, "half_open", json!({ "userID": "bot_7" })).await["connections"], 1);
    say(&server, "into the void").await;
    // More than any buffer on the way holds: it is read, or this would not return.
    for _ in 0..40 {
        peer.write(tokio_tungstenite::tungstenite::Message::text("x".repeat(20_000))).await;
    }
    let silence = std::time::Duration::from_secs(60);
    assert!(tokio::time::timeout(silence, futures_util::StreamExt::next(&mut peer.socket)).await.is_err());
    assert_eq!(server.connections("bot_7"), 0);
}

#[tokio::test(start_paused = true)]
async fn fault_rates_are_switched_on_and_off() {
    let server = controlled();
    let mut peer = RawClient::login(&server, "bot_7", WEB).await;
    control(&server, "fault-rates", json!({ "repeatPush": 100 })).await;
    say(&server, "twice").await;
    assert_eq!((peer.pushed().await.1.seq, peer.pushed().await.1.seq), (1, 1));
    control(&server, "fault-rates", json!({ "dropPush": 100 })).await;
    say(&server, "never").await;
    control(&server, "fault-rates", json!({})).await;
    say(&server, "once").await;
    assert_eq!(peer.pushed().await.1.seq, 3);
    peer.assert_nothing_waits().await;
}

#[tokio::test(start_paused = true)]
async fn impossible_control_calls_are_refused_with_a_reason() {
    let server = controlled();
    for (call, body) in [
        ("cut", json!({ "userID": "nobody" })),
        ("cut", json!({ "user": "bot_7" })),
        ("kick", json!({ "userID": "bot_7", "platformID": 99 })),
        ("fault-rates", json!({ "dropPush": 101 })),
        ("fault-rates", json!({ "dropPushes": 1 })),
        ("send", json!({ "messages": [{ "sendID": "nobody", "recvID": "bot_7", "text": "?" }] })),
        ("send", json!({ "messages": [{ "sendID": "alice", "recvID": "bot_7", "groupID": "g100", "text": "?" }] })),
    ] {
        let answer = post(&server, call, &body).await;
        assert_ne!(answer["errCode"], 0, "{call} {body}");
        assert_ne!(answer["errDlt"], "", "{call} {body}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_control_example_of_the_documentation_works() {
    let server = controlled();
    say(&server, "hello").await;
    let lines = include_str!("../../../../docs/dev-server.md").lines().filter(|line| line.starts_with("curl "));
    let mut tried = 0;
    for line in lines.filter(|line| line.contains("localhost:10002/control/")) {
        let (path, body) = line.split_once("localhost:10002").unwrap().1.split_once(" -d ").expect(line);
        let head = format!("POST {path} HTTP/1.1\r\n");
        let (status, answer) = exchange(&server, &head, body.trim_matches('\'').as_bytes()).await;
        // The token endpoint of the page fails twice before it works.
        let fails = path.starts_with("/control/token-endpoint") && status == 500;
        assert!(fails || (status == 200 && answer["errCode"] == 0), "{line}: {status} {answer}");
        tried += 1;
    }
    assert!(tried >= 15, "{tried} lines");
}
