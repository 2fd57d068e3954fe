//! Friends, black lists and profiles, and the notifications of their changes.

use openim_core::wire::pb::MsgData;
use serde_json::{Value, json};
use testkit::{Recipient, Server};

use crate::support::{RawClient, WEB, code, data, server, single};

/// The next notification of this type, its detail read, with its conversation.
pub(crate) async fn told(peer: &mut RawClient, content_type: i32) -> (String, MsgData, Value) {
    loop {
        let (id, msg) = peer.pushed().await;
        if msg.content_type == content_type && id.starts_with("n_") {
            let content: Value = serde_json::from_slice(&msg.content).unwrap();
            return (id, msg, serde_json::from_str(content["detail"].as_str().unwrap()).unwrap());
        }
    }
}

fn tokens(server: &Server) -> [String; 3] {
    ["alice", "bob", "carol"].map(|user| server.token(user, WEB))
}

fn ask(from: &str, to: &str) -> Value {
    json!({ "fromUserID": from, "toUserID": to, "reqMsg": "hi", "ex": "e" })
}

fn answer(from: &str, to: &str, result: i32) -> Value {
    json!({ "fromUserID": from, "toUserID": to, "handleResult": result, "handleMsg": "ok" })
}

fn page(user: &str) -> Value {
    json!({ "userID": user, "pagination": { "pageNumber": 1, "showNumber": 10 } })
}

#[tokio::test(start_paused = true)]
async fn a_friend_request_and_its_answer_are_announced() {
    let server = server();
    let [alice, bob, _] = tokens(&server);
    let (mut at_alice, mut at_bob) = (login(&server, "alice", &alice).await, login(&server, "bob", &bob).await);
    data(&server, &alice, "/friend/add_friend", &ask("alice", "bob")).await;
    let (id, msg, detail) = told(&mut at_bob, 1203).await;
    assert_eq!((id.as_str(), msg.seq, msg.recv_id.as_str()), ("n_alice_bob", 0, "bob"));
    assert_eq!(detail["fromToUserID"], json!({ "fromUserID": "alice", "toUserID": "bob" }));
    assert_eq!((&detail["request"]["reqMsg"], &detail["request"]["fromNickname"]), (&json!("hi"), &json!("Alice")));

    let received = data(&server, &bob, "/friend/get_friend_apply_list", &page("bob")).await;
    assert_eq!((&received["total"], &received["FriendRequests"][0]["handleResult"]), (&json!(1), &json!(0)));
    let sent = data(&server, &alice, "/friend/get_self_friend_apply_list", &page("alice")).await;
    assert_eq!(sent["friendRequests"][0]["toUserID"], "bob");

    data(&server, &bob, "/friend/add_friend_response", &answer("alice", "bob", 1)).await;
    let (_, msg, detail) = told(&mut at_alice, 1201).await;
    assert_eq!(msg.send_id, "bob", "who answers");
    assert_eq!(detail["fromToUserID"], json!({ "fromUserID": "alice", "toUserID": "bob" }), "from asked");
    assert!(detail["friendVersionID"].is_string());
    at_alice.assert_nothing_waits().await;
    let copies = server.stored("si_alice_bob");
    assert_eq!((copies.len(), copies[0].content_type, copies[0].seq), (1, 1201, 1), "and in the chat");
    let friends = data(&server, &alice, "/friend/is_friend", &json!({ "userID1": "alice", "userID2": "bob" })).await;
    assert_eq!(friends, json!({ "inUser1Friends": true, "inUser2Friends": true }));

    for (path, body, expected) in [
        ("/friend/add_friend_response", answer("alice", "bob", 1), 1305),
        ("/friend/add_friend", ask("bob", "alice"), 1002),
        ("/friend/add_friend", ask("alice", "bob"), 1304),
        ("/friend/add_friend", ask("alice", "alice"), 1301),
        ("/friend/add_friend", ask("alice", "nobody"), 1004),
    ] {
        let token = if path.ends_with("response") { &bob } else { &alice };
        assert_eq!(code(&server, token, path, &body).await, expected, "{body}");
    }
}

async fn login(server: &Server, user: &str, token: &str) -> RawClient {
    RawClient::login_with(server, user, &crate::support::query(user, token, WEB)).await
}

#[tokio::test(start_paused = true)]
async fn a_rejected_friend_request_can_be_sent_again() {
    let server = server();
    let [alice, bob, _] = tokens(&server);
    let mut at_alice = login(&server, "alice", &alice).await;
    data(&server, &alice, "/friend/add_friend", &ask("alice", "bob")).await;
    data(&server, &bob, "/friend/add_friend_response", &answer("alice", "bob", -1)).await;
    let (_, _, detail) = told(&mut at_alice, 1202).await;
    assert_eq!((&detail["handleMsg"], &detail["request"]["handleResult"]), (&json!("ok"), &json!(-1)));
    data(&server, &alice, "/friend/add_friend", &ask("alice", "bob")).await;
    let received = data(&server, &bob, "/friend/get_friend_apply_list", &page("bob")).await;
    assert_eq!((&received["total"], &received["FriendRequests"][0]["handleResult"]), (&json!(1), &json!(0)));
    assert_eq!(code(&server, &bob, "/friend/add_friend_response", &answer("carol", "bob", 1)).await, 1004);
    assert_eq!(code(&server, &bob, "/friend/add_friend_response", &answer("alice", "bob", 2)).await, 1001);
}

