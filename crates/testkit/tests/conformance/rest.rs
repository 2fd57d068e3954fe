//! The conventions of the REST API, and the calls of the JS package at login.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message as _;
use serde_json::{Value, json};
use testkit::records::ConversationsResp;
use testkit::{Recipient, Server, UserConfig};

use crate::support::*;

/// Fields 1 to 7 of the two `/jssdk` requests are what the JS package sends.
const ACTIVE: &[u8] = b"\x0a\x05bot_7\x10\x14";

async fn protobuf(server: &Server, token: &str, path: &str, body: &[u8]) -> Value {
    let head = format!(
        "POST {path} HTTP/1.1\r\ntoken: {token}\r\noperationID: op\r\ncontent-type: application/x-protobuf\r\n"
    );
    let (status, answer) = exchange(server, &head, body).await;
    assert_eq!((status, &answer["errCode"]), (200, &0.into()), "{answer}");
    answer["data"].clone()
}

#[tokio::test(start_paused = true)]
async fn case_32_calls_need_both_headers() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    let post = |headers: &str| format!("POST /user/get_users_info HTTP/1.1\r\n{headers}");
    let body = br#"{"userIDs":["bot_7"]}"#;
    for headers in [format!("token: {token}\r\n"), "operationID: op\r\n".to_owned()] {
        let (status, answer) = exchange(&server, &post(&headers), body).await;
        assert_eq!((status, &answer["errCode"], &answer["errMsg"]), (200, &1001.into(), &"ArgsError".into()));
        assert!(answer.get("data").is_none());
    }
    let parse = json!({ "token": token });
    let head = "POST /auth/parse_token HTTP/1.1\r\noperationID: op\r\n";
    let (status, answer) = exchange(&server, head, parse.to_string().as_bytes()).await;
    assert_eq!((status, &answer["data"]["userID"]), (200, &"bot_7".into()));
}

