//! RefreshMode `http` against a real server on loopback: golden requests, every placeholder, every way an answer can be wrong.

use std::path::Path;
use std::time::Duration;

use channel::tokens::config::RefreshSettings;
use channel::tokens::{FetchFailure, HttpRefresher, Reason, Refresher};
use serde_json::{Value, json};

use crate::endpoint::{Endpoint, answer, json_answer};

const TOKEN: &str = "s3cret-new-token";

fn refresher(endpoint: &Endpoint, http: Value) -> HttpRefresher {
    refresher_in(endpoint, http, None)
}

fn refresher_in(endpoint: &Endpoint, mut http: Value, home: Option<&Path>) -> HttpRefresher {
    let path = http["endpoint"].as_str().unwrap_or("/refresh").to_owned();
    http["endpoint"] = json!(format!("http://{}{path}", endpoint.address));
    let defaults = [("responseTokenPath", json!("data.token"))];
    for (name, value) in defaults {
        if http.get(name).is_none() {
            http[name] = value;
        }
    }
    let settings = RefreshSettings::read(Some(&json!({"mode": "http", "http": http})));
    assert_eq!(settings.warnings, Vec::<String>::new());
    let network = net::Network::new(&net::Settings::default()).unwrap();
    HttpRefresher::new(settings.http.unwrap(), network.http().unwrap(), home.map(Path::to_owned))
}

async fn fetch(refresher: &HttpRefresher) -> Result<channel::tokens::Fetched, FetchFailure> {
    refresher.fetch("support", &Reason::Expired).await
}

async fn why(endpoint: &Endpoint, http: Value) -> String {
    match fetch(&refresher(endpoint, http)).await.unwrap_err() {
        FetchFailure::Transient { why, .. } => why,
        other => panic!("{other:?} is not transient"),
    }
}

