//! Injected faults, over the control API and as methods of the server.

use std::sync::Arc;
use std::time::Duration;

use openim_core::wire::envelope;
use openim_core::wire::pb::{ConversationSeqs, GetMaxSeqReq, GetMaxSeqResp, GetSeqMessageReq, MsgData, PushMessages};
use serde_json::{Value, json};
use testkit::{Config, FaultRule, ListenerState, Port, Recipient, Server, SystemClock, SystemRandom};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::support::*;

async fn control(server: &Server, call: &str, body: Value) -> Value {
    let head = format!("POST /control/{call} HTTP/1.1\r\n");
    let (status, answer) = exchange(server, &head, body.to_string().as_bytes()).await;
    assert_eq!((status, &answer["errCode"]), (200, &json!(0)), "{call}: {answer}");
    answer["data"].clone()
}

fn controlled() -> Server {
    server_with(|config| config.control = true)
}

async fn texts(peer: &mut RawClient, seqs: Vec<i64>) -> Vec<(i64, i32)> {
    let asked = GetSeqMessageReq {
        user_id: peer.user_id.clone(),
        conversations: vec![ConversationSeqs { conversation_id: "si_alice_bot_7".into(), seqs }],
        order: 0,
    };
    let answer: PushMessages = peer.ask_for(1005, &asked).await;
    answer.msgs["si_alice_bot_7"].msgs.iter().map(|msg| (msg.seq, msg.status)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_rule_gives_its_answer_as_often_as_configured() {
    let server = controlled();
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let payload = GetMaxSeqResp { max_seqs: [("si_x".to_owned(), 7)].into(), ..GetMaxSeqResp::default() };
    let rules = json!({ "rules": [
        { "op": 1001, "times": 1, "errCode": 90002, "errMsg": "DatabaseError" },
        { "op": 1001, "userID": "alice", "errCode": 1 },
        { "op": 1001, "data": envelope::data(&payload) },
    ]});
    control(&server, "rules", rules).await;
    let asked = GetMaxSeqReq { user_id: "bot_7".into() };
    let refused = bot.ask(1001, &asked).await;
    assert_eq!((refused.err_code, refused.err_msg.as_str(), refused.data), (90002, "DatabaseError", None));
    assert_eq!(bot.ask_for::<GetMaxSeqResp>(1001, &asked).await, payload);
    control(&server, "rules", json!({})).await;
    assert_eq!(bot.ask_for::<GetMaxSeqResp>(1001, &asked).await, GetMaxSeqResp::default());
}

#[tokio::test(start_paused = true)]
async fn answers_can_be_late_lost_or_untrue() {
    let server = controlled();
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let delayed = FaultRule { delay_ms: 3_000, times: Some(1), ..FaultRule::op(1003) };
    let lost = FaultRule { lose_answer: true, times: Some(1), ..FaultRule::op(1003) };
    let unstored = FaultRule { unstored: true, times: Some(1), ..FaultRule::op(1003) };
    server.set_rules(vec![delayed, lost, unstored, FaultRule { hang: true, ..FaultRule::op(1001) }]);
    let began = Instant::now();
    assert_eq!(bot.ask(1003, &single("bot_7", "alice", "slow")).await.err_code, 0);
    assert_eq!(began.elapsed(), Duration::from_secs(3));
    let request = bot.request(1003, &single("bot_7", "alice", "lost"));
    bot.write_envelope(&request).await;
    server.wait_until(|server| server.stored("si_alice_bot_7").len() == 2).await;
    let ack = bot.ask(1003, &single("bot_7", "alice", "nowhere")).await;
    assert_eq!((ack.err_code, server.stored("si_alice_bot_7").len()), (0, 2));
    let silent = bot.request(1001, &GetMaxSeqReq { user_id: "bot_7".into() });
    bot.write_envelope(&silent).await;
    bot.assert_nothing_waits().await;
    server.set_rules(vec![FaultRule { cut: true, ..FaultRule::op(1001) }]);
    bot.write_envelope(&silent).await;
    assert_eq!(bot.gone().await, ConnectionEnd::Dropped);
}

#[tokio::test(start_paused = true)]
async fn case_82_a_message_is_a_placeholder_first() {
    let server = controlled();
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let late = json!({ "sendID": "alice", "recvID": "bot_7", "text": "send-late", "afterMs": 2000 });
    control(&server, "send-late", late).await;
    assert_eq!(texts(&mut bot, vec![1]).await, [(1, 4)]);
    let began = Instant::now();
    let (_, msg) = bot.pushed().await;
    assert_eq!((msg.seq, began.elapsed()), (1, Duration::from_secs(2)));
    assert_eq!(texts(&mut bot, vec![1]).await, [(1, 1)]);
    control(&server, "send-late", json!({ "sendID": "alice", "recvID": "bot_7", "text": "never" })).await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(texts(&mut bot, vec![1, 2]).await, [(1, 1), (2, 4)]);

    server.set_rules(vec![FaultRule { late_ms: Some(500), ..FaultRule::op(1003) }]);
    let mut alice = RawClient::login(&server, "alice", WEB).await;
    assert_eq!(alice.ask(1003, &single("alice", "bot_7", "mine")).await.err_code, 0);
    assert_eq!(texts(&mut alice, vec![3]).await, [(3, 4)]);
    assert_eq!(alice.pushed().await.1.seq, 3);
}

#[tokio::test(start_paused = true)]
async fn sequences_can_be_skipped_repeated_and_reset() {
    let server = controlled();
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let say = |text| server.send_as("alice", Recipient::User("bot_7"), text).unwrap();
    say("one");
    assert_eq!(control(&server, "jump", json!({ "conversationID": "si_alice_bot_7", "by": 50 })).await["maxSeq"], 51);
    say("two");
    assert_eq!(
        control(&server, "jump", json!({ "conversationID": "si_alice_bot_7", "by": 10_000_000 })).await["maxSeq"],
        10_000_052
    );
    say("three");
    let again = json!({ "conversationID": "si_alice_bot_7", "seqs": [10_000_053, 10_000_053, 1] });
    assert_eq!(control(&server, "push-again", again).await["pushed"], 2, "the first is lost after so large a jump");
    control(&server, "reset", json!({ "conversationID": "si_alice_bot_7" })).await;
    say("anew");
    let mut seqs = Vec::new();
    for _ in 0..6 {
        seqs.push(bot.pushed().await.1.seq);
    }
    assert_eq!(seqs, [1, 52, 10_000_053, 10_000_053, 10_000_053, 1]);
}

#[tokio::test(start_paused = true)]
async fn forged_pushes_raw_frames_and_fragments_are_written() {
    let server = controlled();
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let forged = json!({ "userID": "bot_7", "conversationID": "si_eve_mallory", "sendID": "eve", "recvID": "mallory", "text": "?", "seq": 9 });
    assert_eq!(control(&server, "push-forged", forged).await["connections"], 1);
    let (id, msg) = bot.pushed().await;
    assert_eq!((id.as_str(), msg.send_id.as_str(), msg.seq), ("si_eve_mallory", "eve", 9));
    control(&server, "frame", json!({ "userID": "bot_7", "text": "hello" })).await;
    assert_eq!(bot.text().await, "hello");
    control(&server, "frame", json!({ "userID": "bot_7", "binary": "AAE=" })).await;
    assert_eq!(bot.next().await.unwrap().into_data().to_vec(), [0, 1]);
    control(&server, "fragment", json!({ "userID": "bot_7", "bytes": 10 })).await;
    server.send_as("alice", Recipient::User("bot_7"), "in pieces").unwrap();
    assert_eq!(bot.pushed().await.1.seq, 1);
    control(&server, "fragment", json!({ "userID": "bot_7", "bytes": 0 })).await;
    control(&server, "slow", json!({ "userID": "bot_7", "everyMs": 1000 })).await;
    let began = Instant::now();
    bot.ask(1001, &GetMaxSeqReq { user_id: "bot_7".into() }).await;
    assert_eq!(began.elapsed(), Duration::from_secs(2), "one second in, one out");
}

#[tokio::test(start_paused = true)]
async fn a_token_expires_while_its_connection_stays() {
    let server = controlled();
    let token = server.token("bot_7", WEB);
    let mut bot = RawClient::login_with(&server, "bot_7", &query("bot_7", &token, WEB)).await;
    control(&server, "token", json!({ "userID": "bot_7", "errCode": 1501 })).await;
    bot.assert_nothing_waits().await;
    assert_eq!(code(&server, &token, "/user/get_users_info", &json!({ "userIDs": ["bot_7"] })).await, 1501);
    let mut late = RawClient::upgrade(&server, &query("bot_7", &token, WEB)).await;
    assert!(late.text().await.contains("1501"));
    control(&server, "token", json!({ "userID": "bot_7", "errCode": 0 })).await;
    data(&server, &token, "/user/get_users_info", &json!({ "userIDs": ["bot_7"] })).await;

    let before = server.issue_token("alice", WEB);
    control(&server, "clock", json!({ "offsetMs": 91 * 24 * 3_600_000i64 })).await;
    assert_eq!(code(&server, &before, "/user/get_users_info", &json!({ "userIDs": ["bob"] })).await, 1501);
}

#[tokio::test(start_paused = true)]
async fn rest_calls_and_upgrades_follow_the_rules() {
    let server = controlled();
    let token = server.token("bot_7", WEB);
    let path = "/user/get_users_info";
    let once = || FaultRule { times: Some(1), ..FaultRule::path(path) };
    server.set_rules(vec![
        FaultRule { err_code: Some(1004), ..once() },
        FaultRule { status: Some(429), headers: [("retry-after".to_owned(), "3".to_owned())].into(), ..once() },
        FaultRule { body: Some("<html>".into()), ..once() },
        FaultRule { redirect: true, ..once() },
        FaultRule { bytes: Some(100_000), ..once() },
        FaultRule { err_code: Some(1601), times: Some(1), ..FaultRule::path("upgrade") },
        FaultRule { err_code: Some(1507), times: Some(1), ..FaultRule::path("upgrade") },
        FaultRule { status: Some(502), ..FaultRule::path("upgrade") },
    ]);
    let body = json!({ "userIDs": ["bot_7"] });
    assert_eq!(code(&server, &token, path, &body).await, 1004);
    let head = format!("POST {path} HTTP/1.1\r\ntoken: {token}\r\noperationID: op\r\n");
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(exchange(&server, &head, body.to_string().as_bytes()).await.0);
    }
    assert_eq!(statuses, [429, 200, 307]);
    let refusal = refused(&server, &query("bot_7", &token, WEB)).await;
    assert_eq!((refusal.0, &refusal.1["errCode"]), (200, &json!(1601)));
    assert!(RawClient::upgrade(&server, &query("bot_7", &token, WEB)).await.text().await.contains("1507"));
    assert_eq!(refused(&server, &query("bot_7", &token, WEB)).await.0, 502);
}

#[tokio::test]
async fn a_port_refuses_connections_for_a_time() {
    let config = Config { control: true, ..Config::demo() };
    let server = Server::new(config, Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap();
    let addresses = server.listen().await.unwrap();
    let ws = addresses.ws.trim_start_matches("ws://").to_owned();
    let closed = |error: std::io::Error| error.kind() == std::io::ErrorKind::ConnectionRefused;
    server.set_listener(Port::Ws, ListenerState::Refuse, None);
    // The listener goes as soon as its task runs.
    timeout(Duration::from_secs(10), async {
        while !TcpStream::connect(&ws).await.is_err_and(closed) {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    server.set_listener(Port::Ws, ListenerState::Open, None);
    timeout(Duration::from_secs(10), async {
        while TcpStream::connect(&ws).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    server.set_listener(Port::Ws, ListenerState::Drop, Some(Duration::from_millis(300)));
    let mut dropped = TcpStream::connect(&ws).await.unwrap();
    let end = timeout(Duration::from_secs(10), dropped.read(&mut [0; 1])).await.unwrap();
    assert!(matches!(end, Ok(0) | Err(_)));
    server.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_ends_the_connection_after_its_frames() {
    let server = controlled();
    let mut bot = RawClient::login(&server, "bot_7", 3).await;
    control(&server, "hold", json!({ "userID": "bot_7", "held": true })).await;
    for n in 0..300 {
        server.push_forged("bot_7", "si_x_y", vec![MsgData { seq: n, ..MsgData::default() }]);
    }
    server.hold("bot_7", false);
    let mut seen = 0;
    while let Some(message) = bot.next().await {
        seen += usize::from(message.is_binary());
    }
    assert!((255..=257).contains(&seen), "{seen} frames");
}
