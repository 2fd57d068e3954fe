//! Creating groups, roles, join requests, and the exact members of their notifications.

use serde_json::{Value, json};
use testkit::{Recipient, Server};

use crate::people::told;
use crate::support::{RawClient, WEB, code, data, query, server};

async fn login(server: &Server, user: &str) -> (String, RawClient) {
    let token = server.token(user, WEB);
    let peer = RawClient::login_with(server, user, &query(user, &token, WEB)).await;
    (token, peer)
}

/// What of the common members a detail carries: operator, time, version, order.
fn common(detail: &Value) -> [bool; 4] {
    ["opUser", "operationTime", "groupMemberVersion", "groupSortVersion"].map(|name| detail.get(name).is_some())
}

fn new_group(verification: i32) -> Value {
    json!({
        "ownerUserID": "alice", "memberUserIDs": ["bob"], "adminUserIDs": ["bot_7"],
        "groupInfo": { "groupID": "g7", "groupType": 2, "groupName": "Seven", "needVerification": verification },
    })
}

#[tokio::test(start_paused = true)]
async fn a_new_group_is_announced_to_all_its_members() {
    let server = server();
    let (alice, _) = login(&server, "alice").await;
    let (_, mut at_bob) = login(&server, "bob").await;
    let made = data(&server, &alice, "/group/create_group", &new_group(0)).await;
    assert_eq!((&made["groupInfo"]["groupName"], &made["groupInfo"]["memberCount"]), (&json!("Seven"), &json!(3)));
    let (id, msg, detail) = told(&mut at_bob, 1501).await;
    assert_eq!((id.as_str(), msg.recv_id.as_str(), common(&detail)), ("n_g7", "g7", [true, true, true, false]));
    assert_eq!(
        (&detail["groupOwnerUser"]["userID"], detail["memberList"].as_array().unwrap().len()),
        (&json!("alice"), 3)
    );
    assert_eq!(detail["memberList"][1]["roleLevel"], 60, "bot_7 is an admin");
    assert_eq!(server.stored("sg_g7").len(), 1, "and as a chat message");

    assert_eq!(code(&server, &alice, "/group/create_group", &new_group(0)).await, 1202);
    for (member, value, expected) in [
        ("ownerUserID", json!("bob"), 1002),
        ("memberUserIDs", json!(["nobody"]), 1004),
        ("memberUserIDs", json!(["alice"]), 1001),
        ("groupInfo", json!({ "groupType": 0 }), 1205),
    ] {
        let mut asked = new_group(0);
        asked["groupInfo"]["groupID"] = "".into();
        asked[member] = value;
        assert_eq!(code(&server, &alice, "/group/create_group", &asked).await, expected, "{asked}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_kind_of_group_change_has_its_notification() {
    let server = server();
    let (alice, _) = login(&server, "alice").await;
    let (bob, mut at_bob) = login(&server, "bob").await;
    let change = json!({ "groupID": "g100", "groupName": "New", "notification": "Read this", "introduction": "Us" });
    assert_eq!(code(&server, &bob, "/group/set_group_info_ex", &change).await, 1002);
    data(&server, &alice, "/group/set_group_info_ex", &change).await;
    let (_, _, announcement) = told(&mut at_bob, 1519).await;
    assert_eq!(announcement["group"]["notification"], "Read this");
    assert_eq!(announcement["group"]["notificationUserID"], "alice");
    let (_, _, name) = told(&mut at_bob, 1520).await;
    let (_, _, info) = told(&mut at_bob, 1502).await;
    for detail in [&announcement, &name, &info] {
        assert_eq!(common(detail), [true, false, true, false]);
    }
    assert!(info.get("muteTime").is_some());
    assert_eq!(code(&server, &alice, "/group/set_group_info_ex", &json!({ "groupID": "g9" })).await, 1201);
}

#[tokio::test(start_paused = true)]
async fn only_the_owner_changes_roles_and_the_owner() {
    let server = server();
    let (alice, _) = login(&server, "alice").await;
    let (bob, mut at_bob) = login(&server, "bob").await;
    let role = |user: &str, role: i32| json!({ "members": [{ "groupID": "g100", "userID": user, "roleLevel": role }] });
    assert_eq!(code(&server, &bob, "/group/set_group_member_info", &role("bot_7", 60)).await, 1002);
    assert_eq!(code(&server, &alice, "/group/set_group_member_info", &role("bob", 100)).await, 1001);
    data(&server, &alice, "/group/set_group_member_info", &role("bob", 60)).await;
    let (_, _, detail) = told(&mut at_bob, 1517).await;
    assert_eq!((&detail["changedUser"]["roleLevel"], common(&detail)), (&json!(60), [true; 4]));
    let named = json!({ "members": [{ "groupID": "g100", "userID": "bot_7", "nickname": "Bot" }] });
    data(&server, &bob, "/group/set_group_member_info", &named).await;
    assert_eq!(told(&mut at_bob, 1516).await.2["changedUser"]["nickname"], "Bot");
    data(&server, &alice, "/group/set_group_member_info", &role("bob", 20)).await;
    told(&mut at_bob, 1518).await;
    assert_eq!(code(&server, &bob, "/group/set_group_member_info", &named).await, 1002);

    let hand_over = json!({ "groupID": "g100", "oldOwnerUserID": "alice", "newOwnerUserID": "bob" });
    assert_eq!(code(&server, &bob, "/group/transfer_group", &hand_over).await, 1002);
    let stranger = json!({ "groupID": "g100", "oldOwnerUserID": "alice", "newOwnerUserID": "carol" });
    assert_eq!(code(&server, &alice, "/group/transfer_group", &stranger).await, 1001);
    data(&server, &alice, "/group/transfer_group", &hand_over).await;
    let (_, _, detail) = told(&mut at_bob, 1507).await;
    assert_eq!((&detail["newGroupOwner"]["roleLevel"], &detail["oldGroupOwner"]), (&json!(100), &json!("alice")));
    assert_eq!(detail["oldGroupOwnerInfo"]["roleLevel"], 20);
    assert_eq!(code(&server, &alice, "/group/dismiss_group", &json!({ "groupID": "g100" })).await, 1002);
}

#[tokio::test(start_paused = true)]
async fn joining_waits_for_approval() {
    let server = server();
    let (alice, mut at_alice) = login(&server, "alice").await;
    let (bob, _) = login(&server, "bob").await;
    let (carol, mut at_carol) = login(&server, "carol").await;
    let (_, mut at_bot) = login(&server, "bot_7").await;
    data(&server, &alice, "/group/create_group", &new_group(0)).await;
    let join = json!({ "groupID": "g7", "reqMessage": "please", "joinSource": 3, "inviterUserID": "carol", "ex": "" });
    data(&server, &carol, "/group/join_group", &join).await;
    let (id, msg, detail) = told(&mut at_alice, 1503).await;
    assert_eq!((id.as_str(), msg.recv_id.as_str(), common(&detail)), ("n_alice_carol", "alice", [false; 4]));
    assert_eq!((&detail["applicant"]["userID"], &detail["reqMsg"]), (&json!("carol"), &json!("please")));
    told(&mut at_bot, 1503).await;
    for id in ["n_alice_carol", "n_bot_7_carol", "n_carol_carol"] {
        assert_eq!(told(&mut at_carol, 1503).await.0, id, "the applicant is told, too, and sees every copy");
    }
    assert_eq!(server.send_as("carol", Recipient::Group("g7"), "hi").unwrap_err().code, 1002);

    let one = json!({ "groupID": "g7", "userID": "carol" });
    let path = "/group/get_specified_user_group_request_info";
    assert_eq!(data(&server, &alice, path, &one).await["groupRequests"][0]["reqMsg"], "please");
    assert_eq!(code(&server, &bob, path, &one).await, 1002);

    let page = json!({ "pageNumber": 1, "showNumber": 10 });
    let received = json!({ "fromUserID": "alice", "pagination": page });
    let list = data(&server, &alice, "/group/get_recv_group_applicationList", &received).await;
    let first = &list["groupRequests"][0];
    assert_eq!((&first["userInfo"]["userID"], &first["groupInfo"]["groupID"]), (&json!("carol"), &json!("g7")));
    let sent = json!({ "userID": "carol", "pagination": page });
    let own = data(&server, &carol, "/group/get_user_req_group_applicationList", &sent).await;
    assert_eq!(own["total"], 1);

    let answer =
        |result: i32| json!({ "groupID": "g7", "fromUserID": "carol", "handledMsg": "ok", "handleResult": result });
    assert_eq!(code(&server, &bob, "/group/group_application_response", &answer(1)).await, 1002);
    data(&server, &alice, "/group/group_application_response", &answer(-1)).await;
    let (_, _, detail) = told(&mut at_carol, 1506).await;
    assert_eq!((&detail["receiverAs"], common(&detail)), (&json!(0), [true, false, false, false]));
    let (_, _, copy) = told(&mut at_bot, 1506).await;
    assert_eq!((&copy["receiverAs"], &copy["uuid"]), (&json!(0), &detail["uuid"]), "the copies share it");
    assert_eq!(&copy["request"]["handleMsg"], "", "always empty");
    for id in ["n_alice_alice", "n_alice_bot_7", "n_alice_carol"] {
        let seen = told(&mut at_alice, 1506).await;
        assert_eq!((seen.0.as_str(), &seen.2["uuid"]), (id, &detail["uuid"]), "the decider sees every copy");
    }
    assert_eq!(code(&server, &alice, "/group/group_application_response", &answer(1)).await, 1206);
    data(&server, &carol, "/group/join_group", &join).await;
    data(&server, &alice, "/group/group_application_response", &answer(1)).await;
    told(&mut at_carol, 1505).await;
    let (_, _, detail) = told(&mut at_carol, 1510).await;
    assert_eq!((&detail["entrantUser"]["userID"], common(&detail)), (&json!("carol"), [false, true, true, false]));
    server.send_as("carol", Recipient::Group("g7"), "hi").unwrap();
}

#[tokio::test(start_paused = true)]
async fn invitations_wait_for_approval_if_the_group_requires_it() {
    let server = server();
    let (alice, mut at_alice) = login(&server, "alice").await;
    let (bob, _) = login(&server, "bob").await;
    data(&server, &alice, "/group/create_group", &new_group(1)).await;
    let invite = json!({ "groupID": "g7", "reason": "nice", "invitedUserIDs": ["carol"] });
    data(&server, &bob, "/group/invite_user_to_group", &invite).await;
    let (_, msg, detail) = told(&mut at_alice, 1503).await;
    assert_eq!((msg.send_id.as_str(), &detail["applicant"]["userID"]), ("bob", &json!("bob")), "who called");
    assert_eq!(detail["request"]["userInfo"]["userID"], "carol", "who is to come in");
    assert_eq!(detail["request"]["inviterUserID"], "bob");
    assert_eq!(server.send_as("carol", Recipient::Group("g7"), "hi").unwrap_err().code, 1002);
    data(&server, &alice, "/group/invite_user_to_group", &invite).await;
    server.send_as("carol", Recipient::Group("g7"), "hi").unwrap();
}