#[tokio::test(start_paused = true)]
async fn unknown_paths_are_404() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    let headers = format!("token: {token}\r\noperationID: op\r\n");
    for start in ["POST /msg/no_such_call", "POST /", "GET /user/get_users_info", "GET /"] {
        let (status, _) = exchange(&server, &format!("{start} HTTP/1.1\r\n{headers}"), b"").await;
        assert_eq!(status, 404, "{start}");
    }
    assert_eq!(exchange(&server, "OPTIONS /user/get_users_info HTTP/1.1\r\n", b"").await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_not_an_object_is_refused() {
    let server = server();
    let admin = admin_token(&server).await;
    for (path, expected) in [("/user/get_users_info", 200), ("/msg/send_msg", 400)] {
        for body in [&b"{"[..], b"[]", b"null", b"\xff"] {
            let head = format!("POST {path} HTTP/1.1\r\ntoken: {admin}\r\noperationID: op\r\n");
            let (status, answer) = exchange(&server, &head, body).await;
            assert_eq!((status, &answer["errCode"]), (expected, &1001.into()), "{path}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn case_27_a_user_without_conversations_gets_an_empty_protobuf_message() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    assert_eq!(protobuf(&server, &token, "/jssdk/get_active_conversations", ACTIVE).await, "");
}

#[tokio::test(start_paused = true)]
async fn case_29_jssdk_answers_have_the_form_of_the_request() {
    let server = server_with(|config| config.friends.push(["alice".into(), "bot_7".into()]));
    let token = server.issue_token("bot_7", WEB);
    server.send_as("alice", Recipient::User("bot_7"), "one").unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    server.send_as("bob", Recipient::Group("g100"), "two").unwrap();
    let path = "/jssdk/get_active_conversations";
    let packed = protobuf(&server, &token, path, ACTIVE).await;
    let bytes = STANDARD.decode(packed.as_str().unwrap()).unwrap();
    let answer = ConversationsResp::decode(bytes.as_slice()).unwrap();
    assert_eq!((answer.unread_count, answer.conversations.len()), (2, 2));
    let [group, chat] = &answer.conversations[..] else { panic!("two conversations") };
    assert_eq!(chat.conversation.as_ref().unwrap().conversation_id, "si_alice_bot_7");
    assert_eq!((chat.max_seq, chat.read_seq), (1, 0));
    assert_eq!(chat.user.as_ref().unwrap().nickname, "Alice");
    assert_eq!(chat.friend.as_ref().unwrap().friend_user_id, "alice");
    assert_eq!(group.group.as_ref().unwrap().member_count, 3);
    assert_eq!(group.last_msg.as_ref().unwrap().content, br#"{"content":"two"}"#);

    let plain = data(&server, &token, path, &json!({ "ownerUserID": "bot_7", "count": 20 })).await;
    assert_eq!((&plain["unreadCount"], &plain["conversations"][1]["readSeq"]), (&2.into(), &0.into()));
    assert_eq!(plain["conversations"][1]["lastMsg"]["content"], STANDARD.encode(br#"{"content":"one"}"#));

    // {1: "bot_7", 2: "si_alice_bot_7", 2: "si_bot_7_nobody"}
    let named = b"\x0a\x05bot_7\x12\x0esi_alice_bot_7\x12\x0fsi_bot_7_nobody";
    let packed = protobuf(&server, &token, "/jssdk/get_conversations", named).await;
    let bytes = STANDARD.decode(packed.as_str().unwrap()).unwrap();
    assert_eq!(ConversationsResp::decode(bytes.as_slice()).unwrap().conversations.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn case_31_only_changes_since_the_known_version_are_answered() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    let fresh = json!({ "userID": "bot_7", "version": 0, "versionID": "" });
    let paths = [
        "/friend/get_incremental_friends",
        "/group/get_incremental_join_groups",
        "/conversation/get_incremental_conversations",
    ];
    let nothing =
        |answer: &Value| ["insert", "update", "delete"].iter().all(|list| answer.get(list).is_some_and(Value::is_null));
    let mut held = Vec::new();
    for path in paths {
        let first = data(&server, &token, path, &fresh).await;
        assert!(first["full"] == true && nothing(&first), "{path} {first}");
        let triple = json!({ "userID": "bot_7", "version": first["version"], "versionID": first["versionID"] });
        let again = data(&server, &token, path, &triple).await;
        assert!(again["full"] == false && nothing(&again), "{path} {again}");
        held.push(triple);
    }
    server.send_as("alice", Recipient::User("bot_7"), "a new conversation").unwrap();
    let changed = data(&server, &token, paths[2], &held[2]).await;
    assert_eq!(changed["insert"][0]["conversationID"], "si_alice_bot_7");
    assert_eq!(changed["insert"][0].as_object().unwrap().len(), 17, "all members are present");
}

#[tokio::test(start_paused = true)]
async fn case_31_members_of_several_groups_come_in_one_answer() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    let path = "/group/get_incremental_group_members_batch";
    let ask = |version: Value, id: Value| json!({ "userID": "bot_7", "reqList": [{ "groupID": "g100", "version": version, "versionID": id }] });
    let first = data(&server, &token, path, &ask(0.into(), "".into())).await["respList"]["g100"].clone();
    assert_eq!((&first["full"], &first["group"]["memberCount"]), (&true.into(), &3.into()));
    let again = data(&server, &token, path, &ask(first["version"].clone(), first["versionID"].clone())).await;
    let again = &again["respList"]["g100"];
    assert!(again["full"] == false && again["insert"].is_null() && again["group"].is_null(), "{again}");
    let ids = data(&server, &token, "/group/get_full_group_member_user_ids", &json!({ "groupID": "g100" })).await;
    assert_eq!(ids["userIDs"], json!(["alice", "bob", "bot_7"]));
    let stranger = server.issue_token("carol", WEB);
    let asked = json!({ "userID": "carol", "reqList": [{ "groupID": "g100", "version": 0, "versionID": "" }] });
    assert_eq!(code(&server, &stranger, path, &asked).await, 1002);
}

#[tokio::test(start_paused = true)]
async fn case_72_unknown_users_are_left_out() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    let found = data(&server, &token, "/user/get_users_info", &json!({ "userIDs": ["alice", "nobody"] })).await;
    assert_eq!(found["usersInfo"].as_array().unwrap().len(), 1);
    assert_eq!(found["usersInfo"][0]["nickname"], "Alice");
    assert_eq!(code(&server, &token, "/user/get_users_info", &json!({ "userIDs": [] })).await, 1001);
}

#[tokio::test(start_paused = true)]
async fn case_78_page_numbers_start_at_one() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    let asked =
        |page: i32, show: i32| json!({ "groupID": "g100", "pagination": { "pageNumber": page, "showNumber": show } });
    let path = "/group/get_group_member_list";
    for (page, show) in [(0, 10), (1, 0), (-1, 10), (1, -5)] {
        assert_eq!(code(&server, &token, path, &asked(page, show)).await, 1001, "{page} {show}");
    }
    assert_eq!(code(&server, &token, path, &json!({ "groupID": "g100" })).await, 1001);
    let second = data(&server, &token, path, &asked(2, 2)).await;
    assert_eq!((&second["total"], second["members"].as_array().unwrap().len()), (&3.into(), 1));
    let first = data(&server, &token, path, &asked(1, 1)).await;
    assert_eq!((&first["members"][0]["userID"], &first["members"][0]["roleLevel"]), (&"alice".into(), &100.into()));
    for (path, body) in [
        ("/group/get_joined_group_list", json!({ "fromUserID": "bot_7", "pagination": { "pageNumber": 0 } })),
        ("/friend/get_friend_list", json!({ "userID": "bot_7" })),
        ("/friend/get_black_list", json!({ "userID": "bot_7" })),
    ] {
        let one = json!({ "pageNumber": 1, "showNumber": 1 });
        let mut good = body.clone();
        good["pagination"] = one;
        assert_eq!(
            code(&server, &token, path, &body).await,
            if path.contains("black") || path.contains("list") { 1001 } else { 0 }
        );
        data(&server, &token, path, &good).await;
    }
}

#[tokio::test(start_paused = true)]
async fn rest_calls_for_another_user_are_refused() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    let page = json!({ "pageNumber": 1, "showNumber": 1 });
    for (path, body) in [
        ("/friend/get_incremental_friends", json!({ "userID": "alice" })),
        ("/group/get_incremental_join_groups", json!({ "userID": "alice" })),
        ("/group/get_joined_group_list", json!({ "fromUserID": "alice", "pagination": page })),
        ("/conversation/get_incremental_conversations", json!({ "userID": "alice" })),
        ("/conversation/set_conversations", json!({ "userIDs": ["alice"], "conversation": { "conversationID": "x" } })),
        ("/msg/newest_seq", json!({ "userID": "alice" })),
        ("/friend/add_black", json!({ "ownerUserID": "alice", "blackUserID": "bot_7" })),
        ("/user/user_register", json!({ "users": [{ "userID": "dave" }] })),
        ("/user/account_check", json!({ "checkUserIDs": ["alice"] })),
        ("/msg/send_msg", json!({ "sendID": "alice" })),
    ] {
        assert_eq!(code(&server, &token, path, &body).await, 1002, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_admin_registers_users_and_checks_accounts() {
    let server = server();
    let admin = admin_token(&server).await;
    let users = json!({ "users": [{ "userID": "dave", "nickname": "Dave", "faceURL": "http://face" }] });
    api(&server, &admin, "/user/user_register", &users).await;
    assert_eq!(code(&server, &admin, "/user/user_register", &users).await, 1102);
    let asked = json!({ "checkUserIDs": ["dave", "erin"] });
    let checked = data(&server, &admin, "/user/account_check", &asked).await;
    let expected = json!([{ "userID": "dave", "accountStatus": 1 }, { "userID": "erin", "accountStatus": 0 }]);
    assert_eq!(checked["results"], expected);
    assert!(server.send_as("dave", Recipient::User("bot_7"), "hi").is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_server_api_sends_in_a_users_name() {
    let server = server_with(|config| {
        config.users.push(UserConfig { user_id: "news".into(), notification_account: true, ..Default::default() });
    });
    let admin = admin_token(&server).await;
    let mut bot = RawClient::login(&server, "bot_7", WEB).await;
    let text = json!({
        "sendID": "alice", "recvID": "bot_7", "senderNickname": "Alice", "senderPlatformID": 1,
        "content": { "content": "from outside" }, "contentType": 101, "sessionType": 1,
    });
    let sent = data(&server, &admin, "/msg/send_msg", &text).await;
    let (id, pushed) = bot.pushed().await;
    assert_eq!((id.as_str(), pushed.server_msg_id.as_str()), ("si_alice_bot_7", sent["serverMsgID"].as_str().unwrap()));
    assert_eq!((pushed.msg_from, pushed.status, pushed.seq), (200, 0, 1));
    assert_eq!(pushed.content, br#"{"content":"from outside"}"#);

    let mut at = text.clone();
    at["groupID"] = "g100".into();
    at["sessionType"] = 3.into();
    at["contentType"] = 106.into();
    at["isOnlineOnly"] = true.into();
    at["content"] = json!({ "text": "@Botty", "atUserList": ["bot_7"] });
    data(&server, &admin, "/msg/send_msg", &at).await;
    let (id, pushed) = bot.pushed().await;
    assert_eq!((id.as_str(), pushed.seq, pushed.at_user_id_list), ("sg_g100", 0, vec!["bot_7".to_owned()]));

    let mut news = text.clone();
    news["sendID"] = "news".into();
    news["contentType"] = 1400.into();
    news["sessionType"] = 4.into();
    news["content"] = json!({ "text": "extra" });
    data(&server, &admin, "/msg/send_msg", &news).await;
    let (id, pushed) = bot.pushed().await;
    assert_eq!((id.as_str(), pushed.content), ("sn_bot_7_news", br#"{"detail":"{\"text\":\"extra\"}"}"#.to_vec()));

    for (member, value, expected) in [
        ("contentType", json!(107), 1001),
        ("recvID", json!("nobody"), 1004),
        ("sessionType", json!(3), 1001),
        ("content", json!("text"), 1001),
    ] {
        let mut broken = text.clone();
        broken[member] = value;
        assert_eq!(code(&server, &admin, "/msg/send_msg", &broken).await, expected, "{member}");
    }
}

#[tokio::test(start_paused = true)]
async fn settings_of_a_conversation_are_stored_and_announced() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    server.send_as("alice", Recipient::User("bot_7"), "hi").unwrap();
    let set = json!({
        "userIDs": ["bot_7"],
        "conversation": { "conversationID": "si_alice_bot_7", "conversationType": 1, "userID": "alice", "recvMsgOpt": 2, "maxSeq": 99 },
    });
    let answer = api(&server, &token, "/conversation/set_conversations", &set).await;
    assert_eq!(answer, json!({ "errCode": 0, "errMsg": "", "errDlt": "" }));
    let quiet =
        data(&server, &token, "/conversation/get_not_notify_conversation_ids", &json!({ "userID": "bot_7" })).await;
    assert_eq!(quiet["conversationIDs"], json!(["si_alice_bot_7"]));
    let mut closed = set.clone();
    closed["conversation"]["recvMsgOpt"] = 1.into();
    api(&server, &token, "/conversation/set_conversations", &closed).await;
    let refused = server.send_as("alice", Recipient::User("bot_7"), "hi again").unwrap_err();
    assert_eq!((refused.code, refused.detail.as_str()), (1001, "message is not sent"));
    assert_eq!(server.send_as("imAdmin", Recipient::User("bot_7"), "hi").map(|_| ()), Ok(()), "another conversation");
}

#[tokio::test(start_paused = true)]
async fn setting_a_foreign_conversation_is_refused() {
    let server = server();
    let token = server.issue_token("carol", WEB);
    server.send_as("alice", Recipient::User("bot_7"), "private").unwrap();
    server.send_as("alice", Recipient::Group("g100"), "private, too").unwrap();
    for (id, kind, user, group) in
        [("si_alice_bot_7", 1, "alice", ""), ("si_alice_bot_7", 1, "bot_7", ""), ("sg_g100", 3, "", "g100")]
    {
        let conversation = json!({ "conversationID": id, "conversationType": kind, "userID": user, "groupID": group });
        let set = json!({ "userIDs": ["carol"], "conversation": conversation });
        assert_eq!(code(&server, &token, "/conversation/set_conversations", &set).await, 1002, "{id}");
    }
    let ahead =
        json!({ "conversationID": "si_alice_carol", "conversationType": 1, "userID": "alice", "recvMsgOpt": 2 });
    let set = json!({ "userIDs": ["carol"], "conversation": ahead });
    assert_eq!(api(&server, &token, "/conversation/set_conversations", &set).await["errCode"], 0);
}
