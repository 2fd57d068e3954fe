//! The list of conversations, from answers as a real server gives them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openim_client::calls::{ConversationItem, Offset};
use serde_json::{Value, json};

use crate::support::{Server, Step, ok};

fn id(peer: &str) -> String {
    format!("si_{peer}_bot_7")
}

fn settings(peer: &str, more: &Value) -> Value {
    let mut settings =
        json!({"ownerUserID": "bot_7", "conversationID": id(peer), "conversationType": 1, "userID": peer});
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    settings
}

/// A conversation as `/jssdk/get_conversations` shows it.
fn shown(peer: &str, more: &Value, last: &Value) -> Value {
    let mut message = json!({
        "sendID": peer, "recvID": "bot_7", "clientMsgID": format!("of {peer}"), "sessionType": 1, "contentType": 101,
        "content": STANDARD.encode(r#"{"content":"hi"}"#), "seq": 5, "sendTime": 1000, "status": 2,
    });
    message.as_object_mut().unwrap().extend(last.as_object().unwrap().clone());
    json!({
        "conversation": settings(peer, more), "lastMsg": message, "user": {"userID": peer, "nickname": peer},
        "maxSeq": 5, "readSeq": 5,
    })
}

fn positions(of: &[(&str, i64)], pinned: &[&str]) -> Step {
    let seqs: serde_json::Map<_, _> = of
        .iter()
        .map(|(peer, time)| (id(peer), json!({"maxSeq": i64::from(*time > 0), "hasReadSeq": 0, "maxSeqTime": time})))
        .collect();
    let pinned: Vec<_> = pinned.iter().map(|peer| id(peer)).collect();
    ok(&json!({"seqs": seqs, "pinnedConversationIDs": pinned}).to_string())
}

fn list(items: &[Value]) -> Step {
    ok(&json!({ "conversations": items }).to_string())
}

async fn part(server: &Server, offset: u32, count: u32) -> Vec<ConversationItem> {
    server.calls().get_conversation_list_split(Offset { offset, count }).await.unwrap()
}

fn peers(items: &[ConversationItem]) -> Vec<&str> {
    items.iter().map(|item| item.user_id.as_str()).collect()
}

#[tokio::test]
async fn messages_stored_in_one_batch_are_ordered_by_their_own_times() {
    let at = |peer: &str, time: i64| shown(peer, &json!({}), &json!({ "sendTime": time }));
    let server = Server::new([
        positions(&[("alice", 9_000), ("bob", 9_000), ("carol", 9_000)], &[]),
        list(&[at("alice", 8_901), at("bob", 8_990), at("carol", 8_950)]),
    ])
    .await;
    assert_eq!(peers(&part(&server, 0, 10).await), ["bob", "carol", "alice"]);
}

#[tokio::test]
async fn a_cleared_conversation_shows_no_message() {
    let cleared = shown("alice", &json!({"minSeq": 6}), &json!({}));
    let server = Server::new([positions(&[("alice", 9_000)], &[]), list(&[cleared])]).await;
    let items = part(&server, 0, 10).await;
    assert_eq!((items[0].latest_msg.as_str(), items[0].latest_msg_send_time), ("", 0));
    assert_eq!(items[0].show_name, "alice");
}

#[tokio::test]
async fn a_newest_message_that_was_deleted_is_not_shown() {
    let deleted = shown("alice", &json!({}), &json!({"status": 4, "content": ""}));
    let server = Server::new([positions(&[("alice", 9_000)], &[]), list(&[deleted])]).await;
    assert_eq!(part(&server, 0, 10).await[0].latest_msg, "");
}

#[tokio::test]
async fn a_conversation_without_a_message_has_its_place_in_the_list() {
    let steps = || {
        [
            positions(&[("alice", 0), ("bob", 9_000)], &["alice"]),
            list(&[]),
            list(&[settings("alice", &json!({"isPinned": true}))]),
            ok(r#"{"usersInfo":[{"userID":"alice","nickname":"Alice"}]}"#),
        ]
    };
    let server = Server::new(steps()).await;
    let items = part(&server, 0, 1).await;
    assert_eq!(peers(&items), ["alice"]);
    assert_eq!((items[0].show_name.as_str(), items[0].latest_msg.as_str()), ("Alice", ""));
}
