//! Deleting and clearing, read positions over REST, settings, and a business server's notifications.

use openim_core::wire::pb::{ConversationSeqs, GetSeqMessageReq, PushMessages};
use serde_json::{Value, json};
use testkit::{Recipient, Server};

use crate::people::told;
use crate::support::{RawClient, WEB, admin_token, code, data, query, server};

async fn login(server: &Server, user: &str) -> (String, RawClient) {
    let token = server.token(user, WEB);
    let peer = RawClient::login_with(server, user, &query(user, &token, WEB)).await;
    (token, peer)
}

fn three(server: &Server) {
    for text in ["one", "two", "three"] {
        server.send_as("alice", Recipient::User("bob"), text).unwrap();
    }
}

/// What a user sees of the three: sequence, status, whether there is content.
async fn seen(peer: &mut RawClient) -> Vec<(i64, i32, bool)> {
    let asked = GetSeqMessageReq {
        user_id: peer.user_id.clone(),
        conversations: vec![ConversationSeqs { conversation_id: "si_alice_bob".into(), seqs: vec![1, 2, 3] }],
        order: 0,
    };
    let answer: PushMessages = peer.ask_for(1005, &asked).await;
    let msgs = &answer.msgs["si_alice_bob"].msgs;
    msgs.iter().map(|msg| (msg.seq, msg.status, !msg.content.is_empty())).collect()
}

fn delete(user: &str, own: bool, others: bool) -> Value {
    json!({
        "userID": user, "conversationID": "si_alice_bob", "seqs": [2],
        "deleteSyncOpt": { "IsSyncSelf": own, "IsSyncOther": others },
    })
}

#[tokio::test(start_paused = true)]
async fn a_message_is_deleted_for_oneself_or_for_everybody() {
    let server = server();
    three(&server);
    let (alice, mut at_alice) = login(&server, "alice").await;
    let (bob, mut at_bob) = login(&server, "bob").await;
    data(&server, &bob, "/msg/delete_msgs", &delete("bob", true, false)).await;
    let (id, msg, detail) = told(&mut at_bob, 2102).await;
    assert_eq!((id.as_str(), msg.seq, &detail["seqs"]), ("n_bob_bob", 1, &json!([2])), "stored");
    assert_eq!(seen(&mut at_bob).await, [(1, 1, true), (2, 4, false), (3, 1, true)]);
    assert_eq!(seen(&mut at_alice).await, [(1, 1, true), (2, 1, true), (3, 1, true)]);
    data(&server, &alice, "/msg/delete_msgs", &delete("alice", false, true)).await;
    let (id, msg, _) = told(&mut at_bob, 2102).await;
    assert_eq!((id.as_str(), msg.seq), ("n_alice_bob", 1), "this one is stored");
    assert_eq!(seen(&mut at_alice).await[1], (2, 4, false));
    let mut wrong = delete("bob", false, false);
    wrong["seqs"] = json!([0]);
    assert_eq!(code(&server, &bob, "/msg/delete_msgs", &wrong).await, 1001);
    assert_eq!(code(&server, &bob, "/msg/delete_msgs", &delete("alice", false, false)).await, 1002);
}

