//! The token endpoint: stands for an operator's backend that issues new tokens. It answers any method at
//! `/control/token-endpoint` and below, in a configurable shape and with configurable faults.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::backend::Backend;
use crate::http::api::read_body;
use crate::http::response::{Answer, Dropped, build};
use crate::limits::{TOKEN_ENDPOINT_REQUESTS_KEPT, TOKEN_LIFE_S};
use crate::model::Model;

const PATH: &str = "/control/token-endpoint";

/// How the token endpoint works. By default it issues a token for the `userID` of the request's JSON body or query.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct TokenEndpointConfig {
    /// The body of an answer; `{token}`, `{userID}`, `{platformID}`, `{expireTimeSeconds}` and `{refreshToken}` are
    /// replaced in its strings.
    pub template: Value,
    /// The user, whatever the request says.
    #[serde(rename = "userID")]
    pub user_id: Option<String>,
    /// The platform; without it, that of the server's configuration.
    #[serde(rename = "platformID")]
    pub platform_id: Option<i32>,
    /// How long new tokens are valid.
    pub life_seconds: i64,
    /// The dotted member of the request's body that must hold the refresh token, which changes with every success.
    pub refresh_token_path: Option<String>,
    /// The first refresh token.
    pub refresh_token: String,
    /// What goes wrong, in this order; afterwards the endpoint works.
    pub faults: VecDeque<TokenEndpointFault>,
}

impl Default for TokenEndpointConfig {
    fn default() -> Self {
        Self {
            template: json!({ "data": { "token": "{token}", "userID": "{userID}" } }),
            user_id: None,
            platform_id: None,
            life_seconds: TOKEN_LIFE_S,
            refresh_token_path: None,
            refresh_token: "refresh-0".into(),
            faults: VecDeque::new(),
        }
    }
}

/// One fault.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct TokenEndpointFault {
    /// It happens this often; without it, for ever.
    pub times: Option<u32>,
    /// The delay before the answer.
    pub delay_ms: u64,
    /// There is never an answer.
    pub hang: bool,
    /// The connection ends without an answer.
    pub drop: bool,
    /// The status of the answer; 200 if only a body is given.
    pub status: Option<u16>,
    /// The body of the answer, a string as it is and everything else as JSON.
    pub body: Option<Value>,
    /// Additional headers, for example `retry-after`.
    pub headers: BTreeMap<String, String>,
    /// Placeholders whose members are left out of the answer, for example `["refreshToken"]`.
    pub omit: Vec<String>,
}

/// A request to the token endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenEndpointRequest {
    /// The HTTP method.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The headers, with names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body as text.
    pub body: String,
}

/// The requests to the token endpoint since it was configured.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TokenEndpointReport {
    /// The number of requests.
    pub requests: u64,
    /// The number of issued tokens.
    pub issued: u64,
    /// The newest requests, in order.
    pub last: VecDeque<TokenEndpointRequest>,
}

/// The token endpoint of a server.
#[derive(Default)]
pub(crate) struct TokenEndpoint(Mutex<EndpointState>);

#[derive(Default)]
struct EndpointState {
    config: TokenEndpointConfig,
    report: TokenEndpointReport,
}

/// What happens to one request.
enum Outcome {
    Hang,
    Drop,
    Send { status: u16, headers: BTreeMap<String, String>, body: Value },
}

