//! The REST API: what every call shares (headers, body, answer), and the way to the calls.

mod auth;
pub(crate) mod call;
mod conversation;
mod conversation_read;
mod friend;
mod friend_change;
mod group;
mod group_change;
mod group_edit;
mod group_request;
mod jssdk;
mod msg;
mod msg_delete;
mod msg_read;
mod msg_server;
mod object;
mod page;
mod user;

use std::sync::Arc;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, LOCATION};
use hyper::{Method, Request, Response, StatusCode};
use openim_core::wire::compress;
use serde_json::{Value, json};

use self::call::{Body, Call, Reply};
use crate::control;
use crate::fault::Fault;
use crate::http::{self, Answer, Dropped};
use crate::limits::{BODY_MAX, GZIP_FROM};
use crate::server::Shared;
use crate::trouble::{Asked, Rule};

/// Answered without a `token` header.
const OPEN: [&str; 2] = ["/auth/get_admin_token", "/auth/parse_token"];
/// These answer a body that is no JSON with HTTP 400.
const STRICT: [&str; 1] = ["/msg/send_msg"];

pub(crate) async fn answer(shared: &Arc<Shared>, request: Request<Incoming>) -> Result<Answer, Dropped> {
    let (head, body) = request.into_parts();
    if head.method == Method::OPTIONS {
        return Ok(http::build(http::allow_all(Response::builder()), Bytes::new()));
    }
    let path = head.uri.path();
    let Ok(body) = Limited::new(body, BODY_MAX).collect().await else {
        return Ok(http::text(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large or was cut off"));
    };
    let is_control = control::is_for(shared, path, &head.headers);
    let rule = if is_control { None } else { strike(shared, path, &head.headers) };
    if let Some(instead) = misbehave(rule.as_ref(), path).await {
        return instead;
    }
    let body = Body::new(body.to_bytes(), &head.headers);
    let reply = if head.method != Method::POST {
        None
    } else if is_control {
        control::answer(shared, path, &body)
    } else {
        shared.change(|state| call(state, path, &head.headers, &body))
    };
    let Some(reply) = reply else {
        return Ok(http::text(StatusCode::NOT_FOUND, "404 page not found"));
    };
    if rule.is_some_and(|rule| rule.lose_answer) {
        return Err(Dropped);
    }
    let status = match &reply {
        Err(_) if STRICT.contains(&path) && !body.is_json_object() => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    Ok(write(status, &head.headers, reply))
}

/// The rule that fits this call.
fn strike(shared: &Shared, path: &str, headers: &HeaderMap) -> Option<Rule> {
    shared.change(|state| {
        let user_id = state.verify_token(header(headers, "token")).map(|claims| claims.user_id).unwrap_or_default();
        state.rules.strike(Asked::Path(path), &user_id)
    })
}

/// What a rule answers in place of the server, if it does.
pub(crate) async fn misbehave(rule: Option<&Rule>, path: &str) -> Option<Result<Answer, Dropped>> {
    let rule = rule?;
    if !rule.delay().is_zero() {
        tokio::time::sleep(rule.delay()).await;
    }
    if rule.hang {
        std::future::pending::<()>().await;
    }
    if rule.cut {
        return Some(Err(Dropped));
    }
    let mut head = http::allow_all(Response::builder().status(rule.status.unwrap_or(200)));
    for (name, value) in &rule.headers {
        head = head.header(name, value);
    }
    if rule.redirect {
        return Some(Ok(http::build(head.status(StatusCode::TEMPORARY_REDIRECT).header(LOCATION, path), Bytes::new())));
    }
    if let Some(bytes) = rule.bytes {
        return Some(Ok(http::huge(head, bytes, rule.gzip)));
    }
    match (&rule.body, rule.status, rule.fault()) {
        (Some(Value::String(text)), ..) => Some(Ok(http::build(head, text.clone().into()))),
        (Some(json), ..) => {
            Some(Ok(http::build(head.header(CONTENT_TYPE, "application/json"), json.to_string().into())))
        }
        (None, Some(_), None) => Some(Ok(http::build(head, Bytes::from_static(b"as asked for")))),
        (None, _, Some(fault)) => Some(Ok(write_fault(head, &fault))),
        (None, None, None) => None,
    }
}

fn write_fault(head: hyper::http::response::Builder, fault: &Fault) -> Answer {
    let answer = json!({ "errCode": fault.code, "errMsg": fault.name, "errDlt": fault.detail });
    http::build(head.header(CONTENT_TYPE, "application/json; charset=utf-8"), answer.to_string().into())
}

/// The call's outcome, or none where there is no such call.
fn call(state: &mut crate::state::State, path: &str, headers: &HeaderMap, body: &Body) -> Option<Reply> {
    let (operation_id, token) = (header(headers, "operationID"), header(headers, "token"));
    if operation_id.is_empty() {
        return Some(Err(Fault::args("header must have operationID")));
    }
    let claims = if OPEN.contains(&path) {
        None
    } else if token.is_empty() {
        return Some(Err(Fault::args("header must have token")));
    } else {
        match state.verify_token(token) {
            Ok(claims) => Some(claims),
            Err(fault) => return Some(Err(fault)),
        }
    };
    route(&mut Call::new(state, claims, operation_id, http::origin(headers)), path, body)
}

/// By the first part of the path.
fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    match path.split('/').nth(1)? {
        "auth" => auth::route(call, path, body),
        "user" => user::route(call, path, body),
        "friend" => friend::route(call, path, body).or_else(|| friend_change::route(call, path, body)),
        "group" => group::route(call, path, body)
            .or_else(|| group_change::route(call, path, body))
            .or_else(|| group_edit::route(call, path, body))
            .or_else(|| group_request::route(call, path, body)),
        "conversation" => conversation::route(call, path, body).or_else(|| conversation_read::route(call, path, body)),
        "msg" => msg::route(call, path, body)
            .or_else(|| msg_read::route(call, path, body))
            .or_else(|| msg_delete::route(call, path, body))
            .or_else(|| msg_server::route(call, path, body)),
        "object" => object::route(call, path, body),
        "jssdk" => jssdk::route(call, path, body),
        _ => None,
    }
}

fn write(status: StatusCode, headers: &HeaderMap, reply: Reply) -> Answer {
    let mut answer = json!({ "errCode": 0, "errMsg": "", "errDlt": "" });
    match reply {
        Ok(Some(data)) => answer["data"] = data,
        Ok(None) => {}
        Err(fault) => answer = json!({ "errCode": fault.code, "errMsg": fault.name, "errDlt": fault.detail }),
    }
    let mut head =
        http::allow_all(Response::builder().status(status)).header(CONTENT_TYPE, "application/json; charset=utf-8");
    let mut body = Bytes::from(answer.to_string());
    if body.len() >= GZIP_FROM && header(headers, ACCEPT_ENCODING.as_str()).contains("gzip") {
        body = compress::gzip(&body).into();
        head = head.header(CONTENT_ENCODING, "gzip");
    }
    http::build(head, body)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// `data` for a list that is never null here.
fn some(data: Value) -> Reply {
    Ok(Some(data))
}