#[tokio::test(start_paused = true)]
async fn a_cleared_chat_begins_after_its_old_messages() {
    let server = server();
    three(&server);
    let (alice, mut at_alice) = login(&server, "alice").await;
    let (bob, mut at_bob) = login(&server, "bob").await;
    let clear =
        json!({ "userID": "bob", "conversationIDs": ["si_alice_bob"], "deleteSyncOpt": { "IsSyncSelf": true } });
    data(&server, &bob, "/msg/clear_conversation_msg", &clear).await;
    assert_eq!(told(&mut at_bob, 1703).await.2["conversationIDs"], json!(["si_alice_bob"]));
    assert_eq!(told(&mut at_bob, 1300).await.2["conversationIDList"], json!(["si_alice_bob"]));
    assert_eq!(seen(&mut at_bob).await, []);
    assert_eq!(seen(&mut at_alice).await.len(), 3);
    data(&server, &alice, "/msg/user_clear_all_msg", &json!({ "userID": "alice", "deleteSyncOpt": {} })).await;
    assert_eq!(seen(&mut at_alice).await, []);
    server.send_as("alice", Recipient::User("bob"), "four").unwrap();
    let pull = json!({ "userID": "bob", "seqRanges": [{ "conversationID": "si_alice_bob", "begin": 1, "end": 9, "num": 9 }], "order": 0 });
    let pulled = data(&server, &bob, "/msg/pull_msg_by_seq", &pull).await;
    assert_eq!(pulled["msgs"]["si_alice_bob"]["Msgs"][0]["seq"], 4);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_conversation_stays_away_until_it_gets_settings() {
    let server = server();
    three(&server);
    let (bob, mut at_bob) = login(&server, "bob").await;
    let chat = json!({ "ownerUserID": "bob", "userID": "bob", "conversationIDs": ["si_alice_bob"] });
    let newest = async || data(&server, &bob, "/msg/newest_seq", &json!({ "userID": "bob" })).await["maxSeqs"].clone();
    assert_eq!(newest().await["si_alice_bob"], 3);
    data(&server, &bob, "/conversation/delete_conversations", &chat).await;
    server.send_as("alice", Recipient::User("bob"), "four").unwrap();
    while at_bob.pushed().await.1.seq != 4 {}
    assert_eq!(newest().await.get("si_alice_bob"), None, "not even after a new message");
    let path = "/msg/get_conversations_has_read_and_max_seq";
    let named = data(&server, &bob, path, &chat).await;
    assert_eq!(named["seqs"]["si_alice_bob"]["maxSeq"], 4, "but by its name");
    let all = data(&server, &bob, path, &json!({ "userID": "bob", "conversationIDs": [] })).await;
    assert_eq!(all["seqs"], json!({}));
    let set = json!({ "userIDs": ["bob"], "conversation": { "conversationID": "si_alice_bob", "isPinned": true } });
    data(&server, &bob, "/conversation/set_conversations", &set).await;
    assert_eq!(newest().await["si_alice_bob"], 4);
}

#[tokio::test(start_paused = true)]
async fn read_positions_are_sent_to_the_peer_or_the_own_devices() {
    let server = server();
    three(&server);
    let (_, mut at_alice) = login(&server, "alice").await;
    let (bob, mut at_bob) = login(&server, "bob").await;
    let marked = |seqs: Value| json!({ "userID": "bob", "conversationID": "si_alice_bob", "seqs": seqs });
    data(&server, &bob, "/msg/mark_msgs_as_read", &marked(json!([1, 2]))).await;
    let (id, _, detail) = told(&mut at_alice, 2200).await;
    assert_eq!((id.as_str(), &detail["seqs"], &detail["hasReadSeq"]), ("n_alice_bob", &json!([1, 2]), &json!(2)));
    assert_eq!(code(&server, &bob, "/msg/mark_msgs_as_read", &marked(json!([0]))).await, 1001);
    let set = |seq: i64| json!({ "userID": "bob", "conversationID": "si_alice_bob", "hasReadSeq": seq, "noNotification": true });
    assert_eq!(code(&server, &bob, "/msg/set_conversation_has_read_seq", &set(4)).await, 1001);
    data(&server, &bob, "/msg/set_conversation_has_read_seq", &set(3)).await;
    let mut own = told(&mut at_bob, 2200).await;
    while own.0 != "n_bob_bob" {
        own = told(&mut at_bob, 2200).await;
    }
    assert_eq!((&own.2["seqs"], &own.2["hasReadSeq"]), (&Value::Null, &json!(3)));
    let sorted = json!({ "userID": "bob", "conversationIDs": [], "pagination": { "pageNumber": 1, "showNumber": 5 } });
    let list = data(&server, &bob, "/conversation/get_sorted_conversation_list", &sorted).await;
    assert_eq!(
        (&list["unreadTotal"], &list["conversationElems"][0]["msgInfo"]["sendID"]),
        (&json!(0), &json!("alice"))
    );
}

#[tokio::test(start_paused = true)]
async fn changed_settings_are_announced_and_read_again() {
    let server = server();
    three(&server);
    let (bob, mut at_bob) = login(&server, "bob").await;
    let set = json!({ "userIDs": ["bob"], "conversation": { "conversationID": "si_alice_bob", "isPinned": true } });
    data(&server, &bob, "/conversation/set_conversations", &set).await;
    assert_eq!(told(&mut at_bob, 1300).await.2["conversationIDList"], json!(["si_alice_bob"]));
    let pinned = data(&server, &bob, "/conversation/get_pinned_conversation_ids", &json!({ "userID": "bob" })).await;
    assert_eq!(pinned["conversationIDs"], json!(["si_alice_bob"]));
    let one = json!({ "ownerUserID": "bob", "conversationID": "si_alice_bob", "conversationIDs": ["si_alice_bob"] });
    for (path, member) in [("get_conversation", "conversation"), ("get_conversations", "conversations")] {
        let found = data(&server, &bob, &format!("/conversation/{path}"), &one).await;
        let shown = if found[member].is_array() { &found[member][0] } else { &found[member] };
        assert_eq!(shown["isPinned"], true, "{path}");
    }
    let none = json!({ "ownerUserID": "bob", "conversationID": "si_bob_carol" });
    assert_eq!(code(&server, &bob, "/conversation/get_conversation", &none).await, 1004);
}

#[tokio::test(start_paused = true)]
async fn the_sending_calls_of_the_server_api_need_an_admin() {
    let server = server();
    let (bob, mut at_bob) = login(&server, "bob").await;
    let admin = admin_token(&server).await;
    let notice =
        json!({ "key": "order", "data": "42", "sendUserID": "alice", "recvUserID": "bob", "reliabilityLevel": 2 });
    assert_eq!(code(&server, &bob, "/msg/send_business_notification", &notice).await, 1002);
    data(&server, &admin, "/msg/send_business_notification", &notice).await;
    let (id, msg, detail) = told(&mut at_bob, 2001).await;
    assert_eq!((id.as_str(), msg.seq, detail), ("n_alice_bob", 1, json!({ "key": "order", "data": "42" })));
    let batch = json!({
        "sendID": "alice", "content": { "content": "all" }, "contentType": 101, "sessionType": 1,
        "recvIDs": ["bob", "nobody"],
    });
    let sent = data(&server, &admin, "/msg/batch_send_msg", &batch).await;
    assert_eq!((&sent["results"][0]["recvID"], &sent["failedUserIDs"]), (&json!("bob"), &json!(["nobody"])));
}
