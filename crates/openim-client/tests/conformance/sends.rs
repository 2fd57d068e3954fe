//! Conformance of the client: what becomes of a message on its way out, whatever happens to its answer.

use std::time::Duration;

use base::Kind;
use channel::{Body, Event, Outgoing, Push, Target};
use openim_core::wire::pb::MsgData;
use tokio::time::Instant;

use crate::support::{Rig, sent_message};

const CHAT: &str = "si_alice_bot_7";

/// What the server keeps of a message it took.
fn kept(message: &MsgData, seq: i64) -> MsgData {
    MsgData { seq, server_msg_id: format!("s-{}", message.client_msg_id), send_time: 77, status: 2, ..message.clone() }
}

#[tokio::test(start_paused = true)]
async fn case_38_a_stored_message_without_answer_is_not_sent_again() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let sending = rig.send("user:alice", "lost", "hi");
    let message = sent_message(&peer.request().await);
    drop(peer);
    let mut peer = rig.accepted().await;
    peer.maxima.insert(CHAT.into(), 1);
    peer.sync().await;
    // The ordinary catching up finds it first; the look would as well.
    peer.serve(CHAT, 1, |seq| kept(&message, seq)).await;
    assert_eq!(sending.await.unwrap().unwrap().server_id, "s-lost");
    rig.quiet(Duration::from_secs(15)).await;
}

#[tokio::test(start_paused = true)]
async fn case_38_a_message_that_was_not_stored_is_sent_again_with_the_same_id() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let sending = rig.send("user:alice", "lost", "hi");
    peer.request().await;
    drop(peer);
    let mut peer = rig.online().await;
    let again = peer.until_sent(CHAT, 0, |_| unreachable!("there is nothing to pull")).await;
    assert_eq!(sent_message(&again).client_msg_id, "lost");
    peer.ack(&again).await;
    assert_eq!(sending.await.unwrap().unwrap().server_id, "s-lost");
}

#[tokio::test(start_paused = true)]
async fn case_39_a_lost_answer_delays_no_other_chat_and_order_is_kept() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let first = rig.send("user:alice", "a1", "1");
    let unanswered = peer.request().await;
    let began = Instant::now();
    let other = rig.send("user:bob", "b1", "1");
    peer.take_message().await;
    other.await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(1));
    let second = rig.send("user:alice", "a2", "2");
    assert_eq!(sent_message(&peer.request().await).client_msg_id, "a2", "it follows at once while all is well");
    drop((unanswered, peer));
    // The connection is lost: both are looked for, then sent again in the order of the calls.
    let mut peer = rig.online().await;
    let again = [peer.until_sent(CHAT, 0, |_| unreachable!()).await, peer.request().await];
    assert_eq!(again.each_ref().map(|request| sent_message(request).client_msg_id), ["a1", "a2"]);
    for request in &again {
        peer.ack(request).await;
    }
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_on_a_standing_connection_is_waited_for() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let sending = rig.send("user:alice", "slow", "hi");
    let request = peer.request().await;
    // A second message on the wire would be an unexpected request.
    let looks = peer.serve_forever(CHAT, 0, |_| unreachable!("nothing is stored"));
    assert!(tokio::time::timeout(Duration::from_secs(35), looks).await.is_err());
    peer.ack(&request).await;
    assert_eq!(sending.await.unwrap().unwrap().server_id, "s-slow");
}

#[tokio::test(start_paused = true)]
async fn a_message_stored_late_after_a_lost_connection_is_not_sent_twice() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let sending = rig.send("user:alice", "late", "hi");
    let message = sent_message(&peer.request().await);
    drop(peer);
    let mut peer = rig.online().await;
    let looks = peer.serve_forever(CHAT, 0, |_| unreachable!("nothing is stored yet"));
    assert!(tokio::time::timeout(Duration::from_secs(8), looks).await.is_err());
    peer.serve(CHAT, 1, |seq| kept(&message, seq)).await;
    assert_eq!(sending.await.unwrap().unwrap().server_id, "s-late");
}

#[tokio::test(start_paused = true)]
async fn an_error_500_to_a_message_that_was_stored_is_a_success() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let sending = rig.send("user:alice", "odd", "hi");
    let request = peer.request().await;
    peer.respond(&request, 500, "ServerInternalError", None).await;
    peer.serve(CHAT, 1, |seq| kept(&sent_message(&request), seq)).await;
    assert_eq!(sending.await.unwrap().unwrap().server_id, "s-odd");
}

