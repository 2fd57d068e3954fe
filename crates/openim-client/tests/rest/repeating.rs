//! What is asked again, what is not, and what a call says when nobody knows.

use std::time::Duration;

use base::Kind;
use openim_client::rest::members;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::support::{Changing, Server, Step, api, http, json as answer, ok, refused};

#[tokio::test]
async fn case_80_a_429_is_waited_out_as_long_as_it_asks_for() {
    let slow = || http("429 Too Many Requests", &[("retry-after", "1")], b"slow down");
    let server = Server::new([slow(), ok("7")]).await;
    let began = Instant::now();
    assert_eq!(server.api().post::<i32>("/x/y", &json!({})).await.unwrap(), 7);
    assert!(began.elapsed() >= Duration::from_secs(1), "it came back after {:?}", began.elapsed());
    assert_eq!(server.count(), 2, "nothing was done by a 429, so what changes is made again, too");
}

#[tokio::test]
async fn case_80_a_longer_pause_is_left_to_the_caller() {
    let server = Server::new([http("429 Too Many Requests", &[("retry-after", "3600")], b"")]).await;
    let error = server.api().read::<Value>("/x/y", &json!({})).await.unwrap_err();
    assert_eq!((error.kind(), error.wait()), (Kind::RateLimited, Some(Duration::from_secs(3_600))));
    assert!(error.is_retryable() && !error.is_maybe_delivered());
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_change_of_many_things_may_take_longer() {
    let Step::Answer(done) = ok("{}") else { unreachable!("an answer is bytes") };
    let late = |bytes: &[u8]| Step::Late(Duration::from_secs(2), bytes.to_vec());
    let server = Server::new([late(&done), late(&done)]).await;
    let ids = ["alice".to_owned()];
    members::kick_group(&server.api(), "g100", &ids, "").await.unwrap();
    let error = members::quit_group(&server.api(), "bot_7", "g100").await.unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_delivered()), (Kind::Timeout, true));
}

#[tokio::test]
async fn any_pause_that_a_server_asks_for_is_survived() {
    for pause in ["18446744073709551615", "99999999999999999999999", "-1", "Fri, 31 Dec 9999 23:59:59 GMT", "\u{fffd}"]
    {
        let server = Server::new((0..3).map(|_| http("429 Too Many Requests", &[("retry-after", pause)], b""))).await;
        let error = server.api().read::<Value>("/x/y", &json!({})).await.unwrap_err();
        assert_eq!(error.kind(), Kind::RateLimited, "{pause}");
    }
}

#[tokio::test]
async fn case_80_a_5xx_is_asked_again_for_reads_only() {
    let failing = || http("502 Bad Gateway", &[], b"<html>nginx</html>");
    let server = Server::new([failing(), failing(), ok("1")]).await;
    assert_eq!(server.api().read::<i32>("/x/y", &json!({})).await.unwrap(), 1);

    let server = Server::new([failing()]).await;
    let error = server.api().post::<Value>("/x/y", &json!({})).await.unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_delivered()), (Kind::Server, true));
    assert_eq!((server.count(), error.is_retryable()), (1, false));
    assert_eq!(error.to_string(), "/x/y was answered with HTTP 502");
}

#[tokio::test]
async fn case_80_a_read_gives_up_after_three_attempts() {
    let failing = || http("503 Service Unavailable", &[("retry-after", "0")], b"");
    let server = Server::new([failing(), failing(), failing()]).await;
    let error = server.api().read::<Value>("/x/y", &json!({})).await.unwrap_err();
    assert_eq!((error.kind(), server.count()), (Kind::Server, 3));
}

#[tokio::test]
async fn a_server_fault_is_retried_for_reads_and_is_no_unknown_outcome() {
    let fault = || refused(500, "ServerInternalError", "rpc error");
    let server = Server::new([fault(), ok("1")]).await;
    assert_eq!(server.api().read::<i32>("/x/y", &json!({})).await.unwrap(), 1);

    let server = Server::new([fault()]).await;
    let error = server.api().post::<Value>("/x/y", &json!({})).await.unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_delivered(), server.count()), (Kind::Server, false, 1));
}

