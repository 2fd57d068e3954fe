//! Conformance of the client: what it finds out about its server, and what a hostile server or a second program can do.

use std::time::Duration;

use base::Kind;
use channel::Event;
use openim_client::{Login, SenderPolicy};
use openim_core::wire::errcode;
use openim_core::wire::pb::MsgData;
use tokio::time::timeout;

use crate::support::{Peer, Rig, login, sent_message, text_from_alice};

const CHAT: &str = "si_alice_bot_7";
const MINUTE: Duration = Duration::from_secs(60);

fn refusing() -> Login {
    Login { sender_policy: SenderPolicy::Refuse, ..login("bot_7", "a.b.c", false) }
}

/// Lets the client go on for a while; the peer answers what it answers by itself.
async fn passes(peer: &mut Peer, time: Duration) {
    assert!(timeout(time, peer.request()).await.is_err(), "an unexpected request");
}

/// The lines for the operator so far.
async fn notes(rig: &Rig) -> Vec<String> {
    let mut notes = Vec::new();
    while let Ok(batch) = timeout(Duration::from_millis(1), rig.account.next_batch()).await {
        notes.extend(batch.expect("the account has ended").notes);
    }
    notes
}

#[tokio::test(start_paused = true)]
async fn the_status_says_whether_the_server_checks_senders() {
    for (answer, verified, warnings) in
        [(errcode::NO_PERMISSION, Some(true), 0), (errcode::ARGS, Some(false), 1), (errcode::SERVER_INTERNAL, None, 0)]
    {
        let mut rig = Rig::start().await;
        let mut peer = rig.accepted().await;
        peer.sender_check = answer;
        peer.sync().await;
        passes(&mut peer, Duration::from_millis(100)).await;
        assert_eq!(rig.account.status().sender_verified, verified, "{answer}");
        let said = notes(&rig).await;
        assert_eq!(said.iter().filter(|line| line.contains("lets anyone write as anyone")).count(), warnings);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_checks_no_senders_is_not_used_if_refused() {
    let mut rig = Rig::with_login(refusing()).await;
    let mut peer = rig.accepted().await;
    peer.push(CHAT, vec![text_from_alice("forged", 1, "hi")]).await;
    peer.check_sender(errcode::ARGS).await;
    let mut messages = 0;
    while let Some(batch) = rig.account.next_batch().await {
        messages += batch.messages.len();
    }
    let error = rig.account.closing_error().unwrap();
    assert_eq!((messages, error.kind()), (0, Kind::Config));
    assert!(error.message().contains("set requireVerifiedSender to \"warn\""), "{error}");
    rig.stays_away(MINUTE).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_taken_before_the_server_was_checked() {
    let mut rig = Rig::with_login(refusing()).await;
    let mut peer = rig.accepted().await;
    peer.push(CHAT, vec![text_from_alice("early", 1, "hi")]).await;
    peer.check_sender(errcode::NO_PERMISSION).await;
    peer.maxima.insert(CHAT.into(), 1);
    peer.sync().await;
    rig.account.online().await.unwrap();
    assert_eq!(rig.account.status().sender_verified, Some(true));
    peer.push(CHAT, vec![text_from_alice("later", 2, "hi")]).await;
    // On a first start, what was there before is history.
    let ids: Vec<_> = rig.messages(1).await.iter().map(|delivery| delivery.message.id.clone()).collect();
    assert_eq!(ids, ["later"]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_cannot_be_checked_is_asked_again_if_refused() {
    let mut rig = Rig::with_login(refusing()).await;
    let mut peer = rig.accepted().await;
    peer.check_sender(errcode::SERVER_INTERNAL).await;
    rig.event(|event| matches!(event, Event::ConnectFailed(_))).await;
    let mut peer = rig.accepted().await;
    peer.check_sender(errcode::NO_PERMISSION).await;
    peer.sync().await;
    rig.account.online().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_message_of_another_program_with_the_same_token_is_noticed() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let own = |id: &str, seq| MsgData {
        send_id: "bot_7".into(),
        recv_id: "alice".into(),
        sender_platform_id: 5,
        msg_from: 100,
        ..text_from_alice(id, seq, "hi")
    };
    peer.push(CHAT, vec![own("of an earlier run", 1)]).await;
    passes(&mut peer, MINUTE).await;
    let sending = rig.send("user:alice", "mine", "hi");
    let request = peer.request().await;
    peer.ack(&request).await;
    peer.push(CHAT, vec![MsgData { seq: 2, ..sent_message(&request) }]).await;
    sending.await.unwrap().unwrap();
    peer.push(CHAT, vec![MsgData { sender_platform_id: 2, ..own("of my phone", 3) }]).await;
    passes(&mut peer, Duration::from_secs(1)).await;
    assert_eq!(rig.account.status().sent_elsewhere_at, None);
    peer.push(CHAT, vec![own("foreign", 4), own("foreign too", 5)]).await;
    passes(&mut peer, Duration::from_secs(1)).await;
    assert!(rig.account.status().sent_elsewhere_at.is_some());
    let said = notes(&rig).await;
    assert_eq!(said.iter().filter(|line| line.contains("another program writes as this account")).count(), 1);
}

const FORGOTTEN: &str = r#"{"errCode":1507,"errMsg":"TokenNotExistError","errDlt":""}"#;

#[tokio::test(start_paused = true)]
async fn a_cut_without_a_word_and_a_forgotten_token_are_a_kick() {
    let mut rig = Rig::start().await;
    drop(rig.online().await);
    rig.upgraded().await.text(FORGOTTEN).await;
    let events = rig.until_end().await;
    assert!(events.iter().any(|event| matches!(event, Event::Kicked(fault) if fault.err_code == 1507)), "{events:?}");
    assert!(rig.account.closing_error().unwrap().message().contains("another login of the same user"));
}

#[tokio::test(start_paused = true)]
async fn a_token_forgotten_during_an_outage_is_no_kick() {
    let mut rig = Rig::start().await;
    drop(rig.online().await);
    drop(rig.dialled().await);
    rig.upgraded().await.text(FORGOTTEN).await;
    let events = rig.until_end().await;
    assert!(events.iter().any(|event| matches!(event, Event::TokenInvalid(_))), "{events:?}");
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_malformed_frames_make_a_line_a_minute() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    for _ in 0..10 {
        for _ in 0..1_000 {
            peer.binary(b"no envelope".to_vec()).await;
        }
        passes(&mut peer, Duration::from_secs(10)).await;
    }
    let said = notes(&rig).await;
    let lines: Vec<_> = said.iter().filter(|line| line.starts_with("skipped")).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_any_length_becomes_one_short_clean_line() {
    let mut rig = Rig::start().await;
    let words = format!("a\\u001b[2J\\r\\nb{}", "x".repeat(1_000_000));
    let mut peer = rig.upgraded().await;
    peer.text(&format!(r#"{{"errCode":1505,"errMsg":"{words}","errDlt":""}}"#)).await;
    rig.until_end().await;
    let text = rig.account.closing_error().unwrap().to_string();
    assert!(text.len() < 600 && !text.chars().any(char::is_control), "{text:.600}");
}

#[tokio::test(start_paused = true)]
async fn a_large_frame_is_decoded_elsewhere_and_keeps_its_place() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let large = "x".repeat(3 << 20);
    peer.push(CHAT, vec![text_from_alice("large", 1, &large)]).await;
    peer.push(CHAT, vec![text_from_alice("small", 2, "hi")]).await;
    let ids: Vec<_> = rig.messages(2).await.iter().map(|delivery| delivery.message.id.clone()).collect();
    assert_eq!(ids, ["large", "small"]);
}

#[tokio::test(start_paused = true)]
async fn a_frame_of_millions_of_empty_messages_is_skipped() {
    let mut rig = Rig::with_login(login("bot_7", "a.b.c", true)).await;
    let mut peer = rig.online().await;
    // `msgs` with one entry, whose messages are two bytes each.
    let messages = [0x0a, 0x00].repeat(5_000_000);
    let mut entry = vec![0x0a, 0x01, b'c', 0x12];
    prost::encoding::encode_varint(messages.len() as u64, &mut entry);
    entry.extend(messages);
    let mut push = vec![0x0a];
    prost::encoding::encode_varint(entry.len() as u64, &mut push);
    push.extend(entry);
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, push);
    peer.unsolicited(openim_core::wire::ops::PUSH_MSG, Some(data)).await;
    peer.push(CHAT, vec![text_from_alice("after", 1, "hi")]).await;
    assert_eq!(rig.messages(1).await[0].message.id, "after");
    assert_eq!(rig.account.status().reconnects, 0);
}
