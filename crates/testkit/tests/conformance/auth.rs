//! Tokens over REST.

use serde_json::json;
use testkit::TestClock;

use crate::support::*;

const NOW: i64 = TestClock::EPOCH_MS / 1000;

#[tokio::test(start_paused = true)]
async fn case_68_only_admins_issue_tokens_and_everybody_parses_them() {
    let server = server();
    let wrong = json!({ "secret": "wrong", "userID": "imAdmin" });
    assert_eq!(code(&server, "", "/auth/get_admin_token", &wrong).await, 1002);
    let nobody = json!({ "secret": "openIM123", "userID": "alice" });
    assert_eq!(code(&server, "", "/auth/get_admin_token", &nobody).await, 1001);

    let admin = admin_token(&server).await;
    let asked = json!({ "userID": "bot_7", "platformID": 5 });
    let as_user = server.issue_token("alice", WEB);
    assert_eq!(code(&server, &as_user, "/auth/get_user_token", &asked).await, 1002);
    let issued = data(&server, &admin, "/auth/get_user_token", &asked).await;
    assert_eq!(issued["expireTimeSeconds"], 7_776_000);

    let parsed = data(&server, "", "/auth/parse_token", &json!({ "token": issued["token"] })).await;
    let expected = json!({ "userID": "bot_7", "platformID": 5, "expireTimeSeconds": NOW - 5 + 7_776_000 });
    assert_eq!(parsed, expected, "an absolute time in seconds");
    assert_eq!(code(&server, "", "/auth/parse_token", &json!({ "token": "garbage" })).await, 1503);
    RawClient::login_with(&server, "bot_7", &query("bot_7", issued["token"].as_str().unwrap(), WEB)).await;
}

#[tokio::test(start_paused = true)]
async fn user_tokens_are_issued_to_ordinary_users_only() {
    let server = server();
    let admin = admin_token(&server).await;
    for (user, platform, expected) in
        [("bot_7", 10, 1002), ("imAdmin", 5, 1002), ("nobody", 5, 1004), ("bot_7", 99, 1001), ("bot_7", 0, 1001)]
    {
        let asked = json!({ "userID": user, "platformID": platform });
        assert_eq!(code(&server, &admin, "/auth/get_user_token", &asked).await, expected, "{user} {platform}");
    }
}

#[tokio::test(start_paused = true)]
async fn case_66_a_forced_logout_over_rest_kicks_and_marks() {
    let server = server();
    let admin = admin_token(&server).await;
    let token = server.issue_token("bot_7", WEB);
    let mut peer = RawClient::login_with(&server, "bot_7", &query("bot_7", &token, WEB)).await;
    let asked = json!({ "userID": "bot_7", "platformID": WEB });
    assert_eq!(code(&server, &token, "/auth/force_logout", &asked).await, 1002, "not with a user's token");
    let answer = api(&server, &admin, "/auth/force_logout", &asked).await;
    assert_eq!(answer, json!({ "errCode": 0, "errMsg": "", "errDlt": "" }), "no data");
    assert_eq!(peer.response().await.req_identifier, 2002);
    assert_eq!(code(&server, &token, "/msg/get_server_time", &json!({})).await, 1506);
}

#[tokio::test(start_paused = true)]
async fn a_token_issued_over_rest_retires_the_platforms_older_one() {
    let server = server();
    let admin = admin_token(&server).await;
    let old = server.issue_token("bot_7", WEB);
    data(&server, &admin, "/auth/get_user_token", &json!({ "userID": "bot_7", "platformID": WEB })).await;
    assert_eq!(code(&server, &old, "/msg/get_server_time", &json!({})).await, 1506);
}
