//! The typed calls, in the words of the wire.

use openim_client::rest::page::Page;
use openim_client::rest::{friends, groups, members, messages, requests, users};
use serde_json::Value;

use crate::support::{Server, ok};

const PAGE: Page = Page { page_number: 2, show_number: 50 };

fn body(server: &Server) -> Value {
    serde_json::from_str(&server.requests()[0].body).unwrap()
}

#[tokio::test]
async fn case_72_an_unknown_user_is_left_out_and_no_error() {
    let server = Server::new([ok(r#"{"usersInfo":null}"#)]).await;
    assert!(users::get_users_info(&server.api(), &["nobody".to_owned()]).await.unwrap().is_empty());
}

#[tokio::test]
async fn long_lists_of_ids_are_asked_for_in_parts() {
    let server = Server::new((0..3).map(|n| ok(&format!(r#"{{"usersInfo":[{{"userID":"u{n}"}}]}}"#)))).await;
    let ids: Vec<String> = (0..450).map(|n| n.to_string()).collect();
    let found = users::get_users_info(&server.api(), &ids).await.unwrap();
    assert_eq!(found.iter().map(|user| user.user_id.as_str()).collect::<Vec<_>>(), ["u0", "u1", "u2"]);
    let asked = |request: &crate::support::Request| {
        serde_json::from_str::<Value>(&request.body).unwrap()["userIDs"].as_array().unwrap().len()
    };
    assert_eq!(server.requests().iter().map(asked).collect::<Vec<_>>(), [200, 200, 50]);
}

#[tokio::test]
async fn case_77_pages_without_members_are_empty_pages() {
    let server = Server::new([ok(r#"{"total":0,"members":null}"#)]).await;
    let page = members::get_group_member_list(&server.api(), "g100", PAGE).await.unwrap();
    assert_eq!((page.items.len(), page.total), (0, 0));
    assert_eq!(body(&server)["pagination"], serde_json::json!({"pageNumber": 2, "showNumber": 50}));
}

#[tokio::test]
async fn friend_requests_are_read_under_both_names_of_the_server() {
    let one = r#"[{"fromUserID":"alice","handleResult":-1,"createTime":1795175096000,"ex":null}]"#;
    let server = Server::new([
        ok(&format!(r#"{{"FriendRequests":{one},"total":1}}"#)),
        ok(&format!(r#"{{"friendRequests":{one},"total":1}}"#)),
    ])
    .await;
    let api = server.api();
    let received = friends::get_friend_apply_list(&api, "bot_7", PAGE).await.unwrap();
    let sent = friends::get_self_friend_apply_list(&api, "bot_7", PAGE).await.unwrap();
    for list in [received, sent] {
        assert_eq!((list.items[0].from_user_id.as_str(), list.items[0].handle_result), ("alice", -1));
    }
}

#[tokio::test]
async fn what_is_not_changed_is_not_sent() {
    let server = Server::new([ok("{}")]).await;
    let change = groups::GroupChange { group_name: Some("New".into()), ..groups::GroupChange::default() };
    groups::set_group_info_ex(&server.api(), "g100", &change).await.unwrap();
    assert_eq!(body(&server), serde_json::json!({"groupID": "g100", "groupName": "New"}));
}

#[tokio::test]
async fn reading_a_conversation_leaves_the_list_of_sequences_to_the_server() {
    let server = Server::new([ok("{}")]).await;
    messages::mark_conversation_as_read(&server.api(), "bot_7", "si_alice_bot_7", 16).await.unwrap();
    let expected = serde_json::json!({
        "userID": "bot_7", "conversationID": "si_alice_bot_7", "seqs": [], "hasReadSeq": 16,
    });
    assert_eq!(body(&server), expected);
}

#[tokio::test]
async fn the_answer_to_a_request_to_join_names_the_applicant() {
    let server = Server::new([ok("{}")]).await;
    requests::group_application_response(&server.api(), "g100", "carol", -1, "no").await.unwrap();
    let expected =
        serde_json::json!({"groupID": "g100", "fromUserID": "carol", "handledMsg": "no", "handleResult": -1});
    assert_eq!(body(&server), expected);
}
