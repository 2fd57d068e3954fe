//! Answers recorded on a real server: the dev server gives answers of the same form, and with the same values where they do not
//! depend on the moment.

use std::collections::BTreeSet;

use openim_core::wire::ops;
use openim_core::wire::pb::MsgData;
use serde_json::{Value, json};
use testkit::Recipient;

use crate::recorded::{Town, detail, lines, message, recording, shape};
use crate::support::*;

#[tokio::test(start_paused = true)]
async fn refused_sends_have_the_recorded_codes() {
    let town = Town::new(&[]).await;
    let base = || single("alice", "bob", "x");
    for line in lines(recording!("send-refused")) {
        let (msg, caller) = match line["case"].as_str().unwrap() {
            "unknown receiver" => (MsgData { recv_id: "nobody".into(), ..base() }, "alice"),
            // A cluster says 1004, which is what this server says; the recorded server ran in one process.
            "unknown group (standalone)" => continue,
            "not a member" => (grouped("carol", "g100", "x"), "carol"),
            "another's sendID" => (base(), "carol"),
            "session type 2" => (MsgData { session_type: 2, ..base() }, "alice"),
            "1400 in a chat" => (MsgData { content_type: 1400, ..base() }, "alice"),
            "type 4 with 101" => (MsgData { session_type: 4, ..base() }, "alice"),
            other => panic!("{other}"),
        };
        let mut peer = RawClient::login(&town.server, caller, WINDOWS).await;
        let response = peer.ask(ops::SEND_MSG, &msg).await;
        let recorded = (&line["errCode"], &line["errMsg"]);
        assert_eq!((&json!(response.err_code), &json!(response.err_msg)), recorded, "{line}");
    }
}

/// The recorded answer to a call.
fn recorded_answer(recording: &str, path: &str) -> Value {
    let mut answers = lines(recording).filter(|line| line["path"].as_str().unwrap().starts_with(path));
    answers.next().unwrap()["answer"]["data"].clone()
}

#[tokio::test(start_paused = true)]
async fn lists_of_friends_and_requests_have_the_recorded_form() {
    let town = Town::new(&[]).await;
    let all = json!({ "userID": "bob", "pagination": { "pageNumber": 1, "showNumber": 9 } });
    town.call("imAdmin", "/friend/import_friend", json!({ "ownerUserID": "bob", "friendUserIDs": ["carol"] })).await;
    town.call("dave", "/friend/add_friend", json!({ "fromUserID": "dave", "toUserID": "bob", "reqMsg": "hi" })).await;
    let no = json!({ "fromUserID": "dave", "toUserID": "bob", "handleResult": -1, "handleMsg": "no" });
    town.call("bob", "/friend/add_friend_response", no).await;
    for path in ["/friend/get_friend_list", "/friend/get_black_list", "/friend/get_friend_apply_list"] {
        let recorded = recorded_answer(recording!("friends-rest"), path);
        let answer = town.call("bob", path, all.clone()).await;
        assert_eq!(shape(&answer), shape(&recorded), "{path}");
    }
    let friends = town.call("bob", "/friend/get_friend_list", all).await;
    let recorded = recorded_answer(recording!("friends-rest"), "/friend/get_friend_list");
    for name in ["addSource", "operatorUserID"] {
        assert_eq!(friends["friendsInfo"][0][name], recorded["friendsInfo"][0][name], "{name}");
    }
    let seconds = |answer: &Value| answer["friendsInfo"][0]["createTime"].as_i64().unwrap();
    assert!(seconds(&friends) < 10_000_000_000 && seconds(&recorded) < 10_000_000_000, "in seconds");
}