#[tokio::test]
async fn the_golden_request_with_every_placeholder() {
    let endpoint = Endpoint::start(vec![json_answer(&json!({"data": {"token": TOKEN}}))]).await;
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state.json");
    std::fs::write(&state, r#"{"support": {"refreshToken": "r1", "deviceId": 77}, "other": {"refreshToken": "no"}}"#)
        .unwrap();
    let http = json!({
        "endpoint": "/v1/{accountId}/refresh?d={state.deviceId}", "method": "put", "stateFile": state,
        "headers": {"X-Account": "{accountId}", "Authorization": "Bearer {state.refreshToken}"},
        "body": {"refresh_token": "{state.refreshToken}", "deep": [{"device": "{state.deviceId}"}], "n": 5, "verbatim": "{other}"}});
    let fetched = fetch(&refresher(&endpoint, http)).await.unwrap();
    assert_eq!(fetched.token.expose(), TOKEN);
    let request = endpoint.request(0);
    assert_eq!(request.line, "PUT /v1/support/refresh?d=77 HTTP/1.1");
    assert_eq!(request.header("x-account"), Some("support"));
    assert_eq!(request.header("authorization"), Some("Bearer r1"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.body, r#"{"deep":[{"device":"77"}],"n":5,"refresh_token":"r1","verbatim":"{other}"}"#);
}

#[tokio::test]
async fn the_golden_request_of_the_defaults() {
    let endpoint = Endpoint::start(vec![json_answer(&json!({"data": {"token": TOKEN}}))]).await;
    fetch(&refresher(&endpoint, json!({}))).await.unwrap();
    let request = endpoint.request(0);
    assert_eq!((request.line.as_str(), request.body.as_str()), ("POST /refresh HTTP/1.1", ""));
    assert_eq!(request.header("content-type"), None);
}

#[tokio::test]
async fn a_text_is_sent_as_it_stands() {
    let endpoint = Endpoint::start(vec![json_answer(&json!({"data": {"token": TOKEN}}))]).await;
    fetch(&refresher(&endpoint, json!({"body": "a={accountId}&b=2"}))).await.unwrap();
    assert_eq!(endpoint.request(0).body, "a={accountId}&b=2");
    assert_eq!(endpoint.request(0).header("content-type"), Some("text/plain; charset=utf-8"));
    let http = json!({"body": "{\"a\": \"{accountId}\"}", "headers": {"content-type": "application/x-own"}});
    fetch(&refresher(&endpoint, http)).await.unwrap();
    assert_eq!(endpoint.request(1).header("content-type"), Some("application/x-own"));
}

#[tokio::test]
async fn the_answer_is_read_by_the_paths_of_the_configuration() {
    let body = json!({"result": {"auth": [{"jwt": TOKEN}], "uid": 42, "refresh": "r2", "ttl": 90}});
    let endpoint = Endpoint::start(vec![json_answer(&body)]).await;
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state.json");
    std::fs::write(&state, r#"{"support": {"refreshToken": "r1", "x": 1}, "other": {"y": 2}}"#).unwrap();
    let http = json!({"responseTokenPath": ["data.token", "result.auth.0.jwt"], "responseUserIdPath": "result.uid", "stateFile": state,
        "stateWriteBack": {"refreshToken": ["data.refresh", "result.refresh"], "ttl": "result.ttl", "gone": "result.none"}});
    let refresher = refresher(&endpoint, http);
    let fetched = fetch(&refresher).await.unwrap();
    assert_eq!((fetched.token.expose().as_str(), fetched.user_id.as_deref()), (TOKEN, Some("42")));
    refresher.keep("support", &fetched).await.unwrap();
    let golden = "{\n  \"support\": {\n    \"refreshToken\": \"r2\",\n    \"x\": 1,\n    \"ttl\": 90\n  },\n  \"other\": {\"y\": 2}\n}\n";
    assert_eq!(std::fs::read_to_string(&state).unwrap(), golden);
}

#[tokio::test]
async fn half_a_pair_without_a_token_is_a_failure_and_writes_nothing() {
    let endpoint = Endpoint::start(vec![json_answer(&json!({"data": {"refresh": "r2"}}))]).await;
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state.json");
    std::fs::write(&state, r#"{"support":{"refreshToken":"r1"}}"#).unwrap();
    let http = json!({"stateFile": state, "stateWriteBack": {"refreshToken": "data.refresh"}});
    let said = why(&endpoint, http).await;
    assert!(said.contains("has no token at data.token"), "{said}");
    assert_eq!(std::fs::read_to_string(&state).unwrap(), r#"{"support":{"refreshToken":"r1"}}"#);
}

#[tokio::test]
async fn what_is_not_2xx_is_a_failure_whose_words_are_cut_and_hold_no_secret() {
    let long = format!("{{\"msg\": \"{}\", \"token\": \"s3cret-a\", \"echo\": \"r1-s3cret\"}}", "x ".repeat(400));
    for status in [400, 401, 403, 404, 429, 500, 502] {
        let endpoint = Endpoint::start(vec![answer(status, "", &long)]).await;
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state.json");
        std::fs::write(&state, r#"{"support":{"refreshToken":"r1-s3cret"}}"#).unwrap();
        let http = json!({"stateFile": state, "headers": {"x": "{state.refreshToken}"}});
        let said = why(&endpoint, http).await;
        assert!(said.contains(&format!("answered HTTP {status}")), "{said}");
        assert!(!said.contains("s3cret") && said.chars().count() < 400, "{said}");
    }
}

#[tokio::test]
async fn rubbish_hangs_endless_answers_and_dead_ends_are_transient_and_bounded() {
    let cases = [
        (answer(200, "", "<html>"), "something that is not JSON"),
        (answer(200, "", ""), "something that is not JSON"),
        (answer(200, "", "[]"), "has no token"),
        (answer(200, "", "{\"data\":{\"token\":\"\"}}"), "has no token"),
        (answer(302, "location: http://elsewhere.invalid/\r\n", ""), "wants to send the request elsewhere"),
        (crate::endpoint::Answer::Drop, "cannot be asked"),
        (crate::endpoint::Answer::Endless, "does not end"),
        (crate::endpoint::Answer::Hang, "did not answer within 300 ms"),
    ];
    for (answer, words) in cases {
        let hangs = matches!(answer, crate::endpoint::Answer::Hang);
        let endpoint = Endpoint::start(vec![answer]).await;
        let http = if hangs { json!({"timeoutMs": 300}) } else { json!({}) };
        let said = why(&endpoint, http).await;
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_transient() {
    let endpoint = Endpoint::start(vec![]).await;
    let refresher = refresher(&endpoint, json!({"endpoint": "/x?key=s3cret"}));
    endpoint.close().await;
    let Err(FetchFailure::Transient { why, .. }) = fetch(&refresher).await else { panic!("it is transient") };
    assert!(why.contains("cannot be asked") && !why.contains("s3cret"), "{why}");
}

#[tokio::test]
async fn which_refusals_are_final_is_configured_and_by_default_none_is() {
    let with = |permanent: Value| {
        let mut http = json!({"responseCodePath": ["code", "error.code"]});
        for (name, value) in permanent.as_object().unwrap() {
            http[name] = value.clone();
        }
        http
    };
    let revoked = || answer(200, "", r#"{"code":10003,"msg":"invalid refresh token"}"#);
    let cases = [
        (answer(401, "", "{}"), json!({}), false),
        (answer(401, "", "{}"), json!({"permanentStatus": [401]}), true),
        (answer(500, "", "{}"), json!({"permanentStatus": [401]}), false),
        (revoked(), json!({}), false),
        (revoked(), json!({"permanentCodes": [400, 10003]}), true),
        (answer(400, "", r#"{"error":{"code":"revoked"}}"#), json!({"permanentCodes": ["revoked"]}), true),
        (answer(200, "", r#"{"code":1}"#), json!({"permanentCodes": [10003]}), false),
    ];
    for (answer, permanent, expected) in cases {
        let endpoint = Endpoint::start(vec![answer]).await;
        let failure = fetch(&refresher(&endpoint, with(permanent.clone()))).await.unwrap_err();
        assert_eq!(matches!(failure, FetchFailure::Permanent(_)), expected, "{permanent} {failure:?}");
    }
}

#[tokio::test]
async fn an_unknown_code_beside_a_token_is_a_success() {
    let endpoint = Endpoint::start(vec![json_answer(&json!({"code": 200, "data": {"token": TOKEN}}))]).await;
    let http = json!({"responseCodePath": "code", "permanentCodes": [10003]});
    assert_eq!(fetch(&refresher(&endpoint, http)).await.unwrap().token.expose(), TOKEN);
}

#[tokio::test]
async fn an_endpoint_may_ask_to_wait_and_tells_its_time() {
    let endpoint = Endpoint::start(vec![answer(429, "retry-after: 90\r\n", "{}")]).await;
    let Err(FetchFailure::Transient { retry_after, .. }) = fetch(&refresher(&endpoint, json!({}))).await else {
        panic!()
    };
    assert_eq!(retry_after, Some(Duration::from_secs(90)));
    let body = json!({"data": {"token": TOKEN}}).to_string();
    let endpoint = Endpoint::start(vec![answer(200, "date: Fri, 20 Nov 2026 12:00:00 GMT\r\n", &body)]).await;
    assert_eq!(fetch(&refresher(&endpoint, json!({}))).await.unwrap().server_ms, Some(1_795_176_000_000));
}

#[tokio::test]
async fn without_what_a_placeholder_stands_for_no_request_is_made() {
    let endpoint = Endpoint::start(vec![json_answer(&json!({"data": {"token": TOKEN}}))]).await;
    let directory = tempfile::tempdir().unwrap();
    let (missing, broken) = (directory.path().join("none.json"), directory.path().join("broken.json"));
    std::fs::write(&broken, "{\"support\"").unwrap();
    let cases = [
        (json!({"body": {"r": "{state.refreshToken}"}}), "no stateFile is set"),
        (json!({"body": {"r": "{state.refreshToken}"}, "stateFile": missing}), "put it into "),
        (json!({"headers": {"x": "{state.refreshToken}"}, "stateFile": missing}), "{state.refreshToken} has no value"),
        (json!({"endpoint": "/{state.x}"}), "{state.x} has no value"),
        (json!({"stateFile": broken}), "cannot be read: it is not a JSON object"),
        (json!({"headers": {"bad name": "x"}}), "is no name of a header"),
        (json!({"headers": {"x": "line\nbreak"}}), "cannot hold its value"),
    ];
    for (http, words) in cases {
        let said = why(&endpoint, http).await;
        assert!(said.contains(words), "{words}: {said}");
    }
    let settings = RefreshSettings::read(Some(
        &json!({"mode": "http", "http": {"endpoint": "ftp://x", "responseTokenPath": "t"}}),
    ));
    let network = net::Network::new(&net::Settings::default()).unwrap();
    let odd = HttpRefresher::new(settings.http.unwrap(), network.http().unwrap(), None);
    assert!(
        matches!(fetch(&odd).await, Err(FetchFailure::Transient { why, .. }) if why.contains("begins with http://"))
    );
    assert_eq!(endpoint.count(), 0);
}

#[tokio::test]
async fn files_are_cleared_after_a_success_and_missing_ones_are_fine() {
    let endpoint = Endpoint::start(vec![json_answer(&json!({"data": {"token": TOKEN}}))]).await;
    let home = tempfile::tempdir().unwrap();
    let wanted = home.path().join("need-login.support");
    std::fs::write(&wanted, "x").unwrap();
    std::fs::create_dir(home.path().join("directory")).unwrap();
    let http = json!({"clearOnSuccess": ["~/need-login.{accountId}", "~/none.{accountId}", "~/directory"]});
    let notes = refresher_in(&endpoint, http, Some(home.path())).done("support").await;
    assert!(!wanted.exists());
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("directory was not removed"));
}

#[tokio::test]
async fn another_state_is_another_request() {
    let endpoint = Endpoint::start(vec![]).await;
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state.json");
    let refresher = refresher(&endpoint, json!({"body": {"r": "{state.r}"}, "stateFile": state}));
    let write = |r: &str| std::fs::write(&state, json!({"support": {"r": r}}).to_string()).unwrap();
    write("1");
    let first = refresher.key("support").await;
    assert_eq!(refresher.key("support").await, first);
    write("2");
    assert_ne!(refresher.key("support").await, first);
    assert!(!first.contains('{'));
}
