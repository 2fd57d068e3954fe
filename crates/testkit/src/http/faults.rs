//! The faults of HTTP answers: what a rule answers in place of the server.

use std::time::Duration;

use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, LOCATION};
use hyper::{Response, StatusCode};
use serde_json::Value;

use super::api::refused;
use super::response::{Answer, Dropped, allow_all, build, huge};
use crate::faults::rules::FaultRule;

/// The answer that a rule gives in place of the server, if it gives one. Waits if the rule says so.
pub(crate) async fn instead(rule: Option<&FaultRule>, path: &str) -> Option<Result<Answer, Dropped>> {
    let rule = rule?;
    let wait = rule.delay() + Duration::from_millis(rule.before_ms);
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    if rule.hang {
        std::future::pending::<()>().await;
    }
    if rule.cut {
        return Some(Err(Dropped));
    }
    let mut head = allow_all(Response::builder().status(rule.status.unwrap_or(200)));
    for (name, value) in &rule.headers {
        head = head.header(name, value);
    }
    if rule.redirect {
        return Some(Ok(build(head.status(StatusCode::TEMPORARY_REDIRECT).header(LOCATION, path), Bytes::new())));
    }
    if let Some(bytes) = rule.bytes {
        return Some(Ok(huge(head, bytes, rule.gzip)));
    }
    match (&rule.body, rule.status, rule.refusal()) {
        (Some(Value::String(text)), ..) => Some(Ok(build(head, text.clone().into()))),
        (Some(json), ..) => Some(Ok(build(head.header(CONTENT_TYPE, "application/json"), json.to_string().into()))),
        (None, Some(_), None) => Some(Ok(build(head, Bytes::from_static(b"as asked for")))),
        (None, _, Some(refusal)) => Some(Ok(refused(head, &refusal))),
        (None, None, None) => None,
    }
}
