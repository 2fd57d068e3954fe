//! The token desk: what an operator's backend does for a plugin whose token has run out. It answers any method at
//! `/control/desk` and below, in whatever shape it is told, and fails as it is told.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::control;
use crate::http::{self, Answer, Dropped};
use crate::limits::{BODY_MAX, DESK_REQUESTS_KEPT, TOKEN_LIFE_S};
use crate::server::Shared;
use crate::state::State;

const PATH: &str = "/control/desk";

/// How the desk works. The defaults issue a token for the `userID` of the request's JSON body or query.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Desk {
    /// The body of an answer; `{token}`, `{userID}`, `{platformID}`, `{expireTimeSeconds}` and `{refreshToken}` are
    /// replaced in its strings.
    pub template: Value,
    /// For whom, whatever the request says.
    #[serde(rename = "userID")]
    pub user_id: Option<String>,
    /// For which platform; the configuration's where left out.
    #[serde(rename = "platformID")]
    pub platform_id: Option<i32>,
    /// How long new tokens live.
    pub life_seconds: i64,
    /// The dotted member of the request's body that must hold the refresh token, which changes with every success.
    pub refresh_token_path: Option<String>,
    /// The refresh token to begin with.
    pub refresh_token: String,
    /// What goes wrong, in this order; after it the desk works.
    pub trouble: VecDeque<DeskTrouble>,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            template: json!({ "data": { "token": "{token}", "userID": "{userID}" } }),
            user_id: None,
            platform_id: None,
            life_seconds: TOKEN_LIFE_S,
            refresh_token_path: None,
            refresh_token: "refresh-0".into(),
            trouble: VecDeque::new(),
        }
    }
}

/// One way to fail.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct DeskTrouble {
    /// So often; left out: for ever.
    pub times: Option<u32>,
    /// Before the answer.
    pub delay_ms: u64,
    /// No answer ever.
    pub hang: bool,
    /// The connection ends without an answer.
    pub drop: bool,
    /// Answered with this; 200 where only a body is given.
    pub status: Option<u16>,
    /// Sent in place of the template: a text as it is, everything else as JSON.
    pub body: Option<Value>,
    /// Further headers, for example `retry-after`.
    pub headers: BTreeMap<String, String>,
    /// Placeholders whose members are left out of the answer, for example `["refreshToken"]`.
    pub omit: Vec<String>,
}

/// A request the desk got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeskRequest {
    /// GET, POST and so on.
    pub method: String,
    /// With its query.
    pub path: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    /// As text.
    pub body: String,
}

/// What happened at the desk since it was set up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DeskReport {
    /// Requests so far.
    pub requests: u64,
    /// Tokens issued so far.
    pub issued: u64,
    /// The newest requests, the newest last.
    pub last: VecDeque<DeskRequest>,
}

#[derive(Default)]
pub(crate) struct DeskState {
    pub(crate) desk: Desk,
    pub(crate) report: DeskReport,
}

enum Outcome {
    Hang,
    Drop,
    Send { status: u16, headers: BTreeMap<String, String>, body: Value },
}

pub(crate) fn is_for(shared: &Arc<Shared>, path: &str, headers: &HeaderMap) -> bool {
    let below = path.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    below && control::is_for(shared, path, headers)
}

