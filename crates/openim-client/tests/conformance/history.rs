//! Conformance of the client: reading messages of the past, and finding one to take back.

use std::time::Duration;

use base::Kind;
use openim_client::Login;
use openim_client::limits::READABLE_AFTER;
use openim_core::wire::pb::MsgData;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{Peer, Rig, login, text_from_alice};

const CHAT: &str = "si_alice_bot_7";

fn argument<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn stored(seq: i64) -> MsgData {
    text_from_alice(&format!("m{seq}"), seq, "stored")
}

/// An account whose REST API cannot be reached, so that a call ends with `OPENIM_OFFLINE` once it has found the message.
async fn without_rest() -> Rig {
    Rig::with_login(Login { api_addr: "http://127.0.0.1:1".parse().unwrap(), ..login("bot_7", "a.b.c", false) }).await
}

async fn revocation(rig: &Rig, peer: &mut Peer, message: Value, newest: i64, of: impl Fn(i64) -> MsgData) -> Kind {
    tokio::select! {
        revoked = rig.calls.revoke_message(argument(message)) => revoked.unwrap_err().kind(),
        () = peer.serve_forever(CHAT, newest, of) => unreachable!("it serves for ever"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_newest_place_is_read_once_the_server_can_have_stored_it() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    for wait in [READABLE_AFTER, Duration::ZERO] {
        let began = Instant::now();
        let query = argument(json!({"conversationID": CHAT, "count": 10}));
        let (page, ()) = tokio::join!(rig.calls.get_advanced_history_message_list(query), peer.serve(CHAT, 3, stored));
        assert_eq!(page.unwrap().messages.len(), 3);
        assert!((wait..wait + Duration::from_millis(100)).contains(&began.elapsed()), "{:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_sent_just_now_is_looked_for_until_it_is_stored() {
    let mut rig = without_rest().await;
    let mut peer = rig.online().await;
    let sending = rig.send("user:alice", "mine", "a mistake");
    peer.take_message().await;
    sending.await.unwrap().unwrap();
    let message = json!({"conversationID": CHAT, "clientMsgID": "mine"});
    let stored_at = Instant::now() + Duration::from_millis(700);
    let own = |seq| match Instant::now() < stored_at {
        true => MsgData { seq, ..MsgData::default() },
        false => MsgData { send_id: "bot_7".into(), ..text_from_alice("mine", seq, "a mistake") },
    };
    assert_eq!(revocation(&rig, &mut peer, message, 1, own).await, Kind::Offline);
}

#[tokio::test(start_paused = true)]
async fn a_message_of_which_nothing_is_known_is_looked_for_once() {
    let mut rig = without_rest().await;
    let mut peer = rig.online().await;
    let message = json!({"conversationID": CHAT, "clientMsgID": "unknown"});
    let began = Instant::now();
    assert_eq!(revocation(&rig, &mut peer, message, 3, stored).await, Kind::Config);
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn the_place_of_another_message_is_refused() {
    let mut rig = without_rest().await;
    let mut peer = rig.online().await;
    let at = |id: &str, seq: i64| json!({"conversationID": CHAT, "clientMsgID": id, "seq": seq});
    assert_eq!(revocation(&rig, &mut peer, at("m2", 3), 3, stored).await, Kind::Config);
    assert_eq!(revocation(&rig, &mut peer, at("m3", 3), 3, stored).await, Kind::Offline);
    assert_eq!(revocation(&rig, &mut peer, at("", 3), 3, stored).await, Kind::Offline);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_ends_before_the_newest_place_is_read_at_once() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let began = Instant::now();
    let query = argument(json!({"conversationID": CHAT, "startSeq": 3, "count": 10}));
    let (page, ()) = tokio::join!(rig.calls.get_advanced_history_message_list(query), peer.serve(CHAT, 3, stored));
    assert_eq!(page.unwrap().messages.len(), 2);
    assert!(began.elapsed() < READABLE_AFTER);
}
