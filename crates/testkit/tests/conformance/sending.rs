//! Messages: acks, pushes, sequences, refusals.

use std::collections::BTreeMap;

use openim_core::message::{kinds, options};
use openim_core::wire::ops;
use openim_core::wire::pb::{GetMaxSeqReq, GetMaxSeqResp, MsgData, SendMsgResp};
use testkit::{Recipient, Server, TestClock};

use crate::support::*;

/// The MsgData that the JS package sent for "hi 你好 😀" to alice.
fn captured() -> MsgData {
    let data = "CgVib3RfNxIFYWxpY2UiIGQxYzBmM2MyNjYyNDc0NzEyYWJhYTI4ODU1ZmQ2MjZiMAU6BUJvdHR5SAFQZFhlYhx7ImNvbnRlbnQiOiJoaSDkvaDlpb0g8J+YgCJ9gAHo6pjGnzSIAQGiATQKF3lvdSBoYXZhIGEgbmV3IG1lc3NhZ2UuEhd5b3UgaGF2YSBhIG5ldyBtZXNzYWdlLigB";
    openim_core::wire::envelope::payload(Some(data)).unwrap()
}

#[tokio::test(start_paused = true)]
async fn case_33_a_direct_message_is_pushed_to_both_users() {
    let server = server();
    let mut alice = RawClient::login(&server, "alice", WEB).await;
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let sent = captured();
    let ack: SendMsgResp = bot.ask_for(ops::SEND_MSG, &sent).await;
    assert!(ack.server_msg_id.len() == 32 && ack.server_msg_id.bytes().all(|b| b.is_ascii_hexdigit()));
    assert_eq!((ack.client_msg_id.as_str(), ack.send_time), (sent.client_msg_id.as_str(), TestClock::EPOCH_MS));
    for peer in [&mut alice, &mut bot] {
        let (response, messages) = peer.push().await;
        assert_eq!((response.msg_incr.as_str(), response.operation_id.as_str(), response.err_code), ("", "op1", 0));
        let pushed = &messages.msgs["si_alice_bot_7"].msgs[0];
        let expected = MsgData {
            server_msg_id: ack.server_msg_id.clone(),
            send_time: ack.send_time,
            seq: 1,
            status: kinds::STATUS_SENT,
            ..sent.clone()
        };
        assert_eq!(*pushed, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn case_34_every_connection_of_a_member_gets_a_group_message_once() {
    let server = server();
    let token = server.issue_token("alice", WEB);
    let mut alice = RawClient::login_with(&server, "alice", &query("alice", &token, WEB)).await;
    let mut alice_again = RawClient::login_with(&server, "alice", &query("alice", &token, WEB)).await;
    let mut bob = RawClient::login(&server, "bob", WINDOWS).await;
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let mut carol = RawClient::login(&server, "carol", WINDOWS).await;
    let _: SendMsgResp = bot.ask_for(ops::SEND_MSG, &grouped("bot_7", "g100", "hi group")).await;
    for peer in [&mut alice, &mut alice_again, &mut bob, &mut bot] {
        let (id, pushed) = peer.pushed().await;
        assert_eq!((id.as_str(), pushed.seq, pushed.group_id.as_str()), ("sg_g100", 1, "g100"));
        peer.assert_nothing_waits().await;
    }
    carol.assert_nothing_waits().await;
}

#[tokio::test(start_paused = true)]
async fn case_35_the_server_does_not_deduplicate() {
    let server = server();
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let first: SendMsgResp = bot.ask_for(ops::SEND_MSG, &captured()).await;
    let second: SendMsgResp = bot.ask_for(ops::SEND_MSG, &captured()).await;
    assert_ne!(first.server_msg_id, second.server_msg_id);
    server.settle();
    let stored = server.stored("si_alice_bot_7");
    assert_eq!(stored.iter().map(|msg| msg.seq).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(stored[0].client_msg_id, stored[1].client_msg_id);
}

#[tokio::test(start_paused = true)]
async fn case_36_malformed_messages_are_refused() {
    let server = server();
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let base = || single("bot_7", "alice", "x");
    let rows = [
        ("another sender", MsgData { send_id: "alice".into(), recv_id: "bot_7".into(), ..base() }, 1002),
        ("another sender, old session", MsgData { send_id: "alice".into(), session_type: 2, ..base() }, 1002),
        ("unknown receiver", MsgData { recv_id: "nobody".into(), ..base() }, 1004),
        ("unknown group", grouped("bot_7", "nowhere", "x"), 1004),
        ("old group session", MsgData { session_type: 2, ..base() }, 1001),
        ("no session", MsgData { session_type: 0, ..base() }, 1001),
    ];
    for (what, msg, code) in rows {
        let response = bot.ask(ops::SEND_MSG, &msg).await;
        assert_eq!((response.err_code, response.data), (code, None), "{what}");
    }
    server.settle();
    assert!(server.stored("si_alice_bot_7").is_empty());
}

#[tokio::test(start_paused = true)]
async fn anybody_may_send_what_looks_like_a_notification_account() {
    let server = server();
    let alice = server.token("alice", WEB);
    let block = serde_json::json!({ "ownerUserID": "alice", "blackUserID": "bob" });
    data(&server, &alice, "/friend/add_black", &block).await;
    let base = || single("bob", "alice", "x");
    let oa = kinds::OA_NOTIFICATION;
    for msg in [
        MsgData { session_type: 4, ..base() },
        MsgData { session_type: 4, content_type: oa, ..base() },
        MsgData { content_type: oa, ..base() },
    ] {
        server.submit(msg).unwrap();
        server.settle();
    }
    assert_eq!(server.send(base()).unwrap_err().code, 1302, "an ordinary message is refused");
    assert_eq!((server.stored("sn_alice_bob").len(), server.stored("si_alice_bob").len()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn an_empty_message_is_stored_like_any_other() {
    let server = server();
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let empty = MsgData { content: Vec::new(), client_msg_id: String::new(), ..single("bot_7", "alice", "x") };
    let _: SendMsgResp = bot.ask_for(ops::SEND_MSG, &empty).await;
    let (_, pushed) = bot.pushed().await;
    assert_eq!((pushed.seq, pushed.content.len(), pushed.client_msg_id.as_str()), (1, 0, ""));
}

#[tokio::test(start_paused = true)]
async fn case_36_only_friends_may_write_if_friendship_is_required() {
    let server = server_with(|config| {
        config.friend_verify = true;
        config.friends.push(["alice".into(), "bob".into()]);
    });
    assert!(server.send_as("alice", Recipient::User("bob"), "hi").is_ok());
    assert_eq!(server.send_as("alice", Recipient::User("carol"), "hi").unwrap_err().code, 1303);
    assert!(server.send_as("imAdmin", Recipient::User("carol"), "hi").is_ok(), "admins need no friends");
}

#[tokio::test(start_paused = true)]
async fn case_36_only_members_may_write_to_a_group() {
    let server = server();
    assert_eq!(server.send_as("carol", Recipient::Group("g100"), "hi").unwrap_err().code, 1002);
}

#[tokio::test(start_paused = true)]
async fn case_37_a_message_without_history_is_pushed_only() {
    let server = server();
    let mut alice = RawClient::login(&server, "alice", WEB).await;
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    server.send_as("alice", Recipient::User("bot_7"), "stored").unwrap();
    assert_eq!((alice.pushed().await.1.seq, bot.pushed().await.1.seq), (1, 1));
    let mut msg = single("bot_7", "alice", "fleeting");
    msg.options = BTreeMap::from([(options::HISTORY.to_owned(), false)]);
    msg.seq = 9_100;
    let _: SendMsgResp = bot.ask_for(ops::SEND_MSG, &msg).await;
    for peer in [&mut alice, &mut bot] {
        let (id, pushed) = peer.pushed().await;
        assert_eq!((id.as_str(), pushed.seq), ("si_alice_bot_7", 9_100), "as its sender wrote it");
    }
    let newest: GetMaxSeqResp = bot.ask_for(ops::GET_NEWEST_SEQ, &GetMaxSeqReq { user_id: "bot_7".into() }).await;
    assert_eq!(newest.max_seqs, BTreeMap::from([("si_alice_bot_7".to_owned(), 1)]));
    assert_eq!(server.stored("si_alice_bot_7").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn case_37_without_sender_sync_the_sender_gets_no_copy() {
    let server = server();
    let mut alice = RawClient::login(&server, "alice", WEB).await;
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let mut msg = single("bot_7", "alice", "quiet");
    msg.options = BTreeMap::from([(options::SENDER_SYNC.to_owned(), false)]);
    let _: SendMsgResp = bot.ask_for(ops::SEND_MSG, &msg).await;
    assert_eq!(alice.pushed().await.1.seq, 1);
    bot.assert_nothing_waits().await;
}

#[tokio::test(start_paused = true)]
async fn a_typing_message_is_ephemeral_if_it_names_any_option() {
    let server = server();
    let typing = MsgData { content_type: kinds::TYPING, ..single("bot_7", "alice", "typing") };
    let mut named = typing.clone();
    named.options = BTreeMap::from([(options::NOT_PRIVATE.to_owned(), false)]);
    server.send(named).unwrap();
    assert_eq!(server.stored("si_alice_bot_7").len(), 0);
    server.send(typing).unwrap();
    assert_eq!(server.stored("si_alice_bot_7").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn contents_are_stored_and_pushed_unchanged() {
    let server = server();
    let mut alice = RawClient::login(&server, "alice", WEB).await;
    for content_type in [102, 114, 118, 199] {
        let content = b"not even json \xf0\x9f\x98\x80".to_vec();
        server.send(MsgData { content_type, content: content.clone(), ..single("bot_7", "alice", "x") }).unwrap();
        let (_, pushed) = alice.pushed().await;
        assert_eq!((pushed.content_type, &pushed.content), (content_type, &content));
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_is_disconnected() {
    let server = server();
    let mut bot = RawClient::login(&server, "bot_7", WINDOWS).await;
    // More than the pipe and the queue take together.
    let body = "x".repeat(20_000);
    for _ in 0..300 {
        server.send_as("alice", Recipient::User("bot_7"), &body).unwrap();
    }
    let mut seqs = Vec::new();
    loop {
        match bot.next().await {
            Some(tokio_tungstenite::tungstenite::Message::Binary(bytes)) => seqs.push(seq_of(&bytes)),
            Some(other) => panic!("{other:?}"),
            None => break,
        }
    }
    assert!((256..300).contains(&seqs.len()), "{} frames", seqs.len());
    assert!(seqs.iter().copied().eq(1..=i64::try_from(seqs.len()).unwrap()), "the first ones, in order");
    assert_eq!(bot_connections(&server), 0);
}

fn seq_of(frame: &[u8]) -> i64 {
    let response: openim_core::wire::envelope::Response = openim_core::wire::envelope::decode(frame).unwrap();
    let messages: openim_core::wire::pb::PushMessages =
        openim_core::wire::envelope::payload(response.data.as_deref()).unwrap();
    messages.msgs["si_alice_bot_7"].msgs[0].seq
}

fn bot_connections(server: &Server) -> usize {
    server.connections("bot_7")
}
