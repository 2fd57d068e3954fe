//! A gateway that lies: foreign conversations, impossible numbers, answers to other questions, bombs.

use std::collections::BTreeMap;
use std::time::Duration;

use openim_core::limits::{GAP_MAX, PULL_PER_CONVERSATION, UNREADABLE_MAX};
use openim_core::message::text;
use openim_core::wire::envelope;
use openim_core::wire::pb::{GetMaxSeqResp, MsgData, PullMsgs, PushMessages};
use openim_core::wire::{compress, ops};
use testkit::{FaultRule, Recipient};
use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{CHAT, Rig, counted, server};

fn said(from: &str, to: &str, seq: i64, words: &str) -> MsgData {
    MsgData {
        send_id: from.into(),
        recv_id: to.into(),
        client_msg_id: format!("{from}-{words}-{seq}"),
        server_msg_id: format!("s{seq}"),
        session_type: 1,
        msg_from: 100,
        content_type: 101,
        content: text::encode(words),
        seq,
        send_time: 1,
        status: 2,
        ..MsgData::default()
    }
}

/// The answer to 1001, whoever asks.
fn standing(maxima: impl IntoIterator<Item = (String, i64)>) -> FaultRule {
    let answer = GetMaxSeqResp { max_seqs: maxima.into_iter().collect(), ..GetMaxSeqResp::default() };
    FaultRule { data: Some(envelope::data(&answer)), ..FaultRule::op(ops::GET_NEWEST_SEQ) }
}

#[tokio::test(start_paused = true)]
async fn a_gap_of_ten_millions_costs_two_hundred_pulls() {
    let rig = Rig::online().await;
    rig.still_hears("one").await;
    rig.server.skip_seqs(CHAT, 10_000_000);
    let before = rig.server.request_count(ops::PULL_MSG_BY_SEQ_LIST);
    assert!(rig.still_hears("beyond").await.is_empty());
    let pulls = rig.server.request_count(ops::PULL_MSG_BY_SEQ_LIST) - before;
    let bound = GAP_MAX as u64 / PULL_PER_CONVERSATION as u64;
    // Empty places among the newest are asked for again, twice.
    let again = 2 * (UNREADABLE_MAX as u64).div_ceil(PULL_PER_CONVERSATION as u64);
    assert!((bound..=bound + again + 1).contains(&pulls), "{pulls} pulls");
    assert_eq!(rig.account.status().reconnects, 0);
}

#[tokio::test(start_paused = true)]
async fn sequences_from_the_end_of_the_world_end_in_bounded_work() {
    for seq in [i64::MAX, i64::MAX - 1, 1 << 62, i64::from(u32::MAX)] {
        let rig = Rig::online().await;
        rig.still_hears("one").await;
        let before = rig.server.request_count(ops::PULL_MSG_BY_SEQ_LIST);
        rig.server.push_forged("bot_7", CHAT, vec![said("alice", "bot_7", seq, "from the future")]);
        sleep(Duration::from_secs(60)).await;
        let pulls = rig.server.request_count(ops::PULL_MSG_BY_SEQ_LIST) - before;
        assert!(pulls <= 260, "{pulls} pulls for {seq}");
        // The server then says where it stands; the account follows it, as after a reset.
        sleep(Duration::from_secs(200)).await;
        let heard = rig.still_hears("two").await;
        assert!(counted(&heard).values().all(|count| *count == 1), "{heard:?}");
        assert_eq!((rig.account.status().panics, rig.account.status().connected), (0, true));
    }
}

