//! Permission to write (black lists, mutes, membership), as changed over REST, and the notifications of such changes.

use openim_core::wire::ops;
use openim_core::wire::pb::{PullMessageBySeqsReq, PushMessages, SeqRange};
use serde_json::{Value, json};
use testkit::{Recipient, Server};

use crate::support::*;

fn denied(server: &Server, user_id: &str, to: Recipient<'_>) -> i32 {
    server.send_as(user_id, to, "hi").map_or_else(|fault| fault.code, |_| 0)
}

#[tokio::test(start_paused = true)]
async fn case_36_a_blocked_sender_is_refused_until_unblocked() {
    let server = server();
    let alice = server.issue_token("alice", WEB);
    let black = json!({ "ownerUserID": "alice", "blackUserID": "bot_7" });
    api(&server, &alice, "/friend/add_black", &black).await;
    assert_eq!(denied(&server, "bot_7", Recipient::User("alice")), 1302);
    assert_eq!(denied(&server, "alice", Recipient::User("bot_7")), 0, "only one way");
    let page = json!({ "userID": "alice", "pagination": { "pageNumber": 1, "showNumber": 10 } });
    let list = data(&server, &alice, "/friend/get_black_list", &page).await;
    assert_eq!((&list["total"], &list["blacks"][0]["blackUserInfo"]["userID"]), (&1.into(), &"bot_7".into()));
    let pair = json!({ "userID1": "alice", "userID2": "bot_7" });
    let friends = data(&server, &alice, "/friend/is_friend", &pair).await;
    assert_eq!(friends, json!({ "inUser1Friends": false, "inUser2Friends": false }));
    api(&server, &alice, "/friend/remove_black", &black).await;
    assert_eq!(denied(&server, "bot_7", Recipient::User("alice")), 0);
}

#[tokio::test(start_paused = true)]
async fn case_36_a_muted_member_is_refused_for_the_time_of_the_mute() {
    let server = server();
    let alice = server.issue_token("alice", WEB);
    let bob = server.issue_token("bob", WEB);
    let mute = |user: &str| json!({ "groupID": "g100", "userID": user, "mutedSeconds": 60 });
    assert_eq!(code(&server, &bob, "/group/mute_group_member", &mute("bot_7")).await, 1002);
    api(&server, &alice, "/group/mute_group_member", &mute("bot_7")).await;
    assert_eq!(denied(&server, "bot_7", Recipient::Group("g100")), 1402);
    tokio::time::sleep(std::time::Duration::from_secs(61)).await;
    assert_eq!(denied(&server, "bot_7", Recipient::Group("g100")), 0);
    api(&server, &alice, "/group/mute_group_member", &mute("bot_7")).await;
    api(&server, &alice, "/group/cancel_mute_group_member", &json!({ "groupID": "g100", "userID": "bot_7" })).await;
    assert_eq!(denied(&server, "bot_7", Recipient::Group("g100")), 0);
}

#[tokio::test(start_paused = true)]
async fn case_36_in_a_muted_group_only_the_owner_and_admins_write() {
    let server = server_with(|config| config.groups[0].admins.push("bob".into()));
    let bob = server.issue_token("bob", WEB);
    api(&server, &bob, "/group/mute_group", &json!({ "groupID": "g100" })).await;
    let codes = ["bot_7", "bob", "alice"].map(|user| denied(&server, user, Recipient::Group("g100")));
    assert_eq!(codes, [1403, 0, 0]);
    api(&server, &bob, "/group/cancel_mute_group", &json!({ "groupID": "g100" })).await;
    assert_eq!(denied(&server, "bot_7", Recipient::Group("g100")), 0);
}