#[tokio::test(start_paused = true)]
async fn lists_of_group_requests_have_the_recorded_form() {
    let town = Town::new(&[]).await;
    let group = json!({
        "ownerUserID": "alice", "memberUserIDs": ["bob"],
        "groupInfo": { "groupID": "town", "groupName": "T", "groupType": 2, "needVerification": 1 },
    });
    town.call("alice", "/group/create_group", group).await;
    town.call("bob", "/group/invite_user_to_group", json!({ "groupID": "town", "invitedUserIDs": ["carol"] })).await;
    let yes = json!({ "groupID": "town", "fromUserID": "carol", "handledMsg": "w", "handleResult": 1 });
    town.call("alice", "/group/group_application_response", yes).await;
    let path = "/group/get_recv_group_applicationList";
    let all = json!({ "fromUserID": "alice", "pagination": { "pageNumber": 1, "showNumber": 9 } });
    let (answer, recorded) = (town.call("alice", path, all).await, recorded_answer(recording!("groups-rest"), path));
    assert_eq!(shape(&answer), shape(&recorded));
    for name in ["handleResult", "handleMsg", "handleUserID", "handleTime", "joinSource"] {
        assert_eq!(answer["groupRequests"][0][name], recorded["groupRequests"][0][name], "{name}");
    }
    assert_eq!(answer["groupRequests"][0]["inviterUserID"], "bob");
}

#[tokio::test(start_paused = true)]
async fn a_cleared_conversation_is_described_as_recorded() {
    let town = Town::new(&[]).await;
    for text in ["one", "two", "three", "four", "five"] {
        town.server.send_as("alice", Recipient::User("bob"), text).unwrap();
    }
    let chat = "si_alice_bob";
    let clear = json!({ "userID": "bob", "conversationIDs": [chat], "deleteSyncOpt": { "IsSyncSelf": true } });
    town.call("bob", "/msg/clear_conversation_msg", clear).await;
    let path = "/msg/get_conversations_has_read_and_max_seq";
    let answer = town.call("bob", path, json!({ "userID": "bob", "conversationIDs": [chat] })).await;
    let recorded = recorded_answer(recording!("after-clear"), path);
    let recorded = recorded["seqs"].as_object().unwrap().values().next().unwrap();
    for name in ["maxSeq", "hasReadSeq"] {
        assert_eq!(answer["seqs"][chat][name], recorded[name], "{name}");
    }
    let path = "/jssdk/get_conversations";
    let answer = town.call("bob", path, json!({ "ownerUserID": "bob", "conversationIDs": [chat] })).await;
    let recorded = recorded_answer(recording!("after-clear"), path);
    let (shown, recorded) = (&answer["conversations"][0], &recorded["conversations"][0]);
    for name in ["maxSeq", "readSeq"] {
        assert_eq!(shown[name], recorded[name], "{name}");
    }
    assert_eq!(shown["conversation"]["minSeq"], recorded["conversation"]["minSeq"]);
    assert_eq!(
        shown["lastMsg"]["seq"], recorded["lastMsg"]["seq"],
        "the newest message is shown although it is cleared"
    );
    assert_eq!(shown["user"]["appMangerLevel"], recorded["user"]["appMangerLevel"]);
    assert_eq!(answer["unreadCount"], 0);
}

#[tokio::test(start_paused = true)]
async fn the_order_inside_a_page_of_members_differs_from_call_to_call() {
    let recorded: Vec<Value> = lines(recording!("member-pages")).take(2).collect();
    assert_ne!(recorded[0]["userIDs"], recorded[1]["userIDs"]);
    let town = Town::new(&[]).await;
    let members: Vec<String> = (0..20).map(|n| format!("m{n}")).collect();
    let users: Vec<Value> = members.iter().map(|id| json!({ "userID": id, "nickname": id })).collect();
    town.call("imAdmin", "/user/user_register", json!({ "users": users })).await;
    let group = json!({
        "ownerUserID": "alice", "memberUserIDs": members, "groupInfo": { "groupID": "town", "groupName": "T", "groupType": 2 },
    });
    town.call("alice", "/group/create_group", group).await;
    let page = json!({ "groupID": "town", "pagination": { "pageNumber": 1, "showNumber": 13 } });
    let mut orders = BTreeSet::new();
    let mut sets = BTreeSet::new();
    for _ in 0..5 {
        let answer = town.call("alice", "/group/get_group_member_list", page.clone()).await;
        let ids: Vec<String> =
            answer["members"].as_array().unwrap().iter().map(|member| member["userID"].to_string()).collect();
        sets.insert(ids.iter().cloned().collect::<BTreeSet<_>>());
        orders.insert(ids);
    }
    assert!(orders.len() > 1 && sets.len() == 1, "other orders of the same members");
}

