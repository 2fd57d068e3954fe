//! Conformance of the client: envelopes, requests and their answers, sends, and what a hostile frame does.

use std::time::Duration;

use crate::support::{Rig, sent_message, text_from_alice};
use base::Kind;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openim_core::limits::CONTENT_MAX;
use openim_core::wire::ops;
use openim_core::wire::pb::PushMessages;
use prost::Message as _;

#[tokio::test(start_paused = true)]
async fn case_16_a_message_that_is_too_large_fails_before_it_is_written() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let error = rig.send("user:alice", "big", &"x".repeat(CONTENT_MAX)).await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_delivered()), (Kind::TooLarge, false));
    let small = rig.send("user:alice", "small", "fits");
    assert_eq!(peer.take_message().await.client_msg_id, "small", "nothing of the large one was written");
    small.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_largest_allowed_content_fits_the_servers_frame() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let overhead = r#"{"content":""}"#.len();
    let sent = rig.send("user:alice", "max", &"x".repeat(CONTENT_MAX - overhead));
    let request = peer.request().await;
    assert!(openim_core::wire::envelope::encode(&request).len() <= openim_core::limits::FRAME_OUT_MAX);
    peer.ack(&request).await;
    sent.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn case_22_answers_in_reverse_order_find_their_requests() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let (first, second) = (rig.send("user:alice", "one", "1"), rig.send("user:bob", "two", "2"));
    let (a, b) = (peer.request().await, peer.request().await);
    peer.ack(&b).await;
    peer.ack(&a).await;
    let (first, second) = (first.await.unwrap().unwrap(), second.await.unwrap().unwrap());
    assert_eq!((first.server_id.as_str(), second.server_id.as_str()), ("s-one", "s-two"));
}

#[tokio::test(start_paused = true)]
async fn case_24_an_undecodable_frame_is_skipped_and_the_next_read() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    peer.binary(b"\x00\xffnot json".to_vec()).await;
    peer.unsolicited(ops::PUSH_MSG, Some("*not base64*".into())).await;
    peer.unsolicited(ops::PUSH_MSG, Some(STANDARD.encode(b"\xff\xff\xff"))).await;
    peer.binary(br#"{"reqIdentifier":"2001"}"#.to_vec()).await;
    peer.push("si_alice_bot_7", vec![text_from_alice("m1", 1, "still here")]).await;
    assert_eq!(rig.messages(1).await[0].message.text, "still here");
    let status = rig.account.status();
    assert!(status.connected && status.reconnects == 0);
}

#[tokio::test(start_paused = true)]
async fn case_25_unknown_identifiers_are_ignored() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    for odd in [2100, 3001, 4242, 0, -1] {
        peer.unsolicited(odd, Some("AAAA".into())).await;
    }
    peer.push("si_alice_bot_7", vec![text_from_alice("m1", 1, "on")]).await;
    assert_eq!(rig.messages(1).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn case_26_unknown_protobuf_fields_are_skipped() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let mut message = text_from_alice("m1", 1, "fields").encode_to_vec();
    // keyVersion (40, varint 7), dstUserIDs (41, "x") and a field nobody has named (1000, 8 bytes).
    message.extend([0xc0, 0x02, 7, 0xca, 0x02, 1, b'x', 0xc1, 0x3e, 1, 2, 3, 4, 5, 6, 7, 8]);
    let pulled = field(1, &message);
    let entry = [field(1, b"si_alice_bot_7"), field(2, &pulled)].concat();
    let push = field(1, &entry);
    assert_eq!(PushMessages::decode(push.as_slice()).unwrap().msgs.len(), 1);
    peer.unsolicited(ops::PUSH_MSG, Some(STANDARD.encode(push))).await;
    assert_eq!(rig.messages(1).await[0].message.text, "fields");
}

/// One length-delimited protobuf field.
fn field(tag: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![tag << 3 | 2];
    prost::encoding::encode_varint(bytes.len() as u64, &mut out);
    out.extend(bytes);
    out
}

#[tokio::test(start_paused = true)]
async fn case_35_the_same_message_stored_twice_is_delivered_once() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    peer.push("si_alice_bot_7", vec![text_from_alice("m1", 1, "twice")]).await;
    peer.push("si_alice_bot_7", vec![text_from_alice("m1", 2, "twice")]).await;
    peer.push("si_alice_bot_7", vec![text_from_alice("m2", 3, "last")]).await;
    let texts: Vec<_> = rig.messages(2).await.iter().map(|d| d.message.text.clone()).collect();
    assert_eq!(texts, ["twice", "last"]);
    rig.quiet(Duration::from_secs(60)).await;
    assert_eq!(rig.account.status().duplicates, 1);
}

#[tokio::test(start_paused = true)]
async fn case_41_a_sent_text_is_utf8_json_and_names_its_sender() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let sent = rig.send("group:g100", "out", "hi 你好 😀");
    let message = peer.take_message().await;
    assert_eq!(message.content, "{\"content\":\"hi 你好 😀\"}".as_bytes());
    assert_eq!((message.send_id.as_str(), message.group_id.as_str(), message.recv_id.as_str()), ("bot_7", "g100", ""));
    assert_eq!((message.session_type, message.content_type, message.status), (3, 101, 1));
    assert!(message.options.is_empty());
    assert_eq!(sent.await.unwrap().unwrap().conversation, "sg_g100");
}

#[tokio::test(start_paused = true)]
async fn a_refused_message_carries_the_servers_code() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let sent = rig.send("user:alice", "out", "hi");
    let request = peer.request().await;
    assert_eq!(sent_message(&request).recv_id, "alice");
    peer.respond(&request, 1302, "BlockedByPeer", None).await;
    let error = sent.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.err_code(), error.err_msg()), (Kind::Denied, Some(1302), Some("BlockedByPeer")));
    assert!(!error.is_maybe_delivered());
}