pub(crate) async fn answer(shared: &Arc<Shared>, request: Request<Incoming>) -> Result<Answer, Dropped> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_MAX).collect().await else {
        return Ok(http::text(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large or was cut off"));
    };
    let body = body.to_bytes();
    let (delay, outcome) = shared.change(|state| {
        note(state, &head, &body);
        let trouble = state.desk.desk.next_trouble();
        (Duration::from_millis(trouble.delay_ms), decide(state, &head, &body, trouble))
    });
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    match outcome {
        Outcome::Hang => std::future::pending().await,
        Outcome::Drop => Err(Dropped),
        Outcome::Send { status, headers, body } => Ok(send(status, &headers, &body)),
    }
}

fn note(state: &mut State, head: &Parts, body: &Bytes) {
    let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let report = &mut state.desk.report;
    report.requests += 1;
    report.last.push_back(DeskRequest {
        method: head.method.to_string(),
        path: head.uri.to_string(),
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: String::from_utf8_lossy(body).into_owned(),
    });
    if report.last.len() > DESK_REQUESTS_KEPT {
        report.last.pop_front();
    }
}

impl Desk {
    fn next_trouble(&mut self) -> DeskTrouble {
        while self.trouble.front().is_some_and(|first| first.times == Some(0)) {
            self.trouble.pop_front();
        }
        let Some(first) = self.trouble.front_mut() else { return DeskTrouble::default() };
        first.times = first.times.map(|times| times - 1);
        first.clone()
    }
}

fn decide(state: &mut State, head: &Parts, body: &Bytes, trouble: DeskTrouble) -> Outcome {
    if trouble.hang {
        return Outcome::Hang;
    }
    if trouble.drop {
        return Outcome::Drop;
    }
    let headers = trouble.headers;
    match (trouble.status, trouble.body) {
        (status, Some(body)) => return Outcome::Send { status: status.unwrap_or(200), headers, body },
        (Some(status), None) => return Outcome::Send { status, headers, body: json!({ "error": "as asked for" }) },
        (None, None) => {}
    }
    let (status, body) = issue(state, head, body, &trouble.omit);
    Outcome::Send { status, headers, body }
}

fn issue(state: &mut State, head: &Parts, body: &Bytes, omit: &[String]) -> (u16, Value) {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let query: BTreeMap<String, String> =
        form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let said = asked["userID"].as_str().map(str::to_owned).or_else(|| query.get("userID").cloned());
    let user_id = state.desk.desk.user_id.clone().or(said).unwrap_or_default();
    if !state.users.exists(&user_id) {
        return (404, json!({ "code": 404, "msg": "no such user" }));
    }
    if let Some(path) = &state.desk.desk.refresh_token_path
        && at(&asked, path).and_then(Value::as_str) != Some(state.desk.desk.refresh_token.as_str())
    {
        return (200, json!({ "code": 10_003, "msg": "invalid refresh token" }));
    }
    let platform_id = state.desk.desk.platform_id.unwrap_or(state.config.platform_id);
    let life = state.desk.desk.life_seconds;
    let token = state.issue_token_for(&user_id, platform_id, life);
    state.desk.report.issued += 1;
    let fresh = format!("refresh-{}", state.desk.report.issued);
    if state.desk.desk.refresh_token_path.is_some() && !omit.iter().any(|name| name == "refreshToken") {
        state.desk.desk.refresh_token.clone_from(&fresh);
    }
    let values = [
        ("token", token),
        ("userID", user_id),
        ("platformID", platform_id.to_string()),
        ("expireTimeSeconds", life.to_string()),
        ("refreshToken", fresh),
    ];
    (200, filled(&state.desk.desk.template, &values, omit).unwrap_or_default())
}

fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}

/// The template with its placeholders replaced; none where the value names a placeholder that is left out.
fn filled(template: &Value, values: &[(&str, String)], omit: &[String]) -> Option<Value> {
    Some(match template {
        Value::String(text) => {
            let mut text = text.clone();
            for (name, value) in values {
                let placeholder = format!("{{{name}}}");
                if omit.iter().any(|left| left == name) && text.contains(&placeholder) {
                    return None;
                }
                text = text.replace(&placeholder, value);
            }
            Value::String(text)
        }
        Value::Array(list) => list.iter().filter_map(|item| filled(item, values, omit)).collect(),
        Value::Object(map) => {
            map.iter().filter_map(|(name, item)| Some((name.clone(), filled(item, values, omit)?))).collect()
        }
        other => other.clone(),
    })
}

fn send(status: u16, headers: &BTreeMap<String, String>, body: &Value) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (kind, text) = match body {
        Value::String(text) => ("text/plain; charset=utf-8", text.clone()),
        other => ("application/json", other.to_string()),
    };
    let mut head = Response::builder().status(status).header(CONTENT_TYPE, kind);
    for (name, value) in headers {
        head = head.header(name, value);
    }
    http::build(head, text.into())
}
