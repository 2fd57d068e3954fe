//! Rows of the fault matrix: bytes that stop, lie or come in pieces. Whatever they do, the account connects again.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use channel::{Account, BoxFuture, Event};
use futures_util::SinkExt as _;
use openim_client::{Dialer, Stream};
use openim_core::limits::FRAME_IN_MAX;
use openim_core::wire::envelope::{self, Response};
use openim_core::wire::ops;
use openim_core::wire::pb::{PullMsgs, PushMessages};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, frame::coding::CloseCode};

use crate::support::*;

const CHAT: &str = "si_alice_bot_7";

/// A push as the bytes of an envelope.
fn push(id: &str) -> Vec<u8> {
    let pulled = PullMsgs { msgs: vec![text_from_alice(id, 1, "whole")], ..PullMsgs::default() };
    let messages = PushMessages { msgs: [(CHAT.to_owned(), pulled)].into(), ..PushMessages::default() };
    envelope::encode(&Response {
        req_identifier: ops::PUSH_MSG,
        msg_incr: String::new(),
        operation_id: "op".into(),
        err_code: 0,
        err_msg: String::new(),
        data: Some(envelope::data(&messages)),
    })
}

/// A websocket frame of a server; `first` is its first byte.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![first, 126];
    bytes.extend(length);
    bytes.extend(payload);
    bytes
}

async fn raw(peer: &mut Peer, bytes: &[u8]) {
    let io = peer.socket.get_mut();
    io.write_all(bytes).await.unwrap();
    io.flush().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_frame_cut_at_any_byte_delivers_nothing_and_is_recovered_from() {
    let mut rig = Rig::start().await;
    let whole = frame(0x82, &push("m1"));
    for cut in 1..whole.len() {
        let mut peer = rig.online().await;
        raw(&mut peer, &whole[..cut]).await;
        drop(peer);
        rig.event(|event| matches!(event, Event::Disconnected(_))).await;
    }
    let mut peer = rig.online().await;
    assert_eq!(rig.account.status().received, 0);
    raw(&mut peer, &whole).await;
    assert_eq!(rig.messages(1).await[0].message.text, "whole");
}

#[tokio::test(start_paused = true)]
async fn a_frame_in_fragments_is_one_frame() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let payload = push("m1");
    let (head, tail) = payload.split_at(payload.len() / 2);
    raw(&mut peer, &frame(0x02, head)).await;
    // A control frame may come between two fragments.
    raw(&mut peer, &[0x89, 0]).await;
    raw(&mut peer, &frame(0x80, tail)).await;
    assert_eq!(rig.messages(1).await[0].message.text, "whole");
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_claims_to_be_too_large_ends_the_connection_at_once() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let before = rig.elapsed();
    let mut header = vec![0x82, 127];
    header.extend((FRAME_IN_MAX as u64 + 1).to_be_bytes());
    raw(&mut peer, &header).await;
    rig.event(|event| matches!(event, Event::Disconnected(_))).await;
    assert!(rig.elapsed() - before < Duration::from_millis(10), "it does not wait for the bytes");
    rig.online().await;
}

#[tokio::test(start_paused = true)]
async fn whatever_close_code_the_server_gives_the_account_comes_back() {
    let mut rig = Rig::start().await;
    for code in [CloseCode::Normal, CloseCode::Away, CloseCode::Policy, CloseCode::Restart, CloseCode::Again] {
        let mut peer = rig.online().await;
        let close = CloseFrame { code, reason: "reason".into() };
        peer.socket.send(Message::Close(Some(close))).await.unwrap();
        rig.event(|event| matches!(event, Event::Disconnected(_))).await;
    }
    rig.online().await;
    assert_eq!(rig.account.status().reconnects, 5);
}

#[tokio::test(start_paused = true)]
async fn silence_is_found_within_22_seconds_in_spite_of_own_writes() {
    let mut rig = Rig::start().await;
    let peer = rig.online().await;
    let before = rig.elapsed();
    let chatter = async {
        for n in 0.. {
            drop(rig.send("user:alice", &format!("m{n}"), "hello?"));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        () = chatter => {}
        _ = rig.event(|event| matches!(event, Event::Disconnected(_))) => {}
    }
    assert_eq!((rig.elapsed() - before).as_secs(), 22);
    drop(peer);
    rig.online().await;
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_hangs_is_left_after_ten_seconds() {
    let mut rig = Rig::start().await;
    let mut io = rig.dialled().await;
    let mut asked = Vec::new();
    io.read_to_end(&mut asked).await.unwrap();
    assert!(asked.starts_with(b"GET "));
    assert_eq!(rig.elapsed().as_secs(), 10);
    rig.online().await;
}

#[tokio::test(start_paused = true)]
async fn after_a_sleep_of_an_hour_the_account_connects_again_at_once() {
    let mut rig = Rig::start().await;
    let peer = rig.online().await;
    // A suspended machine: time has passed, and nothing of it was lived through.
    tokio::time::advance(Duration::from_secs(3600)).await;
    let woken = rig.elapsed();
    rig.event(|event| matches!(event, Event::Disconnected(_))).await;
    drop(peer);
    rig.online().await;
    assert!(rig.elapsed() - woken < Duration::from_secs(1), "{:?}", rig.elapsed() - woken);
    assert_eq!(rig.account.status().reconnects, 1);
}

/// A network in which nothing is found, or nothing answers.
struct DeadNetwork {
    hangs: bool,
    dials: std::sync::atomic::AtomicU32,
}

impl Dialer for DeadNetwork {
    fn dial<'a>(&'a self, _host: &'a str, _port: u16) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        self.dials.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let hangs = self.hangs;
        Box::pin(async move {
            if hangs {
                std::future::pending::<()>().await;
            }
            Err(io::Error::other("failed to look up the address"))
        })
    }
}

async fn on_a_dead_network(hangs: bool) -> (Account, Arc<DeadNetwork>) {
    let network = Arc::new(DeadNetwork { hangs, dials: 0.into() });
    let account = start_with_dialer(network.clone()).await;
    (account, network)
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_not_found_is_said_and_looked_up_again() {
    let (account, network) = on_a_dead_network(false).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let status = account.status();
    let text = status.last_error.unwrap();
    assert!(text.contains("no connection to wsAddr ws://gateway:10001") && text.contains("look up"), "{text}");
    assert!(network.dials.load(std::sync::atomic::Ordering::Relaxed) > 10);
    account.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_hanging_connection_ends_after_8_seconds_or_at_once_on_stop() {
    let (account, network) = on_a_dead_network(true).await;
    tokio::time::sleep(Duration::from_millis(8_300)).await;
    assert!(account.status().last_error.unwrap().contains("does not answer"));
    assert_eq!(network.dials.load(std::sync::atomic::Ordering::Relaxed), 2, "the next attempt comes at once");
    let stopping = tokio::time::Instant::now();
    account.stop().await;
    assert!(stopping.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_wall_clock_that_jumps_changes_no_wait() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    for hours in [-1, 2] {
        rig.clock.jump(hours * 3_600_000);
        peer.push(CHAT, vec![text_from_alice(&format!("m{hours}"), if hours < 0 { 1 } else { 2 }, "still here")]).await;
        assert_eq!(rig.messages(1).await.len(), 1);
    }
    drop(peer);
    let lost = tokio::time::Instant::now();
    rig.clock.jump(-86_400_000);
    rig.online().await;
    assert!(lost.elapsed() <= Duration::from_millis(250), "{:?}", lost.elapsed());
}
