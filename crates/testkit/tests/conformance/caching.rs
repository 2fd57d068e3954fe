//! The real server's cache: placeholders, status values, blanked messages, and its loss.

use std::time::Duration;

use openim_core::wire::ops;
use openim_core::wire::pb::{ConversationSeqs, GetMaxSeqReq, GetSeqMessageReq, MsgData, PushMessages};
use serde_json::{Value, json};
use testkit::{FaultRates, Recipient, Server};
use tokio::time::sleep;

use crate::support::*;

const CHAT: &str = "si_alice_bot_7";

async fn pull(peer: &mut RawClient, seqs: &[i64]) -> Vec<MsgData> {
    let wanted = ConversationSeqs { conversation_id: CHAT.into(), seqs: seqs.to_vec() };
    let asked = GetSeqMessageReq { user_id: peer.user_id.clone(), conversations: vec![wanted], order: 0 };
    let mut answer: PushMessages = peer.ask_for(ops::PULL_MSG_BY_SEQ_LIST, &asked).await;
    answer.msgs.remove(CHAT).unwrap().msgs
}

fn say(server: &Server, text: &str) {
    server.send_as("alice", Recipient::User("bot_7"), text).unwrap();
}

async fn count(peer: &mut RawClient) {
    peer.ask(ops::GET_NEWEST_SEQ, &GetMaxSeqReq { user_id: peer.user_id.clone() }).await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_message_has_the_time_of_the_one_before() {
    let server = server();
    say(&server, "one");
    sleep(Duration::from_secs(5)).await;
    say(&server, "two");
    server.lose_message(CHAT, 2);
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let msgs = pull(&mut bot, &[1, 2]).await;
    assert_eq!(msgs[1], MsgData { seq: 2, status: 4, send_time: msgs[0].send_time, ..MsgData::default() });
}

#[tokio::test(start_paused = true)]
async fn a_message_pulled_too_soon_after_the_count_is_blanked_for_everybody() {
    let server = server();
    server.set_fault_rates(FaultRates { blank_pull: 100, ..FaultRates::default() });
    let mut alice = RawClient::login(&server, "alice", WEB).await;
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    for (pause, status) in [(0, 4), (299, 4), (300, 1)] {
        say(&server, "x");
        let seq = server.stored(CHAT).len() as i64;
        assert_eq!(bot.pushed().await.1.seq, seq, "it is pushed all the same");
        count(&mut bot).await;
        sleep(Duration::from_millis(pause)).await;
        assert_eq!(pull(&mut bot, &[seq]).await[0].status, status, "after {pause} ms");
        sleep(Duration::from_secs(20)).await;
        assert_eq!(pull(&mut alice, &[seq]).await[0].status, status, "for everybody and for long");
    }
    server.lose_cache();
    assert_eq!(pull(&mut alice, &[1]).await[0].status, 2, "the message was stored");
}

#[tokio::test(start_paused = true)]
async fn a_pull_without_a_count_before_it_blanks_nothing() {
    let server = server();
    server.set_fault_rates(FaultRates { blank_pull: 100, ..FaultRates::default() });
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    count(&mut bot).await;
    sleep(Duration::from_millis(1)).await;
    say(&server, "after the count");
    assert_eq!(pull(&mut bot, &[1]).await[0].status, 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_loses_its_cache_skips_sequences_and_knows_no_token() {
    let server = server();
    for text in ["one", "two", "three"] {
        say(&server, text);
    }
    let token = server.token("bot_7", WEB);
    let mut bot = RawClient::login_with(&server, "bot_7", &query("bot_7", &token, WEB)).await;
    assert_eq!(pull(&mut bot, &[3]).await[0].status, 1, "from the cache");
    server.lose_cache();
    say(&server, "four");
    assert_eq!(bot.pushed().await.1.seq, 54);
    let msgs = pull(&mut bot, &[3, 4, 53, 54]).await;
    let statuses: Vec<_> = msgs.iter().map(|msg| (msg.seq, msg.status)).collect();
    assert_eq!(statuses, [(3, 2), (4, 4), (53, 4), (54, 1)]);
    assert_eq!(code(&server, &token, "/user/get_users_info", &json!({ "userIDs": ["bob"] })).await, 1507);
}

#[tokio::test(start_paused = true)]
async fn a_quote_of_a_revoked_message_shows_the_revocation() {
    let server = server();
    say(&server, "quoted");
    let quoted = server.stored(CHAT)[0].clone();
    let content = json!({
        "text": "about that",
        "quoteMessage": { "clientMsgID": quoted.client_msg_id, "seq": 1, "contentType": 101, "content": "quoted" },
    });
    let quote =
        MsgData { content_type: 114, content: content.to_string().into_bytes(), ..single("bot_7", "alice", "quote") };
    server.send(quote).unwrap();
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let alice = server.token("alice", WEB);
    let shown = |msg: &MsgData| serde_json::from_slice::<Value>(&msg.content).unwrap()["quoteMessage"].clone();
    assert_eq!(shown(&pull(&mut bot, &[2]).await[0])["contentType"], 101);
    let revoke = json!({ "userID": "alice", "conversationID": CHAT, "seq": 1 });
    data(&server, &alice, "/msg/revoke_msg", &revoke).await;
    let msgs = pull(&mut bot, &[1, 2]).await;
    assert_eq!((msgs[0].content_type, msgs[0].status), (2101, 2));
    let quote = shown(&msgs[1]);
    assert_eq!(quote["contentType"], 2101);
    assert_eq!(quote["content"], String::from_utf8(msgs[0].content.clone()).unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_pull_of_many_large_messages_is_one_very_large_frame() {
    let server = server();
    let admin = admin_token(&server).await;
    let text = "x".repeat(300_000);
    for _ in 0..50 {
        let msg = json!({
            "sendID": "alice", "recvID": "bot_7", "contentType": 101, "sessionType": 1, "content": { "content": text },
        });
        data(&server, &admin, "/msg/send_msg", &msg).await;
    }
    server.settle();
    let mut bot = RawClient::login(&server, "bot_7", WINDOWS).await;
    let wanted = ConversationSeqs { conversation_id: CHAT.into(), seqs: (1..=50).collect() };
    let asked = GetSeqMessageReq { user_id: "bot_7".into(), conversations: vec![wanted], order: 0 };
    let request = bot.request(ops::PULL_MSG_BY_SEQ_LIST, &asked);
    bot.write_envelope(&request).await;
    // The test's client takes no larger frames: it ends here.
    assert!(bot.next().await.is_none());
}
