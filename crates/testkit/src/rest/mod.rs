//! The REST API: the checks and the answer of every call, and the routes to the calls.

mod auth;
mod call;
mod conversation;
mod conversation_read;
mod friend;
mod friend_change;
mod group;
mod group_access;
mod group_change;
mod group_edit;
mod group_request;
mod jssdk;
mod message_params;
mod msg;
mod msg_delete;
mod msg_read;
mod msg_server;
mod object;
mod page;
mod user;

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::{Method, Request, StatusCode};

use self::call::Call;
use crate::backend::Backend;
use crate::faults::rules::{FaultRule, RequestKind};
use crate::http::api::{self, Body, Reply};
use crate::http::faults;
use crate::http::response::{Answer, Dropped, header, origin};
use crate::model::Model;
use crate::refusal::Refusal;

/// Paths that need no `token` header.
const WITHOUT_TOKEN: [&str; 2] = ["/auth/get_admin_token", "/auth/parse_token"];
/// Paths that answer a body that is not JSON with HTTP 400.
const STRICT: [&str; 1] = ["/msg/send_msg"];

pub(crate) async fn answer(backend: &Arc<Backend>, request: Request<Incoming>) -> Result<Answer, Dropped> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let body = match api::read_body(body).await {
        Ok(bytes) => Body::new(bytes, &head.headers),
        Err(answer) => return Ok(answer),
    };
    let rule = matching_rule(backend, path, &head.headers);
    if let Some(answer) = faults::instead(rule.as_ref(), path).await {
        return answer;
    }
    if head.method != Method::POST {
        return Ok(api::not_found());
    }
    let Some(reply) = backend.change(|state| call(&mut state.model, path, &head.headers, &body)) else {
        return Ok(api::not_found());
    };
    if rule.is_some_and(|rule| rule.lose_answer) {
        return Err(Dropped);
    }
    let is_bad_request = reply.is_err() && STRICT.contains(&path) && !body.is_json_object();
    let status = if is_bad_request { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Ok(api::answer(status, &head.headers, reply))
}

/// The fault rule that applies to this call.
fn matching_rule(backend: &Backend, path: &str, headers: &HeaderMap) -> Option<FaultRule> {
    backend.change(|state| {
        let claims = state.model.verify_token(header(headers, "token"));
        let user_id = claims.map(|claims| claims.user_id).unwrap_or_default();
        state.faults.rules.apply(RequestKind::Path(path), &user_id)
    })
}

/// Checks the headers and runs the call. None if there is no such call.
fn call(model: &mut Model, path: &str, headers: &HeaderMap, body: &Body) -> Option<Reply> {
    let (operation_id, token) = (header(headers, "operationID"), header(headers, "token"));
    if operation_id.is_empty() {
        return Some(Err(Refusal::args("header must have operationID")));
    }
    let claims = if WITHOUT_TOKEN.contains(&path) {
        None
    } else if token.is_empty() {
        return Some(Err(Refusal::args("header must have token")));
    } else {
        match model.verify_token(token) {
            Ok(claims) => Some(claims),
            Err(refusal) => return Some(Err(refusal)),
        }
    };
    route(&mut Call::new(model, claims, operation_id, origin(headers)), path, body)
}

/// Finds the call by the first part of its path.
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
