//! What comes back from the address: OpenIM's envelope, something else, or far too much.

use base::{Error, Kind};
use openim_core::wire::compress;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{Server, Step, http, json as answer, ok, refused};

async fn failing(step: Step) -> Error {
    let server = Server::new([step]).await;
    server.api().post::<Value>("/group/x", &json!({})).await.unwrap_err()
}

#[tokio::test]
async fn a_request_carries_token_operation_id_and_json() {
    let server = Server::new([ok("{}"), ok("{}")]).await;
    let api = server.api();
    api.post::<Value>("/user/a", &json!({"userIDs": ["x"]})).await.unwrap();
    api.post::<Value>("/object/b", &json!({})).await.unwrap();
    let requests = server.requests();
    let first = &requests[0];
    assert_eq!((first.path.as_str(), first.body.as_str()), ("/user/a", r#"{"userIDs":["x"]}"#));
    assert_eq!(first.header("token"), Some("t0ken-s3cret"));
    assert_eq!(first.header("content-type"), Some("application/json"));
    assert_ne!(first.header("operationID").unwrap(), requests[1].header("operationID").unwrap());
    assert_eq!(first.header("x-request-api"), None);
    let own = format!("http://{}", server.at);
    assert_eq!(requests[1].header("x-request-api"), Some(own.as_str()), "objects are named after the address we use");
}

#[tokio::test]
async fn case_77_null_lists_and_missing_data_are_empty() {
    #[derive(Deserialize, Default, Debug, PartialEq)]
    #[serde(default)]
    struct Changes {
        insert: Vec<String>,
        delete: Vec<String>,
        total: u32,
    }
    let empty = [
        ok(r#"{"insert":null,"delete":null,"total":null}"#),
        ok("null"),
        ok("{}"),
        answer(r#"{"errCode":0,"errMsg":"","errDlt":""}"#),
        answer(r#"{"errCode":0,"errMsg":null,"errDlt":null,"data":null}"#),
    ];
    let server = Server::new(empty).await;
    let api = server.api();
    for _ in 0..5 {
        assert_eq!(api.read::<Changes>("/x/y", &json!({})).await.unwrap(), Changes::default());
    }
}

#[tokio::test]
async fn each_refusal_has_the_kind_that_says_what_to_do() {
    let cases = [
        (1001, Kind::Config),
        (1002, Kind::Denied),
        (1004, Kind::Config),
        (1203, Kind::Denied),
        (1302, Kind::Denied),
        (1404, Kind::Denied),
        (1507, Kind::TokenInvalid),
        (90_002, Kind::Server),
        (42, Kind::Server),
    ];
    for (code, kind) in cases {
        let error = failing(refused(code, "SomeError", "")).await;
        assert_eq!((error.kind(), error.err_code(), error.err_msg()), (kind, Some(code), Some("SomeError")));
        assert_eq!(error.to_string(), format!("OpenIM refused /group/x (errCode {code}, SomeError)"));
    }
}

#[tokio::test]
async fn the_details_of_a_wrong_argument_are_told_on_one_short_line() {
    let error = failing(refused(1001, "ArgsError", "pageNumber\\n is 0")).await;
    assert_eq!(error.to_string(), "OpenIM refused /group/x: pageNumber  is 0 (errCode 1001, ArgsError)");
    let long = "x".repeat(100_000);
    assert!(failing(refused(1001, &long, &long)).await.to_string().len() < 500);
}

#[tokio::test]
async fn a_refusal_is_read_whatever_its_http_status() {
    let body = br#"{"errCode":1001,"errMsg":"ArgsError","errDlt":"no content"}"#;
    let error = failing(http("400 Bad Request", &[], body)).await;
    assert_eq!((error.kind(), error.err_code()), (Kind::Config, Some(1001)));
    let error = failing(http("500 Internal Server Error", &[], body)).await;
    assert_eq!((error.kind(), error.err_code()), (Kind::Server, Some(1001)));
}

#[tokio::test]
async fn something_else_at_the_address_is_said_in_words() {
    let page = b"  <!doctype html><title>Welcome</title>";
    let cases = [
        (
            http("404 Not Found", &[], b"404 page not found"),
            Kind::Protocol,
            "there is no /group/x at apiAddr http://127",
        ),
        (http("200 OK", &[], page), Kind::Protocol, "it answers with a web page at apiAddr"),
        (http("200 OK", &[], b"pong"), Kind::Protocol, "it does not answer as OpenIM does"),
        (http("200 OK", &[], b""), Kind::Protocol, "it does not answer as OpenIM does"),
        (answer("[]"), Kind::Protocol, "it does not answer as OpenIM does"),
        (answer(r#"{"errCode":"0"}"#), Kind::Protocol, "it does not answer as OpenIM does"),
        (http("418 I'm a teapot", &[], b"x"), Kind::Protocol, "it answers with HTTP 418"),
        (http("403 Forbidden", &[], page), Kind::Denied, "something in front of apiAddr"),
        (
            http("407 Proxy Authentication Required", &[], b""),
            Kind::Denied,
            "the proxy wants a user and password that it knows (407)",
        ),
    ];
    for (step, kind, words) in cases {
        let error = failing(step).await;
        let text = error.to_string();
        assert_eq!(error.kind(), kind, "{text}");
        assert!(text.contains(words) && !text.contains("Welcome") && !text.contains("s3cret"), "{text}");
    }
}

#[tokio::test]
async fn a_redirect_is_told_and_never_followed() {
    let elsewhere = Server::new([]).await;
    let to = format!("http://{}/x?token=s3cret", elsewhere.at);
    let error = failing(http("302 Found", &[("location", &to)], b"")).await;
    assert_eq!(error.kind(), Kind::Protocol);
    assert!(
        error
            .to_string()
            .ends_with(&format!("redirects to http://{}; write the address it should be into apiAddr", elsewhere.at))
    );
    assert_eq!(elsewhere.count(), 0, "the token goes to the configured address only");
    let to_itself = failing(http("307 Temporary Redirect", &[("location", "/group/x")], b"")).await;
    assert_eq!(to_itself.kind(), Kind::Protocol);
    assert_eq!(failing(http("301 Moved", &[], b"")).await.kind(), Kind::Protocol);
}

#[tokio::test]
async fn a_packed_answer_is_unpacked() {
    let packed = compress::gzip(br#"{"errCode":0,"data":{"list":[1,2]}}"#);
    let server = Server::new([http("200 OK", &[("content-encoding", "gzip")], &packed)]).await;
    let data: Value = server.api().read("/x/y", &json!({})).await.unwrap();
    assert_eq!(data, json!({"list": [1, 2]}));
    assert!(server.requests()[0].header("accept-encoding").unwrap().contains("gzip"));
}

#[tokio::test]
async fn an_answer_that_lies_about_being_packed_is_refused() {
    let error = failing(http("200 OK", &[("content-encoding", "gzip")], br#"{"errCode":0}"#)).await;
    assert_eq!(error.kind(), Kind::Protocol, "{error}");
}

#[tokio::test]
async fn a_bomb_is_put_aside_at_sixteen_mebibytes() {
    let packed = compress::gzip(&vec![b' '; 200 << 20]);
    assert!(packed.len() < 1 << 20);
    let error = failing(http("200 OK", &[("content-encoding", "gzip")], &packed)).await;
    assert_eq!(error.kind(), Kind::Protocol);
    assert!(error.to_string().contains("larger than 16 MiB"), "{error}");
}

#[tokio::test]
async fn an_endless_answer_is_given_up_after_sixteen_mebibytes() {
    for head in ["content-length: 1073741824\r\n", "transfer-encoding: chunked\r\n"] {
        let chunked = head.starts_with('t');
        let data = vec![b' '; 1 << 20];
        let block = if chunked { [b"100000\r\n".as_slice(), &data, b"\r\n"].concat() } else { data };
        let head = format!("HTTP/1.1 200 OK\r\n{head}\r\n").into_bytes();
        let server = Server::new([Step::Endless { head, block }]).await;
        let error = server.api().post::<Value>("/x/y", &json!({})).await.unwrap_err();
        assert!(error.to_string().contains("larger than 16 MiB"), "{error}");
        // What the sockets between hold comes on top of what was read.
        assert!(server.written() < 32 << 20, "{} bytes were taken", server.written());
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_taken_for_a_whole_one() {
    let cut = Step::Answer(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"errCode\":0".to_vec());
    let error = failing(cut).await;
    assert_eq!((error.kind(), error.is_maybe_delivered()), (Kind::Timeout, true), "{error}");
}

#[tokio::test]
async fn a_path_in_the_address_is_kept() {
    let server = Server::new([ok("1")]).await;
    let tokens = crate::support::Changing::new(&["t"]);
    let api = crate::support::api(&format!("http://{}/im/api/?x=1#y", server.at), tokens);
    assert_eq!(api.read::<i32>("/user/a", &json!({})).await.unwrap(), 1);
    assert_eq!(server.requests()[0].path, "/im/api/user/a");
}
