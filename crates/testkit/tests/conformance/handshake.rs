//! Accepted and refused handshakes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use testkit::TestClock;
use testkit::token::{self, Claims};
use tokio_tungstenite::tungstenite::Message;

use crate::support::*;

const NOW: i64 = TestClock::EPOCH_MS / 1000;

fn claims() -> Claims {
    Claims { user_id: "bot_7".into(), platform_id: WEB, exp: NOW + 3600, iat: NOW - 5, nbf: None }
}

fn signed(claims: &Claims) -> String {
    query("bot_7", &token::make("openIM123", claims), WEB)
}

#[tokio::test(start_paused = true)]
async fn case_01_the_first_frame_says_that_the_handshake_succeeded() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    server.send_as("alice", testkit::Recipient::User("bot_7"), "stored before").unwrap();
    let mut peer = RawClient::upgrade(&server, &query("bot_7", &token, WEB)).await;
    assert_eq!(peer.text().await, r#"{"errCode":0,"errMsg":"","errDlt":""}"#);
    peer.assert_nothing_waits().await;
    assert_eq!((server.logins("bot_7"), server.connections("bot_7")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn case_02_without_is_msg_resp_there_is_no_first_frame() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    let mut peer = RawClient::upgrade(&server, &without(&query("bot_7", &token, WEB), "isMsgResp")).await;
    peer.assert_nothing_waits().await;
}

#[tokio::test(start_paused = true)]
async fn case_03_an_expired_token_is_refused_in_the_first_frame() {
    let server = server();
    let mut peer = RawClient::upgrade(&server, &signed(&Claims { exp: NOW, ..claims() })).await;
    assert_eq!(peer.text().await, r#"{"errCode":1501,"errMsg":"TokenExpiredError","errDlt":""}"#);
    assert_eq!(peer.gone().await, ConnectionEnd::Dropped);
    assert_eq!((server.logins("bot_7"), server.connections("bot_7")), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn case_04_without_is_msg_resp_the_refusal_is_an_http_body() {
    let server = server();
    let query = without(&signed(&Claims { exp: NOW, ..claims() }), "isMsgResp");
    let (status, body) = refused(&server, &query).await;
    assert_eq!((status, &body["errCode"], &body["errMsg"]), (200, &1501.into(), &"TokenExpiredError".into()));
}

#[tokio::test(start_paused = true)]
async fn case_05_each_bad_token_has_its_code() {
    let server = server();
    let good = server.issue_token("bot_7", WEB);
    let kicked = server.issue_token("bob", WEB);
    server.kick("bob", WEB);
    let never_issued = token::make("openIM123", &claims());
    let early = token::make("openIM123", &Claims { nbf: Some(NOW + 60), ..claims() });
    let rows = [
        ("garbage", query("bot_7", "garbage", WEB), 1503),
        ("another secret", query("bot_7", &token::make("other", &claims()), WEB), 1505),
        ("not yet valid", query("bot_7", &early, WEB), 1504),
        ("another user", query("alice", &good, WEB), 1502),
        ("another platform", query("bot_7", &good, WINDOWS), 1502),
        ("kicked", query("bob", &kicked, WEB), 1506),
        ("never issued", query("bot_7", &never_issued, WEB), 1507),
    ];
    for (what, query, code) in rows {
        let (status, body) = refused(&server, &without(&query, "isMsgResp")).await;
        assert_eq!((status, &body["errCode"]), (200, &code.into()), "{what}");
        let mut peer = RawClient::upgrade(&server, &query).await;
        assert!(peer.text().await.starts_with(&format!(r#"{{"errCode":{code},"#)), "{what}");
        assert_eq!(peer.gone().await, ConnectionEnd::Dropped, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn case_06_bad_arguments_are_an_http_body_even_with_is_msg_resp() {
    let server = server();
    let good = query("bot_7", &server.issue_token("bot_7", WEB), WEB);
    let missing = ["operationID", "token", "sendID", "platformID"].map(|name| without(&good, name));
    let odd =
        [("platformID=5", "platformID=99"), ("sdkType=js", "sdkType=rust"), ("isMsgResp=true", "isMsgResp=maybe")];
    let odd = odd.map(|(from, to)| good.replace(from, to));
    for query in missing.iter().chain(&odd) {
        let (status, body) = refused(&server, query).await;
        assert_eq!((status, &body["errCode"]), (200, &1602.into()), "{query}");
        assert_eq!(body["errMsg"], "args err, need token, sendID, platformID");
    }
    let (status, body) = refused(&server, &without(&good, "isBackground")).await;
    assert_eq!((status, &body["errCode"]), (200, &500.into()));
}

#[tokio::test(start_paused = true)]
async fn case_07_the_parameter_v_is_equivalent_to_the_query() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    let arguments = serde_json::json!({
        "token": token, "userID": "bot_7", "platformID": WEB, "operationID": "op", "compression": "gzip",
        "sdkType": "js", "sendResponse": true, "background": false, "sdkVersion": "",
    });
    let query = format!("v={}", URL_SAFE_NO_PAD.encode(arguments.to_string()));
    let mut peer = RawClient::login_with(&server, "bot_7", &query).await;
    peer.gzip = true;
    let request = openim_core::wire::pb::GetMaxSeqReq { user_id: "bot_7".into() };
    assert_eq!(peer.ask(openim_core::wire::ops::GET_NEWEST_SEQ, &request).await.err_code, 0);
}

#[tokio::test(start_paused = true)]
async fn case_08_reserved_characters_reach_the_server_intact() {
    let server = server_with(|config| {
        config.users.push(testkit::UserConfig { user_id: "ü_李".into(), ..Default::default() });
    });
    RawClient::login(&server, "a&b=c+d%41", WEB).await.assert_nothing_waits().await;
}

#[tokio::test(start_paused = true)]
async fn a_full_gateway_refuses_with_1601() {
    let server = server_with(|config| config.max_connections = 1);
    let _first = RawClient::login(&server, "alice", WEB).await;
    let token = server.issue_token("bot_7", WEB);
    let (status, body) = refused(&server, &query("bot_7", &token, WEB)).await;
    assert_eq!((status, &body["errCode"]), (200, &1601.into()));
}

#[tokio::test(start_paused = true)]
async fn a_clients_close_frame_is_answered() {
    let server = server();
    let mut peer = RawClient::login(&server, "bot_7", WEB).await;
    peer.write(Message::Close(None)).await;
    assert!(matches!(peer.next().await, Some(Message::Close(None))));
    tokio::time::timeout(PATIENCE, server.wait_until(|server| server.connections("bot_7") == 0)).await.unwrap();
}
