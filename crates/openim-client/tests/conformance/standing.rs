//! Conformance of the client: where conversations stand, what only the server may say about it, and a server that does not
//! say it.

use std::sync::Arc;
use std::time::Duration;

use channel::{Event, Ledger, OfflinePolicy};
use openim_core::message::options;
use openim_core::wire::envelope;
use openim_core::wire::ops;
use openim_core::wire::pb::{GetConversationsHasReadAndMaxSeqReq, GetConversationsHasReadAndMaxSeqResp, MsgData, Seqs};

use tokio::time::timeout;

use crate::support::{CHAT, EPOCH_MS, Peer, Rig, online_at, stored, take};

/// A message that the server does not store; its sequence is its sender's.
fn unstored(seq: i64) -> MsgData {
    let options = [(options::HISTORY.to_owned(), false)].into();
    MsgData { options, client_msg_id: format!("forged {seq}"), send_id: "mallory".into(), ..stored(seq) }
}

#[tokio::test(start_paused = true)]
async fn a_sequence_that_a_sender_wrote_moves_no_cursor() {
    for forged in [9_100, 101, 1 << 50] {
        let mut rig = Rig::start().await;
        let mut peer = online_at(&mut rig, 100).await;
        peer.push(CHAT, vec![unstored(forged)]).await;
        assert_eq!(take(&rig, 1).await, [(0, false)], "it is heard as a message without a place");
        for seq in 101..=103 {
            peer.push(CHAT, vec![stored(seq)]).await;
            assert_eq!(take(&rig, 1).await, [(seq, false)]);
        }
        // Nothing is missing, so nothing is pulled: only the question for the newest sequences comes again.
        peer.maxima.insert(CHAT.to_owned(), 103);
        assert!(timeout(Duration::from_secs(200), peer.request()).await.is_err(), "something was asked for");
    }
}

#[tokio::test(start_paused = true)]
async fn a_senders_sequence_before_the_first_answer_counts_for_nothing() {
    let ledger = Arc::new(Ledger::in_memory());
    let mut rig = Rig::on(&ledger).await;
    drop(online_at(&mut rig, 100).await);
    let mut peer = rig.accepted().await;
    peer.push(CHAT, vec![unstored(1 << 40)]).await;
    peer.maxima.insert(CHAT.to_owned(), 102);
    peer.sync().await;
    assert_eq!(peer.serve_pull(CHAT, stored).await, [101, 102]);
    assert_eq!(take(&rig, 3).await, [(0, false), (101, false), (102, false)]);
}