#[tokio::test]
async fn a_missing_answer_is_a_timeout_with_unknown_outcome_for_changes() {
    let server = Server::new([Step::Silence]).await;
    let error = server.api().post::<Value>("/x/y", &json!({})).await.unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_delivered(), server.count()), (Kind::Timeout, true, 1));

    let server = Server::new([Step::Silence, ok("1")]).await;
    assert_eq!(server.api().read::<i32>("/x/y", &json!({})).await.unwrap(), 1);
}

#[tokio::test]
async fn a_server_that_hangs_up_is_asked_again_for_reads_only() {
    let server = Server::new([Step::HangUp, ok("1")]).await;
    assert_eq!(server.api().read::<i32>("/x/y", &json!({})).await.unwrap(), 1);

    let server = Server::new([Step::HangUp]).await;
    let error = server.api().post::<Value>("/x/y", &json!({})).await.unwrap_err();
    assert!(error.is_maybe_delivered() && server.count() == 1, "{error}");
}

#[tokio::test]
async fn without_a_connection_nothing_happened_and_the_error_names_the_place() {
    let server = Server::new([]).await;
    let address = server.at;
    // A port that nobody listens on: bound once, given up again.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = listener.local_addr().unwrap();
    drop(listener);
    assert_ne!(address, dead);
    let api = api(&format!("http://{dead}/hidden?token=s3cret"), Changing::new(&["t"]));
    let error = api.post::<Value>("/x/y", &json!({})).await.unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_delivered()), (Kind::Offline, false));
    assert_eq!(error.to_string(), format!("no connection to apiAddr http://{dead}: nothing listens there"));
    assert_eq!(error.account_id().map(ToString::to_string).as_deref(), Some("support"));
}

#[tokio::test]
async fn case_69_a_refused_token_keeps_its_code_and_is_reported_to_its_source() {
    for (code, kind) in [(1501, Kind::TokenExpired), (1506, Kind::Kicked), (1507, Kind::TokenInvalid)] {
        let server = Server::new([refused(code, "TokenError", "")]).await;
        let tokens = Changing::new(&["only"]);
        let api = api(&format!("http://{}", server.at), tokens.clone());
        let error = api.read::<Value>("/x/y", &json!({})).await.unwrap_err();
        assert_eq!((error.kind(), error.err_code()), (kind, Some(code)));
        assert_eq!(*tokens.rejected.lock(), [("only".to_owned(), kind.code().to_owned())]);
        assert_eq!(server.count(), 1);
    }
}

#[tokio::test]
async fn a_refused_token_that_is_no_longer_the_current_one_is_passed_over_once() {
    let server = Server::new([refused(1501, "TokenExpiredError", ""), ok("1")]).await;
    let tokens = Changing::new(&["old", "new"]);
    let api = api(&format!("http://{}", server.at), tokens.clone());
    assert_eq!(api.post::<i32>("/x/y", &json!({})).await.unwrap(), 1);
    let used: Vec<_> = server.requests().iter().map(|request| request.header("token").unwrap().to_owned()).collect();
    assert_eq!(used, ["old", "new"]);
    assert!(tokens.rejected.lock().is_empty());
}

#[tokio::test]
async fn more_calls_than_anybody_needs_are_refused_instead_of_queued_for_ever() {
    let server = Server::new((0..1_100).map(|_| Step::Silence)).await;
    let api = server.api();
    let flood: Vec<_> = (0..1_100)
        .map(|_| {
            let api = api.clone();
            tokio::spawn(async move { api.post::<Value>("/x/y", &json!({})).await.unwrap_err().kind() })
        })
        .collect();
    // Looked at before the first are given up, for then others take their places.
    while server.count() < 16 {
        sleep(Duration::from_millis(5)).await;
    }
    sleep(Duration::from_millis(100)).await;
    assert_eq!(server.count(), 16, "no more than sixteen are on their way at once");
    let mut kinds = Vec::new();
    for call in flood {
        kinds.push(call.await.unwrap());
    }
    let refused = kinds.iter().filter(|kind| **kind == Kind::Backpressure).count();
    assert_eq!(refused, 1_100 - 16 - 1_024);
}

#[tokio::test]
async fn an_answer_of_another_shape_is_not_asked_again() {
    let server = Server::new([answer(r#"{"errCode":0,"data":{"total":"many"}}"#)]).await;
    let error = server.api().read::<Vec<i32>>("/x/y", &json!({})).await.unwrap_err();
    assert_eq!((error.kind(), server.count()), (Kind::Protocol, 1));
}
