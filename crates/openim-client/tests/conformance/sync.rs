//! Conformance of the client: what was missed comes, once and in order, over reconnects and restarts.

use std::sync::Arc;
use std::time::Duration;

use channel::offline::OfflineMode;
use channel::{Ledger, OfflinePolicy};
use openim_core::wire::ops;
use openim_core::wire::pb::MsgData;

use crate::support::{CHAT, Peer, Rig, online_at, stored, take, text_from_alice};

#[tokio::test(start_paused = true)]
async fn case_48_a_gap_in_the_pushes_is_filled_first() {
    let mut rig = Rig::start().await;
    let mut peer = online_at(&mut rig, 1).await;
    peer.push(CHAT, vec![stored(3)]).await;
    assert_eq!(peer.serve_pull(CHAT, stored).await, [2]);
    assert_eq!(take(&rig, 2).await, [(2, false), (3, false)]);
}

#[tokio::test(start_paused = true)]
async fn case_49_what_was_missed_during_a_reconnect_comes_in_order_and_once() {
    let mut rig = Rig::start().await;
    let mut peer = online_at(&mut rig, 10).await;
    peer.push(CHAT, vec![stored(11)]).await;
    assert_eq!(take(&rig, 1).await, [(11, false)]);
    drop(peer);
    let mut peer = online_at(&mut rig, 36).await;
    assert_eq!(peer.serve_pull(CHAT, stored).await, (12..=36).collect::<Vec<_>>());
    assert_eq!(take(&rig, 25).await, (12..=36).map(|seq| (seq, false)).collect::<Vec<_>>());
    rig.quiet(Duration::from_secs(60)).await;
}

#[tokio::test(start_paused = true)]
async fn case_49_five_thousand_missed_come_through_sixty_four_places() {
    let mut rig = Rig::start().await;
    drop(online_at(&mut rig, 0).await);
    let mut peer = online_at(&mut rig, 5000).await;
    let server = tokio::spawn(async move {
        let mut pulled = 0;
        while pulled < 5000 {
            pulled += peer.serve_pull(CHAT, stored).await.len();
        }
        (peer, pulled)
    });
    let mut seen = Vec::new();
    while seen.len() < 5000 {
        let taken = take(&rig, 1).await;
        assert!(taken.len() <= 64);
        seen.extend(taken.into_iter().map(|(seq, _)| seq));
    }
    assert_eq!(seen, (1..=5000).collect::<Vec<_>>());
    assert_eq!(server.await.unwrap().1, 5000, "nothing was pulled twice");
}

#[tokio::test(start_paused = true)]
async fn case_53_history_before_the_first_start_is_not_delivered() {
    let mut rig = Rig::start().await;
    let mut peer = online_at(&mut rig, 100).await;
    rig.quiet(Duration::from_secs(15)).await;
    peer.push(CHAT, vec![stored(101)]).await;
    assert_eq!(take(&rig, 1).await, [(101, false)]);
}

#[tokio::test(start_paused = true)]
async fn case_54_after_a_restart_only_unacked_messages_come_again() {
    let ledger = Arc::new(Ledger::in_memory());
    let mut rig = Rig::on(&ledger).await;
    let mut peer = online_at(&mut rig, 0).await;
    peer.push(CHAT, (1..=4).map(stored).collect()).await;
    let deliveries = rig.messages(4).await;
    rig.account.ack(&[deliveries[0].number, deliveries[2].number]);
    rig.account.stop().await;

    let mut rig = Rig::on(&ledger).await;
    let mut peer = online_at(&mut rig, 5).await;
    assert_eq!(peer.serve_pull(CHAT, stored).await, [2, 4, 5]);
    let again = rig.messages(3).await;
    rig.account.ack(&again.iter().map(|delivery| delivery.number).collect::<Vec<_>>());
    let seen: Vec<_> = again.iter().map(|delivery| (delivery.message.seq(), delivery.redelivered)).collect();
    assert_eq!(seen, [(2, true), (4, true), (5, false)]);
    rig.quiet(Duration::from_secs(30)).await;
}

#[tokio::test(start_paused = true)]
async fn case_54_a_copy_of_an_acked_message_is_known_after_a_restart() {
    let ledger = Arc::new(Ledger::in_memory());
    let mut rig = Rig::on(&ledger).await;
    let mut peer = online_at(&mut rig, 0).await;
    peer.push(CHAT, vec![stored(1)]).await;
    take(&rig, 1).await;
    rig.account.stop().await;

    let mut rig = Rig::on(&ledger).await;
    let mut peer = online_at(&mut rig, 1).await;
    peer.push(CHAT, vec![text_from_alice("m1", 2, "text 1"), stored(3)]).await;
    assert_eq!(take(&rig, 1).await, [(3, false)]);
}

