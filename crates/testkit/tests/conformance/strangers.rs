//! What anybody can do on a real server: write in another's name on older releases, into groups, and with any ids.

use std::collections::BTreeMap;

use openim_core::message::options;
use openim_core::wire::ops;
use openim_core::wire::pb::{
    ConversationSeqs, GetSeqMessageReq, MsgData, PullMessageBySeqsReq, PushMessages, SendMsgResp,
};
use serde_json::json;
use testkit::{Config, Recipient, ServerVersion};

use crate::support::*;

fn like_release(config: &mut Config) {
    config.like = ServerVersion::V3_8_3;
}

fn forged() -> MsgData {
    single("alice", "bot_7", "forged")
}

#[tokio::test(start_paused = true)]
async fn only_the_main_branch_checks_the_inner_sender() {
    let newest = server();
    let mut carol = RawClient::login(&newest, "carol", WEB).await;
    assert_eq!(carol.ask(ops::SEND_MSG, &forged()).await.err_code, 1002);

    let release = server_with(like_release);
    let mut carol = RawClient::login(&release, "carol", WEB).await;
    let mut bot = RawClient::login(&release, "bot_7", WEB).await;
    assert_eq!(carol.ask(ops::SEND_MSG, &forged()).await.err_code, 0);
    let (id, msg) = bot.pushed().await;
    assert_eq!((id.as_str(), msg.send_id.as_str(), msg.seq), ("si_alice_bot_7", "alice", 1));
}

#[tokio::test(start_paused = true)]
async fn a_probe_of_session_type_2_tells_the_versions_apart() {
    for (like, code) in [(ServerVersion::Main, 1002), (ServerVersion::V3_8_3, 1001)] {
        let server = server_with(|config| config.like = like);
        let mut bot = RawClient::login(&server, "bot_7", WEB).await;
        let probe = MsgData { send_id: "somebody".into(), session_type: 2, ..single("", "bot_7", "probe") };
        assert_eq!(bot.ask(ops::SEND_MSG, &probe).await.err_code, code, "{like:?}");
        server.settle();
        bot.assert_nothing_waits().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_release_reports_a_stranger_in_a_group_with_another_code() {
    let server = server_with(like_release);
    assert_eq!(server.send_as("carol", Recipient::Group("g100"), "hi").unwrap_err().code, 1203);
}

#[tokio::test(start_paused = true)]
async fn a_stranger_writes_into_a_group_by_a_notification_type() {
    let server = server();
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let mut carol = RawClient::login(&server, "carol", WEB).await;
    let forged = MsgData {
        content_type: 1501,
        content: br#"{"detail":"{}"}"#.to_vec(),
        seq: 9_100,
        options: BTreeMap::from([(options::HISTORY.to_owned(), false)]),
        ..grouped("carol", "g100", "x")
    };
    let _: SendMsgResp = carol.ask_for(ops::SEND_MSG, &forged).await;
    let (id, msg) = bot.pushed().await;
    assert_eq!((id.as_str(), msg.send_id.as_str(), msg.seq), ("sg_g100", "carol", 9_100));
    assert!(server.stored("sg_g100").is_empty());
    assert_eq!(carol.ask(ops::SEND_MSG, &grouped("carol", "g100", "text")).await.err_code, 1002);
}

#[tokio::test(start_paused = true)]
async fn a_list_of_sequences_is_answered_to_everybody() {
    let server = server();
    server.send_as("alice", Recipient::Group("g100"), "inside").unwrap();
    let mut carol = RawClient::login(&server, "carol", WEB).await;
    let wanted = ConversationSeqs { conversation_id: "sg_g100".into(), seqs: vec![1] };
    let asked = GetSeqMessageReq { user_id: "carol".into(), conversations: vec![wanted], order: 0 };
    let answer: PushMessages = carol.ask_for(ops::PULL_MSG_BY_SEQ_LIST, &asked).await;
    assert_eq!(answer.msgs["sg_g100"].msgs.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn only_the_main_branch_checks_who_asks() {
    for (like, code) in [(ServerVersion::Main, 1002), (ServerVersion::V3_8_3, 0)] {
        let server = server_with(|config| config.like = like);
        let mut bot = RawClient::login(&server, "bot_7", WEB).await;
        let pull = PullMessageBySeqsReq { user_id: "alice".into(), ..Default::default() };
        assert_eq!(bot.ask(ops::PULL_MSG_BY_RANGE, &pull).await.err_code, code, "{like:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_may_have_any_id_and_a_user_only_letters_and_digits() {
    let server = server();
    let (alice, admin) = (server.token("alice", WEB), admin_token(&server).await);
    for id in ["\n a:b", "sg_g100", &"x".repeat(300)] {
        let group =
            json!({ "ownerUserID": "alice", "groupInfo": { "groupID": id, "groupName": "odd", "groupType": 2 } });
        assert_eq!(data(&server, &alice, "/group/create_group", &group).await["groupInfo"]["groupID"], *id);
    }
    let register = |id: &str| json!({ "users": [{ "userID": id, "nickname": "x" }] });
    for id in ["a b", "a&b", "a+b", "a/b", "a%b", "a#b", "a?b", "a.b", "a-b"] {
        assert_eq!(code(&server, &admin, "/user/user_register", &register(id)).await, 1001, "{id}");
    }
    for id in ["ü", "ALICE", "\u{212a}elvin_1"] {
        api(&server, &admin, "/user/user_register", &register(id)).await;
        data(&server, &admin, "/user/get_users_info", &json!({ "userIDs": [id] })).await;
    }
}

#[tokio::test(start_paused = true)]
async fn under_the_release_a_kick_may_come_without_its_frame() {
    let server = server_with(like_release);
    let mut with_frame = 0;
    for _ in 0..20 {
        let mut bot = RawClient::login(&server, "bot_7", WEB).await;
        server.kick("bot_7", WEB);
        match bot.next().await {
            None => {}
            Some(_) => {
                with_frame += 1;
                assert_eq!(bot.gone().await, ConnectionEnd::Dropped);
            }
        }
    }
    assert!((1..20).contains(&with_frame), "{with_frame} of 20");
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_of_read_messages_is_an_error_of_the_release_only() {
    for (like, expected) in [(ServerVersion::Main, 0), (ServerVersion::V3_8_3, 1001)] {
        let server = server_with(|config| config.like = like);
        let token = server.token("bot_7", WEB);
        let marked = json!({ "userID": "bot_7", "conversationID": "si_alice_bot_7", "seqs": [] });
        let answer = api(&server, &token, "/msg/mark_msgs_as_read", &marked).await;
        assert_eq!(answer["errCode"], expected, "{like:?}");
    }
}
