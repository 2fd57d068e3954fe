//! What an HTTP answer means: the envelope `{errCode, errMsg, errDlt, data}`, or one of the ways in which something else
//! than OpenIM answers. An answer's own words are shown only where OpenIM wrote them, short and without control characters.

use std::time::Duration;

use base::gzip::{GunzipError, gunzip_up_to};
use base::{Error, Kind, Result};
use openim_core::wire::{errcode, words};
use reqwest::header::{CONTENT_ENCODING, HeaderMap, LOCATION};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::Url;

use crate::json;
use crate::limits::REST_ANSWER_MAX;

/// What a failed attempt may have done at the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing, for certain.
    None,
    /// Nobody knows.
    Unknown,
    /// The server has decided: asking again gets the same answer.
    Final,
}

/// A failed attempt.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) effect: Effect,
    /// How long the server asks to wait.
    pub(super) wait: Option<Duration>,
    pub(super) rejects_token: bool,
}

impl Failure {
    fn new(kind: Kind, effect: Effect, text: impl Into<String>) -> Self {
        Self { error: Error::new(kind, text), effect, wait: None, rejects_token: false }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    err_code: i32,
    #[serde(default)]
    err_msg: Option<String>,
    #[serde(default)]
    err_dlt: Option<String>,
    #[serde(default)]
    data: Value,
}

/// Reads an answer to its end, or as far as it may be.
pub(super) async fn read(path: &str, place: &str, response: Response) -> Result<Value, Failure> {
    let status = response.status();
    if status.is_redirection() {
        return Err(redirected(place, response.headers(), response.url()));
    }
    let wait = net::retry_after(response.headers());
    let body = body(path, response).await?;
    of_bytes(path, place, status, wait, &body)
}

/// What a whole answer says.
pub(super) fn of_bytes(
    path: &str,
    place: &str,
    status: StatusCode,
    wait: Option<Duration>,
    body: &[u8],
) -> Result<Value, Failure> {
    let envelope = serde_json::from_slice::<Envelope>(body).ok();
    if status == StatusCode::TOO_MANY_REQUESTS {
        let text = format!("the server asks to slow down ({path})");
        return Err(Failure { wait, ..Failure::new(Kind::RateLimited, Effect::None, text) });
    }
    if status.is_server_error() {
        return Err(Failure { wait, ..broken(path, status, envelope) });
    }
    match envelope {
        Some(envelope) => judge(path, envelope),
        None => Err(foreign(path, place, status, body)),
    }
}

fn judge(path: &str, envelope: Envelope) -> Result<Value, Failure> {
    if envelope.err_code == 0 {
        let mut data = envelope.data;
        drop_nulls(&mut data);
        return Ok(data);
    }
    let kind = errcode::kind(envelope.err_code);
    let mut text = format!("OpenIM refused {path}");
    // The code alone says little of an argument; the details name it.
    if kind == Kind::Config
        && let Some(details) = envelope.err_dlt.as_deref().map(words).filter(|details| !details.is_empty())
    {
        text = format!("{text}: {details}");
    }
    // A fault inside one of the server's services, and its rate limits, say nothing about what was done.
    let effect = if kind == Kind::Server { Effect::Unknown } else { Effect::Final };
    let mut failure = Failure::new(kind, effect, text);
    let name = words(&envelope.err_msg.unwrap_or_default());
    failure.error = failure.error.server(envelope.err_code, name);
    failure.rejects_token = errcode::rejects_token(envelope.err_code);
    Err(failure)
}

/// A 5xx, with or without the server's envelope.
fn broken(path: &str, status: StatusCode, envelope: Option<Envelope>) -> Failure {
    let mut failure =
        Failure::new(Kind::Server, Effect::Unknown, format!("{path} was answered with HTTP {}", status.as_u16()));
    if let Some(envelope) = envelope.filter(|envelope| envelope.err_code != 0) {
        failure.error = failure.error.server(envelope.err_code, words(&envelope.err_msg.unwrap_or_default()));
    }
    failure
}

/// Something that is not OpenIM's API.
fn foreign(path: &str, place: &str, status: StatusCode, body: &[u8]) -> Failure {
    let code = status.as_u16();
    if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        let text = format!("no connection to apiAddr {place}: {}", net::PROXY_AUTH);
        return Failure::new(Kind::Denied, Effect::Final, text);
    }
    if matches!(code, 401 | 403) {
        let text =
            format!("something in front of apiAddr {place} refuses the call with HTTP {code}; let it pass {path}");
        return Failure::new(Kind::Denied, Effect::Final, text);
    }
    let what = match (code, body.trim_ascii_start().first()) {
        (404, _) => format!("there is no {path}"),
        (_, Some(b'<')) => "it answers with a web page".to_owned(),
        (200..=299, _) => "it does not answer as OpenIM does".to_owned(),
        _ => format!("it answers with HTTP {code}"),
    };
    let text = format!("{what} at apiAddr {place}; check that apiAddr is the address of OpenIM's REST API");
    Failure::new(Kind::Protocol, Effect::Final, text)
}

fn redirected(place: &str, headers: &HeaderMap, asked: &Url) -> Failure {
    let to = headers.get(LOCATION).and_then(|to| asked.join(to.to_str().ok()?).ok());
    let to = to.map_or_else(|| "nowhere".to_owned(), |to| to.origin().ascii_serialization());
    let text = format!("apiAddr {place} redirects to {to}; write the address it should be into apiAddr");
    Failure::new(Kind::Protocol, Effect::Final, text)
}

