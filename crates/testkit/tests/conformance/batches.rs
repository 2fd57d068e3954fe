//! Storing after the acknowledgement: in batches, of which too large ones are lost.

use std::time::Duration;

use openim_core::wire::ops;
use openim_core::wire::pb::{GetMaxSeqReq, GetMaxSeqResp, MsgData, SendMsgResp};
use testkit::{Recipient, Server};
use tokio::time::Instant;

use crate::support::*;

const CHAT: &str = "si_alice_bot_7";

async fn newest(peer: &mut RawClient) -> i64 {
    let asked = GetMaxSeqReq { user_id: peer.user_id.clone() };
    let answer: GetMaxSeqResp = peer.ask_for(ops::GET_NEWEST_SEQ, &asked).await;
    answer.max_seqs.get(CHAT).copied().unwrap_or_default()
}

/// Writes this many messages before it reads an answer. Returns the number of acknowledgements.
async fn burst(peer: &mut RawClient, count: usize) -> usize {
    for n in 0..count {
        let request = peer.request(ops::SEND_MSG, &single("alice", "bot_7", &format!("m{n}")));
        peer.write_envelope(&request).await;
    }
    let mut acknowledged = 0;
    while acknowledged < count {
        let response = peer.response().await;
        if response.req_identifier == ops::SEND_MSG {
            assert_eq!(response.err_code, 0);
            acknowledged += 1;
        }
    }
    acknowledged
}

#[tokio::test(start_paused = true)]
async fn a_message_is_stored_counted_and_pushed_after_its_answer() {
    let server = server();
    let mut alice = RawClient::login(&server, "alice", WEB).await;
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let began = Instant::now();
    let _: SendMsgResp = alice.ask_for(ops::SEND_MSG, &single("alice", "bot_7", "later")).await;
    assert_eq!((began.elapsed(), server.stored(CHAT).len(), newest(&mut bot).await), (Duration::ZERO, 0, 0));
    assert_eq!(bot.pushed().await.1.seq, 1);
    let waited = began.elapsed().as_millis();
    assert!((1..=100).contains(&waited), "{waited} ms");
    assert_eq!((server.stored(CHAT).len(), newest(&mut bot).await), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn messages_of_one_batch_are_stored_together_and_in_order() {
    let server = server_with(|config| config.store_delay_ms = 1_000);
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    for n in 0..5 {
        server.submit(single("alice", "bot_7", &format!("m{n}"))).unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(server.stored(CHAT).is_empty());
    let first = bot.pushed().await.1;
    let at = Instant::now();
    for seq in 2..=5 {
        assert_eq!(bot.pushed().await.1.seq, seq);
    }
    assert_eq!((first.seq, at.elapsed()), (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_batch_of_more_than_100_messages_is_acknowledged_and_lost() {
    let server = server();
    let mut alice = RawClient::login(&server, "alice", WEB).await;
    assert_eq!(burst(&mut alice, 90).await, 90);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(server.stored(CHAT).len(), 90);
    assert_eq!(burst(&mut alice, 101).await, 101);
    server.submit(single("alice", "carol", "another chat")).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!((server.stored(CHAT).len(), server.stored("si_alice_carol").len()), (90, 1));
    assert_eq!(newest(&mut alice).await, 90, "no sequence was used");
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_stored_in_the_conversation_of_its_first_message() {
    let server = server();
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    server.submit(MsgData { session_type: 4, ..single("alice", "bot_7", "as an account") }).unwrap();
    server.submit(single("alice", "bot_7", "as a user")).unwrap();
    let pushes = [bot.pushed().await, bot.pushed().await].map(|(id, msg)| (id, msg.seq));
    assert_eq!(pushes, [("sn_alice_bot_7".to_owned(), 1), (CHAT.to_owned(), 2)], "each is pushed in its own");
    assert_eq!((server.stored("sn_alice_bot_7").len(), server.stored(CHAT).len()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn the_delay_can_be_changed_or_turned_off() {
    let server = server_with(|config| config.store_delay_ms = 0);
    let mut alice = RawClient::login(&server, "alice", WEB).await;
    assert_eq!(burst(&mut alice, 150).await, 150);
    assert_eq!(server.stored(CHAT).len(), 150);
    server.set_store_delay(Duration::from_secs(5));
    server.submit(single("alice", "bot_7", "slow")).unwrap();
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(server.stored(CHAT).len(), 150);
    server.settle();
    assert_eq!(server.stored(CHAT).len(), 151);
}

#[tokio::test(start_paused = true)]
async fn a_message_of_a_test_is_stored_at_once_behind_those_that_wait() {
    let server = server();
    server.submit(single("alice", "bot_7", "first")).unwrap();
    server.send_as("alice", Recipient::User("bot_7"), "second").unwrap();
    let ids = |server: &Server| server.stored(CHAT).iter().map(|msg: &MsgData| msg.seq).collect::<Vec<_>>();
    assert_eq!((ids(&server), server.stored(CHAT)[0].client_msg_id.as_str()), (vec![1, 2], "client-first"));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_stores_what_it_acknowledged() {
    let server = server();
    server.submit(single("alice", "bot_7", "last words")).unwrap();
    server.shutdown().await;
    assert_eq!(server.stored(CHAT).len(), 1);
}