#[tokio::test(start_paused = true)]
async fn an_error_500_to_a_message_that_is_not_found_may_be_delivered() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let began = Instant::now();
    let sending = rig.send("user:alice", "odd", "hi");
    let request = peer.request().await;
    peer.respond(&request, 500, "ServerInternalError", None).await;
    let server = tokio::spawn(async move { peer.serve_forever(CHAT, 0, |_| unreachable!()).await });
    let error = sending.await.unwrap().unwrap_err();
    assert_eq!((error.err_code(), error.is_maybe_delivered(), began.elapsed().as_secs()), (Some(500), true, 10));
    server.abort();
}

#[tokio::test(start_paused = true)]
async fn an_acknowledged_message_that_the_server_dropped_is_noticed() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let sending = rig.send("user:alice", "dropped", "hi");
    let request = peer.request().await;
    peer.ack(&request).await;
    sending.await.unwrap().unwrap();
    let looks = peer.serve_forever(CHAT, 0, |_| unreachable!("nothing is stored"));
    assert!(tokio::time::timeout(Duration::from_secs(15), looks).await.is_err());
    assert_eq!(rig.account.status().not_stored, 1);
}

#[tokio::test(start_paused = true)]
async fn messages_of_one_chat_leave_in_the_order_of_the_calls() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let sends: Vec<_> = (0..200).map(|n| rig.send("user:alice", &format!("m{n}"), "x")).collect();
    for n in 0..200 {
        assert_eq!(peer.take_message().await.client_msg_id, format!("m{n}"));
    }
    for send in sends {
        send.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn case_40_the_own_echo_is_never_input_before_or_after_the_answer() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    for (seq, echo_first) in [(1, true), (2, false)] {
        let sending = rig.send("user:alice", &format!("mine {seq}"), "hi");
        let request = peer.request().await;
        let echo = kept(&sent_message(&request), seq);
        if echo_first {
            peer.push(CHAT, vec![echo]).await;
            peer.ack(&request).await;
        } else {
            peer.ack(&request).await;
            peer.push(CHAT, vec![echo]).await;
        }
        assert_eq!(sending.await.unwrap().unwrap().server_id, format!("s-mine {seq}"));
    }
    rig.quiet(Duration::from_secs(15)).await;
}

#[tokio::test(start_paused = true)]
async fn a_message_from_another_device_of_the_account_is_not_input() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let elsewhere = MsgData { send_id: "bot_7".into(), ..crate::support::text_from_alice("elsewhere", 1, "hi") };
    peer.push(CHAT, vec![elsewhere]).await;
    rig.quiet(Duration::from_secs(15)).await;
}

#[tokio::test(start_paused = true)]
async fn case_83_a_message_that_was_acknowledged_and_never_stored_is_reported() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let began = Instant::now();
    let sending = rig.send_until_stored("user:alice", "vanished", "hi");
    let request = peer.request().await;
    peer.ack(&request).await;
    let server = tokio::spawn(async move { peer.serve_forever(CHAT, 0, |_| unreachable!()).await });
    let error = sending.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_delivered()), (Kind::Server, true), "the server may still store it");
    assert!(error.message().contains("did not store it"), "{error}");
    assert_eq!(began.elapsed().as_secs(), 10);
    server.abort();
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_to_be_stored_is_sent_when_its_echo_comes() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let sending = rig.send_until_stored("user:alice", "kept", "hi");
    let request = peer.request().await;
    peer.ack(&request).await;
    peer.push(CHAT, vec![kept(&sent_message(&request), 1)]).await;
    assert_eq!(sending.await.unwrap().unwrap().server_id, "s-kept");
}

#[tokio::test(start_paused = true)]
async fn a_fate_that_stays_unknown_ends_after_forty_seconds_as_maybe_delivered() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let began = Instant::now();
    let sending = rig.send("user:alice", "lost", "hi");
    peer.request().await;
    // The server answers nothing but heartbeats any more.
    let server = tokio::spawn(async move { peer.heartbeats_only().await });
    let error = sending.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_delivered(), began.elapsed().as_secs()), (Kind::Timeout, true, 40));
    server.abort();
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_server_id_is_not_a_success() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let sending = rig.send("user:alice", "odd", "hi");
    let request = peer.request().await;
    let message = sent_message(&request);
    peer.respond(&request, 0, "", None).await;
    peer.serve(CHAT, 1, |seq| kept(&message, seq)).await;
    assert_eq!(sending.await.unwrap().unwrap().server_id, "s-odd", "it was looked for and found");
}

