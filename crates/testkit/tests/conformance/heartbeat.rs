//! Heartbeats, deadlines, sizes.

use std::time::Duration;

use openim_core::limits::FRAME_OUT_MAX;
use openim_core::wire::ops;
use openim_core::wire::pb::GetMaxSeqReq;
use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::Message;

use crate::support::*;

#[tokio::test(start_paused = true)]
async fn case_11_a_text_ping_is_answered_with_its_body() {
    let mut peer = RawClient::login(&server(), "bot_7", WEB).await;
    for (ping, body) in [(r#"{"type":"ping"}"#, "null"), (r#"{"type":"ping","body":{"x":1}}"#, r#"{"x":1}"#)] {
        peer.write(Message::text(ping)).await;
        let pong: serde_json::Value = serde_json::from_str(&peer.text().await).unwrap();
        assert_eq!((pong["type"].as_str(), pong["body"].to_string()), (Some("pong"), body.to_owned()));
    }
    peer.write(Message::text(r#"{"type":"pong"}"#)).await;
    peer.assert_nothing_waits().await;
}

#[tokio::test(start_paused = true)]
async fn case_12_a_websocket_ping_is_answered_with_its_payload() {
    let mut peer = RawClient::login(&server(), "bot_7", WINDOWS).await;
    peer.write(Message::Ping("tick".into())).await;
    assert!(matches!(peer.next().await, Some(Message::Pong(payload)) if payload == "tick"));
}

#[tokio::test(start_paused = true)]
async fn case_12_thirty_silent_seconds_end_the_connection() {
    let server = server();
    let mut peer = RawClient::login(&server, "bot_7", WINDOWS).await;
    let since = Instant::now();
    assert_eq!(peer.gone().await, ConnectionEnd::Dropped);
    assert_eq!(since.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn case_12_a_ping_every_twenty_seconds_keeps_it() {
    let server = server();
    let mut peer = RawClient::login(&server, "bot_7", WINDOWS).await;
    for _ in 0..10 {
        sleep(Duration::from_secs(20)).await;
        peer.write(Message::Ping("tick".into())).await;
        assert!(matches!(peer.next().await, Some(Message::Pong(_))));
    }
    assert_eq!(server.connections("bot_7"), 1);
}

#[tokio::test(start_paused = true)]
async fn case_13_a_browser_is_pinged_every_27_seconds() {
    let mut peer = RawClient::login(&server(), "bot_7", WEB).await;
    for _ in 0..3 {
        // Reading answers the ping, which keeps the connection alive.
        let since = Instant::now();
        assert!(matches!(peer.next().await, Some(Message::Ping(payload)) if payload.is_empty()));
        assert_eq!(since.elapsed().as_secs(), 27);
    }
}

#[tokio::test(start_paused = true)]
async fn case_13_other_platforms_are_not_pinged() {
    let mut peer = RawClient::login(&server(), "bot_7", WINDOWS).await;
    sleep(Duration::from_secs(28)).await;
    peer.assert_nothing_waits().await;
}

#[tokio::test(start_paused = true)]
async fn case_15_any_other_text_ends_the_connection() {
    let server = server();
    for text in ["hello", r#"{"type":"x"}"#, "{}", r#"{"errCode":0}"#] {
        let mut peer = RawClient::login(&server, "bot_7", WINDOWS).await;
        peer.write(Message::text(text)).await;
        assert_eq!(peer.gone().await, ConnectionEnd::Dropped, "{text}");
    }
}

/// A request padded to exactly `len` bytes.
fn padded(peer: &mut RawClient, len: usize) -> Message {
    let request = peer.request(ops::GET_NEWEST_SEQ, &GetMaxSeqReq { user_id: peer.user_id.clone() });
    let mut bytes = openim_core::wire::envelope::encode(&request);
    bytes.resize(len, b' ');
    Message::Binary(bytes.into())
}

#[tokio::test(start_paused = true)]
async fn case_16_the_largest_frame_has_51200_bytes() {
    let server = server();
    let mut peer = RawClient::login(&server, "bot_7", WINDOWS).await;
    let fits = padded(&mut peer, FRAME_OUT_MAX);
    peer.write(fits).await;
    assert_eq!(peer.response().await.err_code, 0);
    let too_long = padded(&mut peer, FRAME_OUT_MAX + 1);
    peer.write(too_long).await;
    assert_eq!(peer.gone().await, ConnectionEnd::Code(1009));
}

#[tokio::test(start_paused = true)]
async fn case_17_gzip_compresses_binary_frames_in_both_directions() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    let mut peer = RawClient::login_with(&server, "bot_7", &(query("bot_7", &token, WEB) + "&compression=gzip")).await;
    let request = peer.request(ops::GET_NEWEST_SEQ, &GetMaxSeqReq { user_id: "bot_7".into() });
    peer.write_envelope(&request).await;
    let Some(Message::Binary(packed)) = peer.next().await else { panic!("no answer") };
    assert_eq!(packed[..2], [0x1f, 0x8b]);
    server.send_as("alice", testkit::Recipient::User("bot_7"), "packed, too").unwrap();
    assert_eq!(peer.pushed().await.0, "si_alice_bot_7");
    peer.assert_nothing_waits().await;
    peer.gzip = false;
    peer.write_envelope(&request).await;
    assert_eq!(peer.gone().await, ConnectionEnd::Dropped, "a frame that is not packed");
}