#[tokio::test(start_paused = true)]
async fn remarks_and_the_end_of_a_friendship_are_announced() {
    let server = crate::support::server_with(|config| {
        config.friends.push(["alice".into(), "bob".into()]);
        config.friend_verify = true;
    });
    let [alice, bob, _] = tokens(&server);
    let (mut at_alice, mut at_bob) = (login(&server, "alice", &alice).await, login(&server, "bob", &bob).await);
    let change = json!({ "ownerUserID": "alice", "friendUserIDs": ["bob"], "remark": "Bobby", "isPinned": true });
    data(&server, &alice, "/friend/update_friends", &change).await;
    let (id, _, detail) = told(&mut at_alice, 1210).await;
    assert_eq!((id.as_str(), &detail["friendIDs"]), ("n_alice_alice", &json!(["bob"])));
    let designated = json!({ "ownerUserID": "alice", "friendUserIDs": ["bob"] });
    let shown = data(&server, &alice, "/friend/get_designated_friends", &designated).await;
    assert_eq!(
        (&shown["friendsInfo"][0]["remark"], &shown["friendsInfo"][0]["isPinned"]),
        (&json!("Bobby"), &json!(true))
    );

    server.send_as("bob", Recipient::User("alice"), "hello").unwrap();
    let ended = json!({ "ownerUserID": "alice", "friendUserID": "bob" });
    data(&server, &alice, "/friend/delete_friend", &ended).await;
    let (_, _, detail) = told(&mut at_bob, 1205).await;
    assert_eq!(detail["fromToUserID"], json!({ "fromUserID": "alice", "toUserID": "bob" }));
    assert_eq!(server.send_as("bob", Recipient::User("alice"), "again").unwrap_err().code, 1303);
    assert_eq!(code(&server, &alice, "/friend/delete_friend", &ended).await, 1004);
    assert_eq!(code(&server, &alice, "/friend/update_friends", &change).await, 1004);
}

#[tokio::test(start_paused = true)]
async fn a_blocked_user_cannot_write_until_unblocked() {
    let server = server();
    let [alice, bob, _] = tokens(&server);
    let mut at_bob = login(&server, "bob", &bob).await;
    let black = json!({ "ownerUserID": "alice", "blackUserID": "bob" });
    data(&server, &alice, "/friend/add_black", &black).await;
    let (_, _, detail) = told(&mut at_bob, 1207).await;
    assert_eq!(detail["fromToUserID"], json!({ "fromUserID": "alice", "toUserID": "bob" }));
    let refused = at_bob.ask(1003, &single("bob", "alice", "hello")).await;
    assert_eq!((refused.err_code, refused.data), (1302, None));
    data(&server, &alice, "/friend/remove_black", &black).await;
    told(&mut at_bob, 1208).await;
    assert_eq!(at_bob.ask(1003, &single("bob", "alice", "hello")).await.err_code, 0);
}

#[tokio::test(start_paused = true)]
async fn a_changed_profile_is_announced_to_own_devices_and_friends() {
    let server = crate::support::server_with(|config| config.friends.push(["alice".into(), "bob".into()]));
    let [alice, bob, carol] = tokens(&server);
    let (mut at_alice, mut at_bob) = (login(&server, "alice", &alice).await, login(&server, "bob", &bob).await);
    let change = json!({ "userInfo": { "userID": "alice", "nickname": "Alicia", "globalRecvMsgOpt": 0 } });
    assert_eq!(code(&server, &carol, "/user/update_user_info_ex", &change).await, 1002);
    data(&server, &alice, "/user/update_user_info_ex", &change).await;
    assert_eq!(told(&mut at_alice, 1303).await.2, json!({ "userID": "alice" }));
    assert_eq!(told(&mut at_bob, 1209).await.2, json!({ "userID": "alice" }));
    let info = data(&server, &bob, "/user/get_users_info", &json!({ "userIDs": ["alice"] })).await;
    assert_eq!(info["usersInfo"][0]["nickname"], "Alicia");
    let status = data(&server, &bob, "/user/get_users_status", &json!({ "userIDs": ["alice", "carol"] })).await;
    assert_eq!(status["statusList"][0], json!({ "userID": "alice", "status": 1, "platformIDs": [5] }));
    assert_eq!(status["statusList"][1]["status"], 0);
}