/// The body, unpacked; what is larger than any answer of OpenIM's is given up.
async fn body(path: &str, response: Response) -> Result<Vec<u8>, Failure> {
    let packed =
        response.headers().get(CONTENT_ENCODING).is_some_and(|how| how.as_bytes().eq_ignore_ascii_case(b"gzip"));
    let body = bytes(path, response).await?;
    if !packed {
        return Ok(body);
    }
    gunzip_up_to(&body, REST_ANSWER_MAX).map_err(|error| match error {
        GunzipError::TooLarge => too_large(path),
        GunzipError::Damaged => {
            let text = format!("the answer to {path} is not the gzip it says it is");
            Failure::new(Kind::Protocol, Effect::Unknown, text)
        }
    })
}

async fn bytes(path: &str, mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    loop {
        let chunk = match response.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Ok(bytes),
            Err(error) => {
                let mut failure =
                    Failure::new(Kind::Timeout, Effect::Unknown, format!("the answer to {path} broke off"));
                failure.error = failure.error.caused_by(error.without_url());
                return Err(failure);
            }
        };
        if bytes.len() + chunk.len() > REST_ANSWER_MAX {
            return Err(too_large(path));
        }
        bytes.extend_from_slice(&chunk);
    }
}

fn too_large(path: &str) -> Failure {
    let text = format!("the answer to {path} is larger than {} MiB; ask for less at once", REST_ANSWER_MAX >> 20);
    Failure::new(Kind::Protocol, Effect::Final, text)
}

/// The request did not get through. Without a connection the server knows nothing of it.
pub(super) fn unsent(place: &str, error: reqwest::Error) -> Failure {
    let refused = net::refused_certificate(&error);
    let mut failure = if error.is_connect() || refused.is_some() {
        let why = refused.or_else(|| net::http_reason(&error)).unwrap_or_else(|| "it cannot be reached".into());
        Failure::new(Kind::Offline, Effect::None, format!("no connection to apiAddr {place}: {why}"))
    } else {
        let text = format!("apiAddr {place} hung up before it answered");
        Failure::new(Kind::Timeout, Effect::Unknown, text)
    };
    failure.error = failure.error.caused_by(error.without_url());
    failure
}

/// There is no client any more.
pub(super) fn ended(error: Error) -> Failure {
    Failure { error, effect: Effect::Final, wait: None, rejects_token: false }
}

/// No answer within one attempt's time.
pub(super) fn late(path: &str, after: Duration) -> Failure {
    let text = format!("{path} was not answered within {} s", after.as_secs_f32());
    Failure::new(Kind::Timeout, Effect::Unknown, text)
}

/// A header that HTTP does not take.
pub(super) fn unusable(name: &str) -> Failure {
    Failure::new(Kind::Config, Effect::Final, format!("the {name} holds characters that HTTP does not allow"))
}

/// `data` as the caller's type. Members that are absent may be left out or null. An error names the member that does not
/// fit, and quotes no value.
pub(super) fn decode<T: DeserializeOwned>(path: &str, data: Value) -> Result<T> {
    // A result without members comes without data.
    let data = if data.is_null() {
        json::read(data).or_else(|_| json::read(Value::Object(Map::new())))
    } else {
        json::read(data)
    };
    data.map_err(|mismatch| {
        let text = format!("the answer to {path} is not of the shape OpenIM gives it (at {})", words(&mismatch.path));
        Error::new(Kind::Protocol, text)
    })
}

/// Null stands for absent: Go writes it for an empty list.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => {
            items.retain(|item| !item.is_null());
            items.iter_mut().for_each(drop_nulls);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn nulls_are_absent_at_every_depth() {
        let mut data = json!({"a": null, "list": [null, {"b": null, "c": 1}]});
        drop_nulls(&mut data);
        assert_eq!(data, json!({"list": [{"c": 1}]}));
    }

    /// Envelopes with anything in them, cut anywhere, and bytes that never were one.
    fn answers() -> impl Strategy<Value = Vec<u8>> {
        let text = prop_oneof!["[ -~\\n\\t]{0,400}", ".{0,40}"];
        let whole =
            (any::<i32>(), text.clone(), text, "[\\[{}\\]a-z0-9\":,]{0,60}").prop_map(|(code, name, details, data)| {
                let data: Value = serde_json::from_str(&data).unwrap_or(Value::String(data));
                json!({"errCode": code, "errMsg": name, "errDlt": details, "data": data}).to_string().into_bytes()
            });
        let cut = (whole.clone(), any::<prop::sample::Index>()).prop_map(|(mut bytes, at)| {
            bytes.truncate(at.index(bytes.len()));
            bytes
        });
        prop_oneof![whole, cut, prop::collection::vec(any::<u8>(), 0..200)]
    }

    proptest! {
        #[test]
        fn whatever_comes_is_data_or_an_error_in_one_short_line(status in 200_u16..600, body in answers()) {
            let status = StatusCode::from_u16(status).unwrap();
            let Err(failure) = of_bytes("/x/y", "http://h", status, None, &body) else { return Ok(()) };
            let text = failure.error.to_string();
            prop_assert!(text.len() < 2_000 && !text.chars().any(char::is_control), "{text}");
        }

        #[test]
        fn a_page_that_is_not_openims_is_never_quoted(status in 200_u16..600, words in "[a-z]{12,40}") {
            let status = StatusCode::from_u16(status).unwrap();
            let failure = of_bytes("/", "http://h", status, None, format!("<b>{words}</b>").as_bytes()).unwrap_err();
            prop_assert!(!failure.error.to_string().contains(&words));
        }
    }
}
