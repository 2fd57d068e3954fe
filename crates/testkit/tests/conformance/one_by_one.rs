//! The requests of a connection are served strictly one by one.

use std::collections::BTreeSet;
use std::time::Duration;

use openim_core::wire::pb::{GetMaxSeqReq, MsgData};
use openim_core::wire::{envelope, ops};
use testkit::{FaultRule, Server, ServerVersion};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

use crate::support::*;

fn slow(rule: FaultRule) -> FaultRule {
    FaultRule { times: Some(1), ..rule }
}

async fn write(peer: &mut RawClient, body: &str) {
    let request = peer.request(ops::SEND_MSG, &single("bot_7", "alice", body));
    peer.write_envelope(&request).await;
}

fn texts(server: &Server) -> Vec<String> {
    server.stored("si_alice_bot_7").iter().map(|msg: &MsgData| msg.client_msg_id.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_slow_request_holds_up_everything_behind_it() {
    for rule in
        [FaultRule { delay_ms: 12_000, ..FaultRule::op(1003) }, FaultRule { before_ms: 12_000, ..FaultRule::op(1003) }]
    {
        let server = server();
        let mut bot = RawClient::login(&server, "bot_7", WINDOWS).await;
        server.set_rules(vec![slow(rule)]);
        let began = Instant::now();
        write(&mut bot, "slow").await;
        bot.write(Message::text(r#"{"type":"ping","body":"1"}"#)).await;
        bot.write(Message::Ping(b"p".as_slice().into())).await;
        let request = bot.request(ops::GET_NEWEST_SEQ, &GetMaxSeqReq { user_id: "bot_7".into() });
        bot.write_envelope(&request).await;
        let mut answered = BTreeSet::new();
        while answered.len() < 4 {
            let what = match bot.next().await {
                Some(Message::Text(_)) => "text".to_owned(),
                Some(Message::Pong(_)) => "pong".to_owned(),
                Some(Message::Binary(frame)) => {
                    let response: envelope::Response = envelope::decode(&frame).unwrap();
                    // The message itself may be pushed before its late answer.
                    if response.req_identifier == ops::PUSH_MSG {
                        continue;
                    }
                    response.req_identifier.to_string()
                }
                other => panic!("{other:?} after {answered:?}"),
            };
            assert_eq!(began.elapsed(), Duration::from_secs(12), "{what}");
            answered.insert(what);
        }
        assert_eq!(answered, ["1001", "1003", "pong", "text"].map(str::to_owned).into());
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_request_is_served_although_its_connection_is_gone() {
    let server = server();
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    server.set_rules(vec![slow(FaultRule { before_ms: 4_000, ..FaultRule::op(1003) })]);
    write(&mut bot, "slow").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(server.cut("bot_7"), 1);
    assert!(texts(&server).is_empty());
    tokio::time::sleep(Duration::from_millis(3_200)).await;
    assert_eq!(texts(&server), ["client-slow"]);
}

#[tokio::test(start_paused = true)]
async fn a_kick_does_not_wait_for_a_slow_request() {
    let server = server();
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    server.set_rules(vec![slow(FaultRule { before_ms: 60_000, ..FaultRule::op(1003) })]);
    write(&mut bot, "slow").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let began = Instant::now();
    server.kick("bot_7", WEB);
    assert_eq!(bot.response().await.req_identifier, ops::KICK_ONLINE_MSG);
    assert_eq!(bot.gone().await, ConnectionEnd::Dropped);
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn three_hundred_requests_in_flight_are_all_answered() {
    let server = server();
    let mut bot = RawClient::login(&server, "bot_7", WINDOWS).await;
    for _ in 0..300 {
        let request = bot.request(ops::GET_NEWEST_SEQ, &GetMaxSeqReq { user_id: "bot_7".into() });
        bot.write_envelope(&request).await;
    }
    for _ in 0..300 {
        assert_eq!(bot.response().await.err_code, 0);
    }
    bot.assert_nothing_waits().await;
}

#[tokio::test(start_paused = true)]
async fn only_the_main_branch_takes_pongs_for_signs_of_life() {
    for (like, lives) in [(ServerVersion::Main, true), (ServerVersion::V3_8_3, false)] {
        let server = server_with(|config| config.like = like);
        let mut bot = RawClient::login(&server, "bot_7", WINDOWS).await;
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_secs(14)).await;
            // The server may have ended the connection already.
            let _ = futures_util::SinkExt::send(&mut bot.socket, Message::Pong(b"".as_slice().into())).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(server.connections("bot_7") == 1, lives, "{like:?}");
    }
}