#[tokio::test(start_paused = true)]
async fn what_was_just_counted_is_pulled_a_moment_later() {
    let mut rig = Rig::start().await;
    drop(online_at(&mut rig, 1).await);
    let mut peer = online_at(&mut rig, 2).await;
    let counted = rig.elapsed();
    assert_eq!(peer.serve_pull(CHAT, stored).await, [2]);
    let waited = rig.elapsed() - counted;
    assert!((Duration::from_millis(290)..Duration::from_millis(400)).contains(&waited), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn after_a_slow_login_the_second_question_comes_three_seconds_later() {
    let mut rig = Rig::start().await;
    let io = rig.dialled().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let mut peer = Peer::accept(io).await;
    peer.text(r#"{"errCode":0,"errMsg":"","errDlt":""}"#).await;
    peer.maxima.insert(CHAT.to_owned(), 7);
    peer.sync().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    peer.maxima.insert(CHAT.to_owned(), 8);
    assert_eq!(peer.serve_pull(CHAT, stored).await, [8]);
    assert!(rig.elapsed() < Duration::from_secs(9), "{:?}", rig.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_say_where_it_stands_is_asked_again() {
    let mut rig = Rig::start().await;
    let mut peer = rig.accepted().await;
    let mut asked_at = Vec::new();
    for _ in 0..8 {
        let request = peer.request().await;
        assert_eq!(request.req_identifier, ops::GET_NEWEST_SEQ);
        asked_at.push(rig.elapsed().as_secs());
        peer.respond(&request, 500, "ServerInternalError", None).await;
    }
    assert_eq!(asked_at, [0, 1, 3, 7, 15, 31, 63, 123]);
    let status = rig.account.status();
    assert!(status.connected && status.connects == 1, "the connection stays");
    assert!(status.last_error.is_some(), "and the status says what is wrong");
    peer.sync().await;
    rig.event(|event| *event == Event::Synced).await;
    assert_eq!(rig.account.status().last_error, None);
}

#[tokio::test(start_paused = true)]
async fn a_known_account_asks_by_name_when_the_question_for_all_fails() {
    let ledger = Arc::new(Ledger::in_memory());
    let mut rig = Rig::on(&ledger).await;
    drop(online_at(&mut rig, 5).await);
    let mut peer = rig.accepted().await;
    for _ in 0..2 {
        let request = peer.request().await;
        assert_eq!(request.req_identifier, ops::GET_NEWEST_SEQ);
        peer.respond(&request, 500, "ServerInternalError", None).await;
    }
    answer_by_name(&mut peer, 7).await;
    assert_eq!(peer.serve_pull(CHAT, stored).await, [6, 7]);
    assert_eq!(take(&rig, 2).await, [(6, false), (7, false)]);
}

/// Answers a question for conversations by name.
async fn answer_by_name(peer: &mut Peer, max_seq: i64) {
    let request = peer.request().await;
    assert_eq!(request.req_identifier, ops::GET_CONV_MAX_READ_SEQ);
    let asked: GetConversationsHasReadAndMaxSeqReq = envelope::payload(request.data.as_deref()).unwrap();
    assert_eq!(asked.conversation_ids, [CHAT]);
    let seqs = [(CHAT.to_owned(), Seqs { max_seq, ..Seqs::default() })].into();
    peer.answer(&request, &GetConversationsHasReadAndMaxSeqResp { seqs, ..Default::default() }).await;
}

#[tokio::test(start_paused = true)]
async fn a_chat_that_another_device_deleted_is_asked_for_by_name() {
    let ledger = Arc::new(Ledger::in_memory());
    let mut rig = Rig::on(&ledger).await;
    drop(online_at(&mut rig, 5).await);
    let mut peer = rig.accepted().await;
    peer.sync().await;
    answer_by_name(&mut peer, 6).await;
    let just_sent = |seq| MsgData { send_time: EPOCH_MS, ..stored(seq) };
    assert_eq!(peer.serve_pull(CHAT, just_sent).await, [6]);
    assert_eq!(take(&rig, 1).await, [(6, false)]);
}

#[tokio::test(start_paused = true)]
async fn a_message_without_an_id_is_delivered_each_time() {
    let mut rig = Rig::start().await;
    let mut peer = online_at(&mut rig, 1).await;
    let nameless = |seq| MsgData { client_msg_id: String::new(), server_msg_id: format!("s{seq}"), ..stored(seq) };
    peer.push(CHAT, vec![nameless(2), nameless(3)]).await;
    assert_eq!(take(&rig, 2).await, [(2, false), (3, false)]);
}

#[tokio::test(start_paused = true)]
async fn what_came_while_the_machine_slept_is_marked_as_offline() {
    let policy = OfflinePolicy { max_age: Some(Duration::from_secs(3_600)), ..OfflinePolicy::default() };
    let mut rig = Rig::with_past(&Arc::new(Ledger::in_memory()), policy).await;
    let peer = online_at(&mut rig, 0).await;
    // The monotonic clock stands still while a machine sleeps.
    rig.clock.jump(8 * 3_600_000);
    drop(peer);
    let mut peer = online_at(&mut rig, 3).await;
    let slept = |seq| {
        let hours = if seq == 1 { 2 } else { 8 };
        MsgData { send_time: EPOCH_MS + hours * 3_600_000, ..stored(seq) }
    };
    assert_eq!(peer.serve_pull(CHAT, slept).await, [1, 2, 3]);
    assert_eq!(take(&rig, 2).await, [(2, true), (3, true)]);
    assert_eq!(rig.account.status().passed_over, 1);
}

#[tokio::test(start_paused = true)]
async fn a_question_under_way_survives_a_restart_behind_many_settled_ones() {
    let ledger = Arc::new(Ledger::in_memory());
    let policy = OfflinePolicy { max_per_conversation: 20, ..OfflinePolicy::default() };
    let mut rig = Rig::with_past(&ledger, policy.clone()).await;
    let mut peer = online_at(&mut rig, 0).await;
    let mut question = 0;
    for seq in 1..=100 {
        peer.push(CHAT, vec![stored(seq)]).await;
        let delivery = rig.messages(1).await.remove(0);
        if seq == 1 {
            question = delivery.number;
        } else {
            rig.account.ack(&[delivery.number]);
        }
    }
    assert!(question > 0);
    rig.account.stop().await;
    let mut rig = Rig::with_past(&ledger, policy).await;
    let mut peer = online_at(&mut rig, 101).await;
    assert_eq!(peer.serve_pull(CHAT, stored).await, [1, 101]);
    assert_eq!(take(&rig, 2).await, [(1, false), (101, true)]);
    rig.quiet(Duration::from_secs(30)).await;
}