#[tokio::test(start_paused = true)]
async fn case_81_a_message_stored_after_login_without_push_is_delivered() {
    let mut rig = Rig::start().await;
    let mut peer = online_at(&mut rig, 7).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    peer.maxima.insert(CHAT.to_owned(), 8);
    assert_eq!(peer.serve_pull(CHAT, stored).await, [8]);
    assert_eq!(take(&rig, 1).await, [(8, false)]);
    assert!(rig.elapsed() < Duration::from_secs(4), "{:?}", rig.elapsed());
}

#[tokio::test(start_paused = true)]
async fn case_63_typing_has_no_sequence_and_moves_nothing() {
    let mut rig = Rig::start().await;
    let mut peer = online_at(&mut rig, 1).await;
    peer.push(CHAT, vec![MsgData { content_type: 113, seq: 0, client_msg_id: "t".into(), ..stored(0) }]).await;
    peer.push(CHAT, vec![stored(2)]).await;
    assert_eq!(take(&rig, 1).await, [(2, false)]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_pull_is_made_again_after_a_second() {
    let mut rig = Rig::start().await;
    let mut peer = online_at(&mut rig, 1).await;
    peer.push(CHAT, vec![stored(3)]).await;
    let request = peer.request().await;
    assert_eq!(request.req_identifier, ops::PULL_MSG_BY_SEQ_LIST);
    peer.respond(&request, 500, "ServerInternalError", None).await;
    assert_eq!(peer.serve_pull(CHAT, stored).await, [2]);
    assert_eq!(take(&rig, 2).await, [(2, false), (3, false)]);
}

#[tokio::test(start_paused = true)]
async fn case_56_many_conversations_and_messages_in_one_push() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let group = MsgData { session_type: 3, group_id: "g".into(), ..text_from_alice("g1", 1, "in the group") };
    let pulled = |msgs| openim_core::wire::pb::PullMsgs { msgs, ..Default::default() };
    let push = openim_core::wire::pb::PushMessages {
        msgs: [
            (CHAT.to_owned(), pulled(vec![stored(2), stored(1)])),
            ("sg_g".to_owned(), pulled(vec![group])),
            ("si_nobody".to_owned(), pulled(vec![])),
        ]
        .into(),
        ..Default::default()
    };
    peer.unsolicited(ops::PUSH_MSG, Some(openim_core::wire::envelope::data(&push))).await;
    peer.unsolicited(ops::PUSH_MSG, None).await;
    peer.unsolicited(ops::PUSH_MSG, Some(String::new())).await;
    let mut texts: Vec<_> = rig.messages(3).await.iter().map(|delivery| delivery.message.text.clone()).collect();
    texts.sort();
    assert_eq!(texts, ["in the group", "text 1", "text 2"]);
}

/// An account that is away for two minutes while five messages come, two of them long ago.
async fn back_after_two_minutes(offline_policy: OfflinePolicy) -> (Rig, Peer) {
    let ledger = Arc::new(Ledger::in_memory());
    let mut rig = Rig::with_past(&ledger, offline_policy).await;
    drop(online_at(&mut rig, 0).await);
    // Attempts during the outage fail; after two minutes the server is back.
    let back = rig.elapsed() + Duration::from_secs(120);
    while rig.elapsed() < back {
        drop(rig.dialled().await);
    }
    let peer = online_at(&mut rig, 5).await;
    (rig, peer)
}

fn aged(seq: i64) -> MsgData {
    let age_minutes = if seq <= 2 { 90 } else { 1 };
    MsgData { send_time: crate::support::EPOCH_MS - age_minutes * 60_000, ..stored(seq) }
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_while_away_is_marked_and_too_old_ones_are_passed_over() {
    let (rig, mut peer) = back_after_two_minutes(OfflinePolicy::of_a_channel()).await;
    assert_eq!(peer.serve_pull(CHAT, aged).await, [1, 2, 3, 4, 5]);
    assert_eq!(take(&rig, 3).await, [(3, true), (4, true), (5, true)]);
    assert_eq!(rig.account.status().passed_over, 2);
    assert_eq!(rig.account.status().unacked, 0, "what is passed over is settled and holds nothing up");
}

#[tokio::test(start_paused = true)]
async fn an_account_may_ignore_offline_messages_and_take_later_ones() {
    let (rig, mut peer) =
        back_after_two_minutes(OfflinePolicy { mode: OfflineMode::Ignore, ..OfflinePolicy::default() }).await;
    assert_eq!(peer.serve_pull(CHAT, aged).await.len(), 5);
    peer.push(CHAT, vec![stored(6)]).await;
    assert_eq!(take(&rig, 1).await, [(6, false)]);
    assert_eq!(rig.account.status().passed_over, 5);
}

#[tokio::test(start_paused = true)]
async fn the_newest_offline_messages_are_fetched_and_the_rest_reported() {
    let (rig, mut peer) =
        back_after_two_minutes(OfflinePolicy { max_per_conversation: 2, ..OfflinePolicy::default() }).await;
    assert_eq!(peer.serve_pull(CHAT, aged).await, [4, 5]);
    assert_eq!(take(&rig, 2).await, [(4, true), (5, true)]);
}
