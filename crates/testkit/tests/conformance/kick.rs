//! Kicks and forced logouts.

use openim_core::wire::ops;
use tokio_tungstenite::tungstenite::Message;

use crate::support::*;

async fn assert_kicked(peer: &mut RawClient) {
    let Some(Message::Binary(frame)) = peer.next().await else { panic!("no kick") };
    let expected = r#"{"reqIdentifier":2002,"msgIncr":"","operationID":"","errCode":0,"errMsg":"","data":null}"#;
    assert_eq!(std::str::from_utf8(&frame).unwrap(), expected);
    assert_eq!(peer.gone().await, ConnectionEnd::Dropped);
}

#[tokio::test(start_paused = true)]
async fn case_64_another_token_replaces_the_connection() {
    let server = server();
    let old = server.issue_token("bot_7", WEB);
    let mut first = RawClient::login_with(&server, "bot_7", &query("bot_7", &old, WEB)).await;
    let mut phone = RawClient::login(&server, "bot_7", 2).await;
    let mut second = RawClient::login(&server, "bot_7", WEB).await;
    assert_kicked(&mut first).await;
    second.assert_nothing_waits().await;
    phone.assert_nothing_waits().await;
    let mut again = RawClient::upgrade(&server, &query("bot_7", &old, WEB)).await;
    assert!(again.text().await.starts_with(r#"{"errCode":1506,"errMsg":"TokenKickedError""#));
    assert_eq!((server.connections("bot_7"), server.logins("bot_7")), (2, 3));
}

#[tokio::test(start_paused = true)]
async fn case_64_connections_with_one_token_all_get_pushes() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    let mut first = RawClient::login_with(&server, "bot_7", &query("bot_7", &token, WEB)).await;
    let mut second = RawClient::login_with(&server, "bot_7", &query("bot_7", &token, WEB)).await;
    server.send_as("alice", testkit::Recipient::User("bot_7"), "to both").unwrap();
    assert_eq!((first.pushed().await.1.seq, second.pushed().await.1.seq), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn case_64_under_policy_0_nobody_is_kicked() {
    let server = server_with(|config| config.multi_login_policy = 0);
    let mut first = RawClient::login(&server, "bot_7", WEB).await;
    let mut second = RawClient::login(&server, "bot_7", WEB).await;
    first.assert_nothing_waits().await;
    second.assert_nothing_waits().await;
}

#[tokio::test(start_paused = true)]
async fn a_token_replaced_while_nobody_is_connected_is_kicked_at_once() {
    let server = server();
    let old = server.issue_token("bot_7", WEB);
    let running = RawClient::login_with(&server, "bot_7", &query("bot_7", &old, WEB)).await;
    let new = server.issue_token("bot_7", WEB);
    assert_eq!(server.connections("bot_7"), 1, "issuing leaves connections alone");
    drop(running);
    let (_, body) = refused(&server, &without(&query("bot_7", &old, WEB), "isMsgResp")).await;
    assert_eq!(body["errCode"], 1506);
    RawClient::login_with(&server, "bot_7", &query("bot_7", &new, WEB)).await.assert_nothing_waits().await;
}

#[tokio::test(start_paused = true)]
async fn case_86_a_kicked_token_turns_from_1506_to_1507() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    server.kick("bot_7", WEB);
    let query = without(&query("bot_7", &token, WEB), "isMsgResp");
    assert_eq!(refused(&server, &query).await.1["errCode"], 1506);
    server.issue_token("bot_7", 2);
    assert_eq!(refused(&server, &query).await.1["errCode"], 1507);
}

#[tokio::test(start_paused = true)]
async fn case_66_a_forced_logout_ends_every_connection_of_the_platform() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    let query = query("bot_7", &token, WEB);
    let mut first = RawClient::login_with(&server, "bot_7", &query).await;
    let mut second = RawClient::login_with(&server, "bot_7", &query).await;
    let mut phone = RawClient::login(&server, "bot_7", 2).await;
    assert_eq!(server.kick("bot_7", WEB), 2);
    assert_kicked(&mut first).await;
    assert_kicked(&mut second).await;
    phone.assert_nothing_waits().await;
    assert_eq!(refused(&server, &without(&query, "isMsgResp")).await.1["errCode"], 1506);
}

#[tokio::test(start_paused = true)]
async fn a_cut_connection_keeps_its_token_valid() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    let query = query("bot_7", &token, WEB);
    let mut peer = RawClient::login_with(&server, "bot_7", &query).await;
    assert_eq!(server.cut("bot_7"), 1);
    assert!(peer.next().await.is_none());
    let mut again = RawClient::login_with(&server, "bot_7", &query).await;
    server.send_as("alice", testkit::Recipient::User("bot_7"), "back").unwrap();
    assert_eq!(again.push().await.0.req_identifier, ops::PUSH_MSG);
}

#[tokio::test(start_paused = true)]
async fn each_login_policy_ends_the_sessions_it_does_not_allow() {
    const IOS: i32 = 1;
    const ANDROID: i32 = 2;
    for (policy, there, comes, ends) in [
        (0, WEB, WEB, false),
        (1, WEB, WEB, true),
        (1, IOS, WEB, false),
        (2, IOS, WEB, true),
        (3, IOS, ANDROID, true),
        (3, WEB, ANDROID, false),
        (4, IOS, ANDROID, true),
        (4, WINDOWS, ANDROID, false),
        (5, WEB, ANDROID, true),
        (5, WEB, WINDOWS, false),
    ] {
        let server = server_with(|config| config.multi_login_policy = policy);
        let (old, new) = (server.issue_token("bot_7", there), server.issue_token("bot_7", comes));
        // Issuing the second may have retired the first: it is the login that is looked at here.
        server.refuse_tokens("bot_7", Some(there), 0);
        let mut first = RawClient::login_with(&server, "bot_7", &query("bot_7", &old, there)).await;
        let mut second = RawClient::login_with(&server, "bot_7", &query("bot_7", &new, comes)).await;
        if ends {
            assert_kicked(&mut first).await;
            let mut again = RawClient::upgrade(&server, &query("bot_7", &old, there)).await;
            assert!(again.text().await.contains("1506"), "policy {policy}");
        } else {
            first.assert_nothing_waits().await;
        }
        second.assert_nothing_waits().await;
        assert_eq!(server.connections("bot_7"), if ends { 1 } else { 2 }, "policy {policy}");
    }
}