#[tokio::test(start_paused = true)]
async fn case_36_a_dismissed_group_takes_no_messages() {
    let server = server();
    let (alice, bot) = (server.issue_token("alice", WEB), server.issue_token("bot_7", WEB));
    let group = json!({ "groupID": "g100" });
    assert_eq!(code(&server, &bot, "/group/dismiss_group", &group).await, 1002);
    api(&server, &alice, "/group/dismiss_group", &group).await;
    assert_eq!(denied(&server, "bot_7", Recipient::Group("g100")), 1204);
    assert_eq!(code(&server, &alice, "/group/dismiss_group", &group).await, 1204);
    let admin = admin_token(&server).await;
    let members = json!({ "groupID": "g100", "userIDs": ["alice", "bob", "bot_7"] });
    let left = data(&server, &admin, "/group/get_group_members_info", &members).await;
    assert_eq!(left["members"], json!([]), "nobody is a member any more");
    let joined = data(&server, &bot, "/group/get_full_join_group_ids", &json!({ "userID": "bot_7" })).await;
    assert_eq!(joined["groupIDs"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn new_members_see_the_history_unless_configured_otherwise() {
    for (enabled, min_seq) in [(true, 0), (false, 2)] {
        let server = server_with(|config| config.enable_history_for_new_members = enabled);
        server.send_as("alice", Recipient::Group("g100"), "before").unwrap();
        let carol = server.issue_token("carol", WEB);
        api(&server, &carol, "/group/join_group", &json!({ "groupID": "g100" })).await;
        let mut peer = RawClient::login_with(&server, "carol", &query("carol", &carol, WEB)).await;
        let asked = openim_core::wire::pb::GetMaxSeqReq { user_id: "carol".into() };
        let newest: openim_core::wire::pb::GetMaxSeqResp = peer.ask_for(ops::GET_NEWEST_SEQ, &asked).await;
        assert_eq!(newest.max_seqs["sg_g100"], 2, "1001 counts everything");
        let range = SeqRange { conversation_id: "sg_g100".into(), begin: 1, end: 9, num: 9 };
        let asked = PullMessageBySeqsReq { user_id: "carol".into(), seq_ranges: vec![range], order: 0 };
        let pulled: PushMessages = peer.ask_for(ops::PULL_MSG_BY_RANGE, &asked).await;
        assert_eq!(pulled.msgs["sg_g100"].msgs[0].seq, min_seq.max(1));
    }
}

/// The notification of this kind and its copy in the chat, from the next two pushes.
async fn told(peer: &mut RawClient, content_type: i32) -> Value {
    let (copy, notification) = (peer.pushed().await, peer.pushed().await);
    assert_eq!((notification.0.as_str(), notification.1.seq, notification.1.content_type), ("n_g100", 0, content_type));
    assert_eq!((copy.0.as_str(), copy.1.content_type), ("sg_g100", content_type));
    assert!(copy.1.seq > 0 && copy.1.client_msg_id == notification.1.client_msg_id);
    let content: Value = serde_json::from_slice(&notification.1.content).unwrap();
    serde_json::from_str(content["detail"].as_str().unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn joining_and_leaving_members_are_announced() {
    let server = server();
    let tokens = ["alice", "bob", "carol"].map(|user| server.issue_token(user, WINDOWS));
    let [alice, bob, carol] = &tokens;
    let mut bot = RawClient::login(&server, "bot_7", WINDOWS).await;
    let me = |id: &str| json!({ "groupID": "g100", "userID": id });

    api(&server, carol, "/group/join_group", &json!({ "groupID": "g100", "inviterUserID": "carol" })).await;
    let detail = told(&mut bot, 1510).await;
    assert_eq!((&detail["entrantUser"]["userID"], &detail["group"]["memberCount"]), (&"carol".into(), &4.into()));
    assert_eq!(detail["entrantUser"]["joinSource"], 0, "a direct join has none");
    assert!(detail.get("opUser").is_none());
    assert_eq!(code(&server, carol, "/group/join_group", &me("carol")).await, 1001, "twice");

    api(&server, carol, "/group/quit_group", &me("carol")).await;
    assert_eq!(told(&mut bot, 1504).await["quitUser"]["userID"], "carol");
    assert_eq!(denied(&server, "carol", Recipient::Group("g100")), 1002);
    assert_eq!(code(&server, alice, "/group/quit_group", &me("alice")).await, 1002, "the owner stays");

    api(&server, bob, "/group/invite_user_to_group", &json!({ "groupID": "g100", "invitedUserIDs": ["carol"] })).await;
    let detail = told(&mut bot, 1509).await;
    assert_eq!((&detail["inviterUser"]["userID"], &detail["opUser"]["userID"]), (&"bob".into(), &"bob".into()));

    let kick = json!({ "groupID": "g100", "kickedUserIDs": ["carol", "bot_7"] });
    assert_eq!(code(&server, bob, "/group/kick_group", &kick).await, 1002);
    api(&server, alice, "/group/kick_group", &kick).await;
    let detail = told(&mut bot, 1508).await;
    assert_eq!(detail["kickedUserList"].as_array().unwrap().len(), 2, "the kicked are told, too");
    assert_eq!(denied(&server, "bot_7", Recipient::Group("g100")), 1002);
    assert_eq!(code(&server, carol, "/group/join_group", &json!({ "groupID": "nowhere" })).await, 1201);
}

#[tokio::test(start_paused = true)]
async fn case_84_a_former_member_reads_old_messages_only() {
    let server = server();
    let bot = server.issue_token("bot_7", WEB);
    server.send_as("alice", Recipient::Group("g100"), "before").unwrap();
    api(&server, &bot, "/group/quit_group", &json!({ "groupID": "g100", "userID": "bot_7" })).await;
    server.send_as("alice", Recipient::Group("g100"), "after").unwrap();
    let mut peer = RawClient::login_with(&server, "bot_7", &query("bot_7", &bot, WEB)).await;
    let range = SeqRange { conversation_id: "sg_g100".into(), begin: 1, end: 99, num: 99 };
    let asked = PullMessageBySeqsReq { user_id: "bot_7".into(), seq_ranges: vec![range], order: 0 };
    let pulled: PushMessages = peer.ask_for(ops::PULL_MSG_BY_RANGE, &asked).await;
    assert_eq!(pulled.msgs["sg_g100"].msgs.iter().map(|msg| msg.seq).collect::<Vec<_>>(), [1]);
    let newest = data(&server, &bot, "/msg/newest_seq", &json!({ "userID": "bot_7" })).await;
    assert_eq!(newest["maxSeqs"]["sg_g100"], 3, "the newest sequence is not capped");
}
