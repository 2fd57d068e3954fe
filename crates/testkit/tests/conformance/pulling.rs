//! Pulling messages: newest sequences, ranges, lists and last messages.

use openim_core::wire::ops;
use openim_core::wire::pb::{
    ConversationSeqs, GetConversationsHasReadAndMaxSeqReq, GetConversationsHasReadAndMaxSeqResp, GetLastMessageReq,
    GetLastMessageResp, GetMaxSeqReq, GetSeqMessageReq, MsgData, PullMessageBySeqsReq, PushMessages, SeqRange,
};
use testkit::{Recipient, Server};

use crate::support::*;

const CHAT: &str = "si_alice_bot_7";

fn write(server: &Server, count: usize) {
    for n in 0..count {
        server.send_as("alice", Recipient::User("bot_7"), &format!("m{n}")).unwrap();
    }
}

fn range(conversation_id: &str, begin: i64, end: i64, num: i64) -> PullMessageBySeqsReq {
    let range = SeqRange { conversation_id: conversation_id.into(), begin, end, num };
    PullMessageBySeqsReq { user_id: "bot_7".into(), seq_ranges: vec![range], order: 0 }
}

fn list(conversation_id: &str, seqs: &[i64]) -> GetSeqMessageReq {
    let wanted = ConversationSeqs { conversation_id: conversation_id.into(), seqs: seqs.to_vec() };
    GetSeqMessageReq { user_id: "bot_7".into(), conversations: vec![wanted], order: 0 }
}

fn seqs(msgs: &[MsgData]) -> Vec<i64> {
    msgs.iter().map(|msg| msg.seq).collect()
}

#[tokio::test(start_paused = true)]
async fn case_50_a_range_of_a_chat_is_cut_to_its_last_num_messages() {
    let server = server();
    write(&server, 30);
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    assert!(server.lose_message(CHAT, 20));
    let answer: PushMessages = bot.ask_for(ops::PULL_MSG_BY_RANGE, &range(CHAT, 3, 27, 10)).await;
    let pulled = &answer.msgs[CHAT];
    assert_eq!(seqs(&pulled.msgs), (18..=27).collect::<Vec<_>>());
    assert!(!pulled.is_end);
    let before = pulled.msgs[1].send_time;
    assert_eq!(pulled.msgs[2], MsgData { seq: 20, status: 4, send_time: before, ..MsgData::default() });
    assert!(pulled.msgs[3].content_type == 101 && pulled.msgs[3].status == 1);
}

#[tokio::test(start_paused = true)]
async fn case_50_a_range_of_notifications_is_not_cut() {
    let server = server();
    let id = "n_alice_bot_7";
    for n in 0..30 {
        let mut notification = MsgData { content_type: 2101, ..single("alice", "bot_7", &format!("n{n}")) };
        notification.options =
            [("isNotNotification", false), ("isSendMsg", false)].map(|(name, on)| (name.to_owned(), on)).into();
        server.send(notification).unwrap();
    }
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let answer: PushMessages = bot.ask_for(ops::PULL_MSG_BY_RANGE, &range(id, 3, 27, 10)).await;
    assert_eq!(seqs(&answer.notification_msgs[id].msgs), (3..=27).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn unavailable_ranges_are_missing_from_the_answer() {
    let server = server();
    write(&server, 5);
    server.send_as("alice", Recipient::User("carol"), "private").unwrap();
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let rows = [("si_alice_carol", 1, 9, 9), ("nowhere", 1, 9, 9), (CHAT, 6, 9, 9), (CHAT, 1, 5, 0), (CHAT, 1, 5, -1)];
    for (id, begin, end, num) in rows {
        let answer: PushMessages = bot.ask_for(ops::PULL_MSG_BY_RANGE, &range(id, begin, end, num)).await;
        assert_eq!(answer, PushMessages::default(), "{id} {begin} {end} {num}");
    }
    let answer: PushMessages = bot.ask_for(ops::PULL_MSG_BY_RANGE, &range(CHAT, 0, i64::MAX, i64::MAX)).await;
    assert_eq!((seqs(&answer.msgs[CHAT].msgs), answer.msgs[CHAT].is_end), (vec![1, 2, 3, 4, 5], true));
    let nothing = PullMessageBySeqsReq { user_id: "bot_7".into(), ..Default::default() };
    let answer: PushMessages = bot.ask_for(ops::PULL_MSG_BY_RANGE, &nothing).await;
    assert!(answer.notification_msgs["n_bot_7_bot_7"].msgs.is_empty(), "never an empty payload");
}

#[tokio::test(start_paused = true)]
async fn a_pull_by_list_keeps_the_order_of_its_conversations() {
    let server = server();
    write(&server, 5);
    server.send_as("alice", Recipient::User("carol"), "private").unwrap();
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    server.lose_message(CHAT, 2);
    let answer: PushMessages = bot.ask_for(ops::PULL_MSG_BY_SEQ_LIST, &list(CHAT, &[4, 2, 0, 1])).await;
    let pulled = &answer.msgs[CHAT];
    assert_eq!((seqs(&pulled.msgs), pulled.msgs[1].status, pulled.is_end), (vec![4, 2, 1], 4, false));
    let answer: PushMessages = bot.ask_for(ops::PULL_MSG_BY_SEQ_LIST, &list(CHAT, &[5, 6])).await;
    let pulled = &answer.msgs[CHAT];
    assert_eq!((seqs(&pulled.msgs), pulled.is_end, pulled.end_seq), (vec![5], true, 0));
    let answer: PushMessages = bot.ask_for(ops::PULL_MSG_BY_SEQ_LIST, &list("nowhere", &[1])).await;
    assert!(answer.msgs["nowhere"].msgs.is_empty());
}

#[tokio::test(start_paused = true)]
async fn read_positions_and_last_messages_are_answered() {
    let server = server();
    write(&server, 3);
    server.send_as("bot_7", Recipient::User("alice"), "answer").unwrap();
    write(&server, 2);
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let asked = GetConversationsHasReadAndMaxSeqReq { user_id: "bot_7".into(), ..Default::default() };
    let answer: GetConversationsHasReadAndMaxSeqResp = bot.ask_for(ops::GET_CONV_MAX_READ_SEQ, &asked).await;
    let seqs = &answer.seqs[CHAT];
    assert_eq!((seqs.max_seq, seqs.has_read_seq), (6, 4), "sending reads up to the own message");
    let asked = GetLastMessageReq { user_id: "bot_7".into(), conversation_ids: vec![CHAT.into(), "si_a_b".into()] };
    let answer: GetLastMessageResp = bot.ask_for(ops::PULL_CONV_LAST_MESSAGE, &asked).await;
    assert_eq!(answer.msgs.iter().map(|(id, msg)| (id.as_str(), msg.seq)).collect::<Vec<_>>(), [(CHAT, 6)]);
}

#[tokio::test(start_paused = true)]
async fn requests_for_another_user_are_refused() {
    let mut bot = RawClient::login(&server(), "bot_7", WEB).await;
    let newest = bot.ask(ops::GET_NEWEST_SEQ, &GetMaxSeqReq { user_id: "alice".into() }).await;
    let pull = PullMessageBySeqsReq { user_id: "alice".into(), ..Default::default() };
    let pull = bot.ask(ops::PULL_MSG_BY_RANGE, &pull).await;
    assert_eq!((newest.err_code, pull.err_code), (1002, 1002));
}
