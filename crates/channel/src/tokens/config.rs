//! The block `tokenRefresh`: how an account gets a new token. Read leniently; what cannot work is said in one sentence
//! and counts as `off`, so that no account is left waiting for something that will never come.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::limits::{REFRESH_TIMEOUT, REFRESH_TIMEOUT_MAX};

/// Where a new token comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshMode {
    /// An endpoint is asked.
    Http,
    /// A function of the operator's is asked.
    Hook,
    /// A person brings it.
    Off,
}

impl RefreshMode {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Hook => "hook",
            Self::Off => "off",
        }
    }
}

/// The block, read.
#[derive(Debug, Clone)]
pub struct RefreshSettings {
    pub mode: RefreshMode,
    /// There in mode `http`.
    pub http: Option<Http>,
    /// Template of the path of the manual-login marker.
    pub marker: Option<String>,
    /// Why something was changed or ignored, with the remedy.
    pub warnings: Vec<String>,
}

/// How the endpoint is asked. Headers, body and endpoint may hold secrets and are not printed.
#[derive(Clone)]
pub struct Http {
    pub endpoint: String,
    pub method: String,
    pub headers: Vec<(String, String)>,
    pub body: Body,
    pub timeout: Duration,
    pub state_file: Option<String>,
    pub token_paths: Vec<String>,
    pub user_paths: Vec<String>,
    /// Field of the state to paths into the answer.
    pub write_back: Vec<(String, Vec<String>)>,
    pub clear_on_success: Vec<String>,
    pub permanent: Permanent,
}

/// What is sent.
#[derive(Clone, PartialEq)]
pub enum Body {
    None,
    /// As JSON, its texts being templates.
    Json(Value),
    /// As it stands.
    Text(String),
}

/// Which refusals are final. Empty: none is, and the account goes on asking.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permanent {
    pub statuses: Vec<u16>,
    pub code_paths: Vec<String>,
    pub codes: Vec<String>,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Http({} …)", self.method)
    }
}

impl RefreshSettings {
    /// The default mode, and no other setting.
    pub const fn hook() -> Self {
        Self { mode: RefreshMode::Hook, http: None, marker: None, warnings: Vec::new() }
    }

    pub fn read(block: Option<&Value>) -> Self {
        let empty = Map::new();
        let block = block.and_then(Value::as_object).unwrap_or(&empty);
        let mut settings = Self { marker: text(block, "manualLoginMarkerPath"), ..Self::hook() };
        match block.get("mode").and_then(Value::as_str).map(str::trim) {
            None | Some("" | "hook") => {}
            Some("off") => settings.mode = RefreshMode::Off,
            Some("http") => match http(block.get("http").and_then(Value::as_object).unwrap_or(&empty)) {
                Ok(http) => {
                    settings.mode = RefreshMode::Http;
                    settings.http = Some(http);
                }
                Err(why) => settings.off(&why),
            },
            Some(other) => settings.off(&format!("mode \"{other}\" is not one of http, hook, off")),
        }
        settings
    }

    fn off(&mut self, why: &str) {
        self.mode = RefreshMode::Off;
        self.warnings.push(format!("tokenRefresh counts as off: {why}"));
    }
}

fn http(block: &Map<String, Value>) -> Result<Http, String> {
    let endpoint = text(block, "endpoint").ok_or("http.endpoint is missing; set it to the address to call")?;
    let token_paths = paths(block.get("responseTokenPath"));
    if token_paths.is_empty() {
        return Err(
            "http.responseTokenPath is missing; set it to where the token stands in the answer, e.g. data.token".into(),
        );
    }
    let method = text(block, "method").unwrap_or_else(|| "POST".into()).to_ascii_uppercase();
    if !method.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err("http.method is not a method of HTTP; write POST or GET".into());
    }
    let object = |name: &str| block.get(name).and_then(Value::as_object).into_iter().flatten();
    Ok(Http {
        endpoint,
        method,
        headers: object("headers")
            .filter_map(|(name, value)| super::paths::text(value).map(|value| (name.clone(), value)))
            .collect(),
        body: match block.get("body") {
            None | Some(Value::Null) => Body::None,
            Some(Value::String(text)) => Body::Text(text.clone()),
            Some(value) => Body::Json(value.clone()),
        },
        timeout: timeout(block),
        state_file: text(block, "stateFile"),
        token_paths,
        user_paths: paths(block.get("responseUserIdPath")),
        write_back: object("stateWriteBack").map(|(field, value)| (field.clone(), paths(Some(value)))).collect(),
        clear_on_success: paths(block.get("clearOnSuccess")),
        permanent: Permanent {
            statuses: paths(block.get("permanentStatus")).iter().filter_map(|status| status.parse().ok()).collect(),
            code_paths: paths(block.get("responseCodePath")),
            codes: paths(block.get("permanentCodes")),
        },
    })
}

fn timeout(block: &Map<String, Value>) -> Duration {
    let ms = block.get("timeoutMs").and_then(Value::as_f64).filter(|ms| *ms >= 1.0 && ms.is_finite());
    ms.map_or(REFRESH_TIMEOUT, |ms| Duration::from_secs_f64((ms / 1_000.0).min(REFRESH_TIMEOUT_MAX.as_secs_f64())))
}