#[tokio::test(start_paused = true)]
async fn an_offline_send_waits_and_fails_undispatched_after_15_seconds() {
    let mut rig = Rig::start().await;
    let waiting = rig.send("user:alice", "patient", "hi");
    tokio::time::sleep(Duration::from_secs(9)).await;
    let mut peer = rig.online().await;
    assert_eq!(peer.take_message().await.client_msg_id, "patient");
    waiting.await.unwrap().unwrap();

    drop(peer);
    rig.event(|event| matches!(event, Event::Disconnected(_))).await;
    let began = Instant::now();
    let error = rig.send("user:alice", "late", "hi").await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_delivered(), began.elapsed().as_secs()), (Kind::Offline, false, 15));
    assert_eq!(error.message(), "multi-openim account \"a\" is not connected");
}

#[tokio::test(start_paused = true)]
async fn own_echoes_are_never_input_whatever_the_order() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let sent = rig.send("user:alice", "mine", "hi");
    let request = peer.request().await;
    let echo =
        openim_core::wire::pb::MsgData { seq: 1, server_msg_id: "s".into(), status: 2, ..sent_message(&request) };
    peer.push("si_alice_bot_7", vec![echo.clone()]).await;
    peer.ack(&request).await;
    peer.push("si_alice_bot_7", vec![echo]).await;
    sent.await.unwrap().unwrap();
    rig.quiet(Duration::from_secs(60)).await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_settles_what_waits_at_once() {
    let mut rig = Rig::start().await;
    drop(rig.online().await);
    rig.event(|event| matches!(event, Event::Disconnected(_))).await;
    let waiting = rig.send("user:alice", "late", "hi");
    let began = Instant::now();
    rig.account.stop().await;
    let error = waiting.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_delivered()), (Kind::Closed, false));
    assert!(began.elapsed() < Duration::from_secs(1));
}

fn outgoing(id: &str) -> Outgoing {
    let body = Body::Wire { kind: 106, content: r#"{"text":"@all hi","atUserList":["AtAllTag"]}"#.into() };
    Outgoing::new(Target::parse("group:g100").unwrap(), id, 1, body)
}

#[tokio::test(start_paused = true)]
async fn case_42_mentions_and_push_preview_travel_outside_the_content() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let push = Push { title: "t".into(), text: "d".into(), extra: "x".into(), sound: "s".into(), badge: false };
    let mentions = vec!["AtAllTag".to_owned()];
    let message = Outgoing { mentions, push: Some(push), extra: "mine".into(), ..outgoing("m1") };
    let sending = tokio::spawn(rig.account.send(message));
    let written = peer.take_message().await;
    assert_eq!((written.at_user_id_list, written.ex.as_str()), (vec!["AtAllTag".to_owned()], "mine"));
    let shown = written.offline_push_info.unwrap();
    assert_eq!((shown.title.as_str(), shown.desc.as_str(), shown.i_os_badge_count), ("t", "d", false));
    assert!(written.options.is_empty());
    assert_eq!(sending.await.unwrap().unwrap().id, "m1");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_stored_nowhere_is_never_written_twice() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let sending = tokio::spawn(rig.account.send(Outgoing { ephemeral: true, until_stored: true, ..outgoing("m1") }));
    let written = sent_message(&peer.request().await);
    let off = ["history", "persistent", "unreadCount", "conversationUpdate", "offlinePush", "senderSync"];
    assert!(off.iter().all(|name| !written.options[*name]), "{:?}", written.options);
    drop(peer);
    let error = sending.await.unwrap().unwrap_err();
    assert!(error.is_maybe_delivered(), "{error}");
    let mut peer = rig.online().await;
    let sending = rig.send("group:g100", "m2", "the next");
    assert_eq!(peer.take_message().await.client_msg_id, "m2");
    assert!(sending.await.unwrap().is_ok());
}