/// Whether the token endpoint answers this path.
pub(crate) fn serves(path: &str) -> bool {
    path.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl TokenEndpoint {
    pub(crate) fn configure(&self, config: TokenEndpointConfig) {
        *self.0.lock() = EndpointState { config, report: TokenEndpointReport::default() };
    }

    pub(crate) fn report(&self) -> TokenEndpointReport {
        self.0.lock().report.clone()
    }

    pub(crate) async fn answer(&self, backend: &Backend, request: Request<Incoming>) -> Result<Answer, Dropped> {
        let (head, body) = request.into_parts();
        let body = match read_body(body).await {
            Ok(body) => body,
            Err(answer) => return Ok(answer),
        };
        // Inside a change of the backend, so that whoever waits for a change sees the new report.
        let (delay, outcome) = backend.change(|state| {
            let mut endpoint = self.0.lock();
            endpoint.note(&head, &body);
            let fault = endpoint.next_fault();
            (Duration::from_millis(fault.delay_ms), endpoint.decide(&mut state.model, &head, &body, fault))
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
}

impl EndpointState {
    fn note(&mut self, head: &Parts, body: &[u8]) {
        let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        self.report.requests += 1;
        self.report.last.push_back(TokenEndpointRequest {
            method: head.method.to_string(),
            path: head.uri.to_string(),
            headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: String::from_utf8_lossy(body).into_owned(),
        });
        if self.report.last.len() > TOKEN_ENDPOINT_REQUESTS_KEPT {
            self.report.last.pop_front();
        }
    }

    fn next_fault(&mut self) -> TokenEndpointFault {
        let faults = &mut self.config.faults;
        while faults.front().is_some_and(|first| first.times == Some(0)) {
            faults.pop_front();
        }
        let Some(first) = faults.front_mut() else { return TokenEndpointFault::default() };
        first.times = first.times.map(|times| times - 1);
        first.clone()
    }

    fn decide(&mut self, model: &mut Model, head: &Parts, body: &[u8], fault: TokenEndpointFault) -> Outcome {
        if fault.hang {
            return Outcome::Hang;
        }
        if fault.drop {
            return Outcome::Drop;
        }
        let (status, body) = match (fault.status, fault.body) {
            (status, Some(body)) => (status.unwrap_or(200), body),
            (Some(status), None) => (status, json!({ "error": "as asked for" })),
            (None, None) => self.issue(model, head, body, &fault.omit),
        };
        Outcome::Send { status, headers: fault.headers, body }
    }

    fn issue(&mut self, model: &mut Model, head: &Parts, body: &[u8], omit: &[String]) -> (u16, Value) {
        let params: Value = serde_json::from_slice(body).unwrap_or_default();
        let query: BTreeMap<String, String> =
            form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let requested = params["userID"].as_str().map(str::to_owned).or_else(|| query.get("userID").cloned());
        let config = &mut self.config;
        let user_id = config.user_id.clone().or(requested).unwrap_or_default();
        if !model.users.exists(&user_id) {
            return (404, json!({ "code": 404, "msg": "no such user" }));
        }
        if let Some(path) = &config.refresh_token_path
            && member_at(&params, path).and_then(Value::as_str) != Some(config.refresh_token.as_str())
        {
            return (200, json!({ "code": 10_003, "msg": "invalid refresh token" }));
        }
        let platform_id = config.platform_id.unwrap_or(model.config.platform_id);
        let token = model.issue_token_for(&user_id, platform_id, config.life_seconds);
        self.report.issued += 1;
        let refresh_token = format!("refresh-{}", self.report.issued);
        if config.refresh_token_path.is_some() && !omit.iter().any(|name| name == "refreshToken") {
            config.refresh_token.clone_from(&refresh_token);
        }
        let values = [
            ("token", token),
            ("userID", user_id),
            ("platformID", platform_id.to_string()),
            ("expireTimeSeconds", config.life_seconds.to_string()),
            ("refreshToken", refresh_token),
        ];
        (200, filled(&config.template, &values, omit).unwrap_or_default())
    }
}

/// The member at a dotted path.
fn member_at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}

/// The template with its placeholders replaced. None if the value contains a placeholder that is left out.
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
    let (content_type, text) = match body {
        Value::String(text) => ("text/plain; charset=utf-8", text.clone()),
        other => ("application/json", other.to_string()),
    };
    let mut head = Response::builder().status(status).header(CONTENT_TYPE, content_type);
    for (name, value) in headers {
        head = head.header(name, value);
    }
    build(head, text.into())
}