fn text(block: &Map<String, Value>, name: &str) -> Option<String> {
    block.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// One text or a list of them; numbers count as texts.
fn paths(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(super::paths::text).collect(),
        Some(value) => super::paths::text(value).into_iter().collect(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(block: &Value) -> RefreshSettings {
        RefreshSettings::read(Some(block))
    }

    #[test]
    fn without_a_word_the_hook_is_asked() {
        for nothing in [json!({}), json!(null), json!({"mode": ""}), json!("x")] {
            let settings = read(&nothing);
            assert_eq!((settings.mode, settings.warnings.len()), (RefreshMode::Hook, 0), "{nothing}");
        }
        assert_eq!(RefreshSettings::read(None).mode, RefreshMode::Hook);
    }

    #[test]
    fn http_has_the_originals_defaults() {
        let settings = read(
            &json!({"mode": "http", "http": {"endpoint": " https://a/{accountId} ", "responseTokenPath": "data.token"}}),
        );
        let http = settings.http.unwrap();
        assert_eq!(
            (settings.mode, http.endpoint.as_str(), http.method.as_str()),
            (RefreshMode::Http, "https://a/{accountId}", "POST")
        );
        assert_eq!((http.timeout, http.token_paths), (Duration::from_secs(15), vec!["data.token".to_owned()]));
        assert!(http.headers.is_empty() && http.body == Body::None && http.state_file.is_none());
        assert!(http.user_paths.is_empty() && http.write_back.is_empty() && http.clear_on_success.is_empty());
        assert_eq!(http.permanent, Permanent::default());
    }

    #[test]
    fn every_field_of_http_is_read() {
        let settings = read(&json!({"mode": "http", "manualLoginMarkerPath": "/m/x.json", "http": {
            "endpoint": "https://a", "method": "put", "headers": {"x-a": "{accountId}", "x-n": 5}, "body": {"r": "{state.r}"},
            "timeoutMs": 2500, "stateFile": "/s.json", "responseTokenPath": ["a", "b.c"], "responseUserIdPath": "u",
            "stateWriteBack": {"r": "data.r", "e": ["x", "y"]}, "clearOnSuccess": ["/tmp/{accountId}"],
            "permanentStatus": [401, "403"], "responseCodePath": "code", "permanentCodes": [400, "10003"]}}));
        assert_eq!(settings.marker.as_deref(), Some("/m/x.json"));
        let http = settings.http.unwrap();
        assert_eq!((http.method.as_str(), http.timeout), ("PUT", Duration::from_millis(2500)));
        assert_eq!(http.headers, [("x-a".into(), "{accountId}".into()), ("x-n".into(), "5".into())]);
        assert!(http.body == Body::Json(json!({"r": "{state.r}"})));
        assert_eq!((http.token_paths, http.user_paths), (vec!["a".into(), "b.c".into()], vec!["u".to_owned()]));
        assert_eq!(
            http.write_back,
            [("e".into(), vec!["x".into(), "y".into()]), ("r".into(), vec!["data.r".to_owned()])]
        );
        assert_eq!(http.permanent.statuses, [401, 403]);
        assert_eq!(
            (http.permanent.code_paths, http.permanent.codes),
            (vec!["code".into()], vec!["400".into(), "10003".to_owned()])
        );
    }

    #[test]
    fn a_text_is_a_verbatim_body() {
        let http = json!({"endpoint": "https://a", "responseTokenPath": "t", "body": "a={accountId}"});
        let settings = read(&json!({"mode": "http", "http": http}));
        assert!(settings.http.unwrap().body == Body::Text("a={accountId}".into()));
    }

    #[test]
    fn what_cannot_work_counts_as_off_and_says_why() {
        let cases = [
            (json!({"mode": "http"}), "http.endpoint is missing"),
            (json!({"mode": "http", "http": {"endpoint": "https://a"}}), "http.responseTokenPath is missing"),
            (
                json!({"mode": "http", "http": {"endpoint": "https://a", "responseTokenPath": []}}),
                "http.responseTokenPath",
            ),
            (
                json!({"mode": "http", "http": {"endpoint": "https://a", "responseTokenPath": "t", "method": "GE T"}}),
                "http.method",
            ),
            (json!({"mode": "htpp"}), "mode \"htpp\" is not one of"),
        ];
        for (block, expected) in cases {
            let settings = read(&block);
            assert_eq!(settings.mode, RefreshMode::Off, "{block}");
            assert!(settings.warnings[0].contains(expected), "{:?}", settings.warnings);
        }
        assert!(read(&json!({"mode": "off"})).warnings.is_empty());
    }

    #[test]
    fn a_time_limit_is_kept_within_bounds() {
        let limit = |ms: Value| {
            let http = json!({"endpoint": "https://a", "responseTokenPath": "t", "timeoutMs": ms});
            read(&json!({"mode": "http", "http": http})).http.unwrap().timeout
        };
        assert_eq!(limit(json!(1)), Duration::from_millis(1));
        assert_eq!(limit(json!(9e12)), REFRESH_TIMEOUT_MAX);
        for odd in [json!(0), json!(-5), json!("soon"), json!(null)] {
            assert_eq!(limit(odd), REFRESH_TIMEOUT);
        }
    }
}