#[tokio::test(start_paused = true)]
async fn pulled_placeholders_and_quotes_have_the_recorded_form() {
    let recorded: Vec<Value> = lines(recording!("pull-with-placeholders")).collect();
    let msgs = recorded[3]["frame"]["data"]["msgs"].as_object().unwrap().values().next().unwrap()["Msgs"].clone();
    let (revoked, deleted, quote) = (&msgs[1], &msgs[2], &msgs[4]);
    let pulled_alone = lines(recording!("quote-revoked")).next().unwrap()["msg"].clone();
    let town = Town::new(&[]).await;
    town.server.send_as("alice", Recipient::User("bob"), "zero").unwrap();
    for recorded in [revoked, deleted, &msgs[3], quote] {
        let sends = if recorded["sendID"] == revoked["sendID"] { ("alice", "bob") } else { ("bob", "alice") };
        let msg = MsgData { send_id: sends.0.into(), recv_id: sends.1.into(), ..message(recorded) };
        // The recording was made after the revocation and the deletion.
        let content_type = if recorded == revoked { 101 } else { msg.content_type };
        town.server.send(MsgData { content_type, ..msg }).unwrap();
    }
    let chat = "si_alice_bob";
    town.call("alice", "/msg/revoke_msg", json!({ "userID": "alice", "conversationID": chat, "seq": 2 })).await;
    let delete = json!({ "userID": "bob", "conversationID": chat, "seqs": [3], "deleteSyncOpt": {} });
    town.call("bob", "/msg/delete_msgs", delete).await;
    let pull = json!({ "userID": "bob", "seqRanges": [{ "conversationID": chat, "begin": 1, "end": 9, "num": 9 }], "order": 0 });
    let pulled = town.call("bob", "/msg/pull_msg_by_seq", pull).await["msgs"][chat]["Msgs"].clone();
    for (at, expected) in [(1, revoked), (2, deleted), (3, &msgs[3])] {
        for name in ["contentType", "status", "clientMsgID", "seq"] {
            assert_eq!(pulled[at][name], expected[name], "{name} of {at}");
        }
    }
    assert_eq!((&pulled[2]["content"], &deleted["content"]), (&json!(""), &json!("")));
    let content = |value: &Value| -> Value {
        use base64::Engine as _;
        let bytes = base64::engine::general_purpose::STANDARD.decode(value["content"].as_str().unwrap()).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    let text = |value: &Value| -> Value { serde_json::from_str(value["content"].as_str().unwrap()).unwrap() };
    let tombstone = |content: &Value| shape(&detail(&content.to_string()).unwrap());
    assert_eq!(tombstone(&content(&pulled[1])), tombstone(&text(revoked)));
    let shown = content(&pulled[4])["quoteMessage"].clone();
    for recorded in [quote, &pulled_alone] {
        let recorded = text(recorded)["quoteMessage"].clone();
        assert_eq!((&shown["contentType"], shape(&shown)), (&recorded["contentType"], shape(&recorded)));
        let inner = |quote: &Value| shape(&detail(quote["content"].as_str().unwrap()).unwrap());
        assert_eq!(inner(&shown), inner(&recorded));
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_is_answered_in_the_recorded_form() {
    let town = Town::new(&[]).await;
    for line in lines(recording!("upload")).take(2) {
        let mut asked = line["body"].clone();
        if asked["name"].is_string() {
            asked["name"] = "alice/via.txt".into();
        }
        let answer = town.call("alice", line["path"].as_str().unwrap(), asked).await;
        assert_eq!(shape(&answer), shape(&line["answer"]["data"]), "{line}");
    }
}
