//! The token endpoint: shapes of its answers, changing refresh tokens, and every fault.

use serde_json::{Value, json};
use testkit::{Server, TokenEndpointConfig, TokenEndpointFault};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Duration, Instant, timeout};

use crate::support::{RawClient, data, query, server_with};

/// The status and body of one request to the token endpoint; none if there is no answer.
async fn ask(server: &Server, path: &str, body: &Value) -> Option<(u16, String)> {
    let (mut stream, body) = (server.open(), body.to_string());
    let head =
        format!("POST /control/token-endpoint{path} HTTP/1.1\r\nhost: server\r\nconnection: close\r\nx-device: d\r\n");
    let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut seen = String::new();
    timeout(Duration::from_secs(60), stream.read_to_string(&mut seen)).await.ok()?.ok()?;
    let (head, body) = seen.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

fn endpoint_server() -> Server {
    server_with(|config| config.control = true)
}

#[tokio::test(start_paused = true)]
async fn the_token_endpoint_answers_in_the_configured_shape() {
    let server = endpoint_server();
    let old = server.issue_token("alice", 5);
    let shape = json!({ "result": { "auth": [{ "jwt": "{token}" }], "who": "id:{userID}", "n": 1 } });
    server.set_token_endpoint(TokenEndpointConfig { template: shape, ..TokenEndpointConfig::default() });
    let (status, body) = ask(&server, "/v1/auth/refresh?x=1", &json!({ "userID": "alice" })).await.unwrap();
    let answer: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &answer["result"]["who"], &answer["result"]["n"]), (200, &json!("id:alice"), &json!(1)));
    let token = answer["result"]["auth"][0]["jwt"].as_str().unwrap();
    RawClient::login_with(&server, "alice", &query("alice", token, 5)).await;
    assert_ne!(token, old);
    let report = server.token_endpoint_report();
    assert_eq!((report.requests, report.issued), (1, 1));
    let last = &report.last[0];
    assert_eq!((last.method.as_str(), last.path.as_str()), ("POST", "/control/token-endpoint/v1/auth/refresh?x=1"));
    assert_eq!((last.headers["x-device"].as_str(), last.body.as_str()), ("d", r#"{"userID":"alice"}"#));
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_works_once() {
    let server = endpoint_server();
    data(
        &server,
        "",
        "/control/set-token-endpoint",
        &json!({
            "userID": "alice", "refreshTokenPath": "auth.refresh", "refreshToken": "first",
            "template": { "code": 0, "token": "{token}", "refresh": "{refreshToken}" },
            "faults": [{ "times": 0, "hang": true }],
        }),
    )
    .await;
    let with = |token: &str| json!({ "auth": { "refresh": token } });
    let first: Value = serde_json::from_str(&ask(&server, "", &with("first")).await.unwrap().1).unwrap();
    let again: Value = serde_json::from_str(&ask(&server, "", &with("first")).await.unwrap().1).unwrap();
    assert_eq!((&first["code"], &again["code"]), (&json!(0), &json!(10_003)));
    let next = first["refresh"].as_str().unwrap();
    assert!(ask(&server, "", &with(next)).await.unwrap().1.contains("\"code\":0"));
    let report = data(&server, "", "/control/token-endpoint-report", &json!({})).await;
    assert_eq!((&report["requests"], &report["issued"]), (&json!(3), &json!(2)));
}

#[tokio::test(start_paused = true)]
async fn the_token_endpoint_fails_in_order_and_then_works() {
    let server = endpoint_server();
    let once = || TokenEndpointFault { times: Some(1), ..TokenEndpointFault::default() };
    let faults = [
        TokenEndpointFault { drop: true, ..once() },
        TokenEndpointFault { status: Some(500), ..once() },
        TokenEndpointFault { body: Some("<html>rubbish".into()), ..once() },
        TokenEndpointFault { body: Some(json!({ "code": 10_003 })), ..once() },
        TokenEndpointFault { omit: vec!["token".into()], ..once() },
        TokenEndpointFault { delay_ms: 7_000, ..once() },
        TokenEndpointFault { hang: true, ..once() },
    ];
    server.set_token_endpoint(TokenEndpointConfig { faults: faults.into(), ..TokenEndpointConfig::default() });
    let body = json!({ "userID": "alice" });
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(ask(&server, "", &body).await);
    }
    assert_eq!(seen[0], None, "dropped");
    assert_eq!(seen[1].as_ref().unwrap().0, 500);
    assert_eq!(seen[2], Some((200, "<html>rubbish".into())));
    assert_eq!(seen[3], Some((200, r#"{"code":10003}"#.into())));
    assert_eq!(seen[4], Some((200, r#"{"data":{"userID":"alice"}}"#.into())));
    let began = Instant::now();
    assert_eq!(ask(&server, "", &body).await.unwrap().0, 200);
    assert_eq!(began.elapsed(), Duration::from_secs(7));
    assert_eq!(ask(&server, "", &body).await, None, "no answer for a minute");
    assert_eq!(ask(&server, "", &body).await.unwrap().0, 200);
    assert_eq!(ask(&server, "", &json!({ "userID": "nobody" })).await.unwrap().0, 404);
}
