//! The life of an account over the real wire code: acknowledgements, reconnects, takeovers.

use std::sync::Arc;
use std::time::Duration;

use base::{Kind, Redacted};
use channel::{Event, Registry};
use openim_core::wire::ops;
use openim_core::wire::pb::SendMsgResp;
use tokio::time::Instant;

use crate::support::{Rig, login, text_from_alice};

const CHAT: &str = "si_alice_bot_7";

#[tokio::test(start_paused = true)]
async fn a_refused_message_comes_again_after_one_second_marked_as_such() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    peer.push(CHAT, vec![text_from_alice("m1", 1, "hard"), text_from_alice("m2", 2, "easy")]).await;
    let first = rig.messages(2).await;
    rig.account.ack(&[first[1].number]);
    let began = Instant::now();
    rig.account.nack(&[first[0].number]);
    let again = rig.messages(1).await;
    assert_eq!((again[0].message.text.as_str(), again[0].redelivered, began.elapsed().as_secs()), ("hard", true, 1));
    rig.account.ack(&[again[0].number]);
    let status = rig.account.status();
    assert_eq!((status.acked, status.refused, status.unacked), (2, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_message_refused_eight_times_is_put_aside_and_reported() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    peer.push(CHAT, vec![text_from_alice("poison", 1, "!")]).await;
    for _ in 0..8 {
        let delivery = rig.messages(1).await.remove(0);
        // The gateway stays alive through the long waits.
        peer.text(r#"{"type":"pong"}"#).await;
        rig.account.nack(&[delivery.number]);
        let keep_alive = rig.account.status().dead_letters == 0;
        for _ in 0..4 {
            if keep_alive {
                tokio::time::sleep(Duration::from_secs(15)).await;
                peer.text(r#"{"type":"pong"}"#).await;
            }
        }
    }
    let event = rig.event(|event| matches!(event, Event::DeadLetter { .. })).await;
    assert_eq!(event, Event::DeadLetter { conversation: CHAT.into(), id: "poison".into() });
    assert_eq!((rig.account.status().dead_letters, rig.account.status().unacked), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn an_unacknowledged_message_holds_up_no_other() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    for n in 1..=10 {
        peer.push(CHAT, vec![text_from_alice(&format!("m{n}"), n, &n.to_string())]).await;
    }
    let texts: Vec<_> = rig.messages(10).await.iter().map(|delivery| delivery.message.text.clone()).collect();
    assert_eq!(texts, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_is_made_again_within_a_quarter_second_and_says_so() {
    let mut rig = Rig::start().await;
    drop(rig.online().await);
    let lost = Instant::now();
    rig.event(|event| matches!(event, Event::Disconnected(_))).await;
    assert!(!rig.account.status().connected);
    rig.online().await;
    assert!(lost.elapsed() <= Duration::from_millis(250), "{:?}", lost.elapsed());
    assert_eq!((rig.account.status().connects, rig.account.status().reconnects), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_newer_start_of_an_account_takes_over_its_only_socket() {
    let registry = Arc::new(Registry::default());
    let mut older = Rig::try_start("a", login("bot_7", "a.b.c", false), &registry).await.unwrap();
    let mut peer = older.online().await;
    let newer = Rig::try_start("a", login("bot_7", "a.b.c", false), &registry).await.unwrap();
    assert!(peer.is_left().await);
    assert_eq!(older.until_end().await.last(), Some(&Event::Stopped));
    older.stays_away(Duration::from_secs(60)).await;
    newer.account.stop().await;
}

#[tokio::test(start_paused = true)]
async fn two_accounts_with_one_login_are_refused_with_both_names() {
    let registry = Arc::new(Registry::default());
    let first = Rig::try_start("support", login("bot_7", "a.b.c", false), &registry).await.unwrap();
    let refused = Rig::try_start("sales", login("bot_7", "x.y.z", false), &registry).await;
    let error = refused.err().expect("it was let in");
    assert_eq!(error.kind(), Kind::AlreadyRunning);
    assert!(error.message().contains("\"support\" and \"sales\""), "{error}");
    first.account.stop().await;
    Rig::try_start("sales", login("bot_7", "x.y.z", false), &registry).await.expect("the place is free again");
}

#[tokio::test(start_paused = true)]
async fn another_user_on_the_same_server_is_another_login() {
    let registry = Arc::new(Registry::default());
    let _first = Rig::try_start("support", login("bot_7", "a.b.c", false), &registry).await.unwrap();
    let _second = Rig::try_start("sales", login("bot_8", "a.b.c", false), &registry).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn kick_of_a_retired_connection_is_ignored_after_its_answer_is_read() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let kicked = rig.send("user:alice", "m1", "hi");
    peer.request().await;
    rig.account.tokens().offer(&Redacted::new("d.e.f".into())).await;
    peer.unsolicited(ops::KICK_ONLINE_MSG, None).await;
    let next = rig.upgraded().await;
    assert!(next.query.contains("token=d.e.f"), "{}", next.query);
    assert_eq!(rig.account.status().last_error_code, None);
    kicked.abort();

    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let waiting = rig.send("user:alice", "m1", "hi");
    let request = peer.request().await;
    rig.account.tokens().offer(&Redacted::new("d.e.f".into())).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let stored =
        SendMsgResp { server_msg_id: "s1".into(), client_msg_id: "m1".into(), send_time: 1, ..SendMsgResp::default() };
    peer.answer(&request, &stored).await;
    assert_eq!(waiting.await.unwrap().unwrap().server_id, "s1");
    assert!(peer.is_left().await);
    rig.online().await;
}

#[tokio::test(start_paused = true)]
async fn a_retired_connection_ends_after_two_seconds_at_the_latest() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let waiting = rig.send("user:alice", "m1", "hi");
    peer.request().await;
    let replaced = Instant::now();
    rig.account.tokens().offer(&Redacted::new("d.e.f".into())).await;
    assert!(peer.is_left().await);
    let took = replaced.elapsed();
    assert!((Duration::from_secs(2)..Duration::from_secs(3)).contains(&took), "{took:?}");
    waiting.abort();
}