#[tokio::test(start_paused = true)]
async fn negative_numbers_and_nonsense_are_passed_over() {
    let rig = Rig::online().await;
    rig.still_hears("one").await;
    let odd = [
        MsgData { seq: -5, ..said("alice", "bot_7", 0, "minus") },
        MsgData { seq: i64::MIN, ..said("alice", "bot_7", 0, "least") },
        MsgData { content_type: -1, session_type: 99, status: -7, ..said("alice", "bot_7", 0, "odd") },
        MsgData { send_time: i64::MIN, create_time: i64::MAX, ..said("alice", "bot_7", 0, "times") },
        MsgData { content: vec![0xff; 100], ..said("alice", "bot_7", 0, "bytes") },
        MsgData::default(),
    ];
    rig.server.push_forged("bot_7", CHAT, odd.to_vec());
    rig.server.push_forged("bot_7", "", vec![said("alice", "bot_7", 1, "nowhere")]);
    rig.server.set_rules(vec![standing([
        (CHAT.to_owned(), -1),
        ("si_bot_7_zero".to_owned(), 0),
        ("si_bot_7_min".to_owned(), i64::MIN),
        ("n_bot_7_bot_7".to_owned(), i64::MAX),
        (String::new(), 7),
    ])]);
    sleep(Duration::from_secs(400)).await;
    rig.server.set_rules(vec![]);
    sleep(Duration::from_secs(200)).await;
    rig.still_hears("two").await;
    assert_eq!((rig.account.status().panics, rig.account.status().reconnects), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_conversations_at_once_are_read_in_bounded_pulls() {
    let server = server();
    let rig = Rig::with(server, "").await;
    rig.still_hears("one").await;
    let many = (0..10_000).map(|n| (format!("si_bot_7_user{n}"), 3)).chain([(CHAT.to_owned(), 1)]);
    rig.server.set_rules(vec![FaultRule { times: Some(1), ..standing(many) }]);
    let before = rig.server.request_count(ops::PULL_MSG_BY_SEQ_LIST);
    let began = Instant::now();
    sleep(Duration::from_secs(600)).await;
    let pulls = rig.server.request_count(ops::PULL_MSG_BY_SEQ_LIST) - before;
    // 30,000 places, up to a hundred in one pull, and the newest of each twice more.
    assert!(pulls <= 1_500, "{pulls} pulls");
    rig.still_hears("two").await;
    assert!(began.elapsed() < Duration::from_secs(700));
    assert_eq!(rig.account.status().reconnects, 0);
}

#[tokio::test(start_paused = true)]
async fn answers_to_another_question_deliver_nothing_and_pulls_end() {
    let rig = Rig::online().await;
    rig.still_hears("one").await;
    let foreign = |id: &str, msgs: Vec<MsgData>| (id.to_owned(), PullMsgs { msgs, ..PullMsgs::default() });
    let answer = PushMessages {
        msgs: BTreeMap::from([
            foreign("si_eve_mallory", vec![said("eve", "mallory", 1, "foreign")]),
            foreign(CHAT, vec![said("alice", "bot_7", 900, "unasked"), said("alice", "bot_7", -3, "minus")]),
        ]),
        ..PushMessages::default()
    };
    rig.server
        .set_rules(vec![FaultRule { data: Some(envelope::data(&answer)), ..FaultRule::op(ops::PULL_MSG_BY_SEQ_LIST) }]);
    rig.server.skip_seqs(CHAT, 5);
    rig.server.send_as("alice", Recipient::User("bot_7"), "two").unwrap();
    let before = rig.server.request_count(ops::PULL_MSG_BY_SEQ_LIST);
    let heard = rig.until("two").await;
    sleep(Duration::from_secs(60)).await;
    let pulls = rig.server.request_count(ops::PULL_MSG_BY_SEQ_LIST) - before;
    assert!(pulls <= 20, "{pulls} pulls");
    assert!(!heard.iter().any(|text| text == "foreign" || text == "minus" || text == "unasked"), "{heard:?}");
    rig.server.set_rules(vec![]);
    assert!(rig.still_hears("three").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_belongs_to_others_moves_nothing_of_ours() {
    let rig = Rig::online().await;
    rig.still_hears("one").await;
    rig.server.push_forged("bot_7", "si_eve_mallory", vec![said("eve", "mallory", 9, "not for you")]);
    rig.server.push_forged("bot_7", CHAT, vec![said("bot_7", "alice", 0, "your own words")]);
    let heard = rig.still_hears("two").await;
    assert!(heard.is_empty(), "{heard:?}");
    assert!(rig.still_hears("three").await.is_empty());
    assert_eq!(rig.account.status().reconnects, 0);
}

#[tokio::test(start_paused = true)]
async fn hostile_frames_cost_a_frame_or_connection_never_the_account() {
    let rig = Rig::with(server(), "gzip").await;
    rig.still_hears("one").await;
    let bomb = compress::gzip(&vec![b' '; 200 * 1024 * 1024]);
    assert!(bomb.len() < 1024 * 1024);
    for frame in [
        Message::text("hello"),
        Message::text("{".repeat(10_000)),
        Message::Binary(vec![0xff; 1_000].into()),
        Message::Binary(compress::gzip(b"[[[[[[").into()),
        Message::Binary(compress::gzip("[".repeat(1 << 20).as_bytes()).into()),
        Message::Binary(bomb.into()),
        Message::Ping(vec![7; 125].into()),
    ] {
        rig.server.write_frame("bot_7", &frame);
        assert!(rig.still_hears("again").await.is_empty());
    }
    assert_eq!(rig.account.status().panics, 0);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_answers_everything_with_an_error_is_asked_at_intervals() {
    for code in [1001, 500, 90_002, -1, i32::MIN] {
        let rig = Rig::online().await;
        rig.still_hears("one").await;
        rig.server.set_rules(vec![FaultRule { err_code: Some(code), ..FaultRule::op(ops::PULL_MSG_BY_SEQ_LIST) }]);
        rig.server.skip_seqs(CHAT, 3);
        rig.server.send_as("alice", Recipient::User("bot_7"), "two").unwrap();
        let before = rig.server.request_count(ops::PULL_MSG_BY_SEQ_LIST);
        sleep(Duration::from_secs(60)).await;
        let pulls = rig.server.request_count(ops::PULL_MSG_BY_SEQ_LIST) - before;
        assert!((1..=61).contains(&pulls), "{pulls} pulls in a minute for {code}");
        rig.server.set_rules(vec![]);
        rig.until("two").await;
        assert_eq!(rig.account.status().reconnects, 0, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_sync_that_is_refused_is_tried_again_and_says_so() {
    let server = server();
    server.set_rules(vec![FaultRule { err_code: Some(1001), times: Some(3), ..FaultRule::op(ops::GET_NEWEST_SEQ) }]);
    let rig = Rig::connecting(server, "").await;
    rig.account.online().await.unwrap();
    assert_eq!(rig.net.dials(), 1, "the connection is kept");
    assert_eq!(rig.server.request_count(ops::GET_NEWEST_SEQ), 4);
    rig.still_hears("one").await;
}
