//! The option `tokenRefresh`: how an account gets a new token. A value of the wrong type counts as absent. A setting that
//! cannot work is reported in one sentence and counts as `off`, so that no account waits for a token that will never come.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::{Map, Value};

use crate::limits::{REFRESH_TIMEOUT, REFRESH_TIMEOUT_MAX};

/// Where a new token comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshMode {
    /// From an HTTP endpoint.
    Http,
    /// From a function that the operator has registered.
    Hook,
    /// From a person.
    Off,
}

impl RefreshMode {
    /// The name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Hook => "hook",
            Self::Off => "off",
        }
    }
}

/// The option, read.
#[derive(Debug, Clone)]
pub struct RefreshSettings {
    /// Where new tokens come from.
    pub mode: RefreshMode,
    /// How the endpoint is asked; only in mode `http`.
    pub http: Option<Http>,
    /// Path template of the manual-login marker.
    pub marker: Option<String>,
    /// One sentence for each setting that was ignored, with the remedy.
    pub warnings: Vec<String>,
}

/// How the endpoint is asked. Headers, body and endpoint may hold secrets and are not printed.
#[derive(Clone)]
pub struct Http {
    /// The address, a template.
    pub endpoint: String,
    /// The HTTP method.
    pub method: String,
    /// Headers; their values are templates.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// How long the whole request may take.
    pub timeout: Duration,
    /// The file with what requests need.
    pub state_file: Option<String>,
    /// Paths to the token in the answer.
    pub token_paths: Vec<String>,
    /// Paths to the user id in the answer.
    pub user_paths: Vec<String>,
    /// Fields of the state file, each with paths into the answer.
    pub write_back: Vec<(String, Vec<String>)>,
    /// Files to remove once the new token is in use.
    pub clear_on_success: Vec<String>,
    /// Which refusals are final.
    pub permanent: Permanent,
}

/// The body of the request.
#[derive(Clone, PartialEq)]
pub enum Body {
    /// No body.
    None,
    /// JSON whose texts are templates.
    Json(Value),
    /// A text that is sent unchanged.
    Text(String),
}

/// Which refusals are final. If nothing is listed, none is, and the account goes on asking.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permanent {
    /// Final HTTP statuses.
    pub statuses: Vec<u16>,
    /// Paths to an error code in the answer.
    pub code_paths: Vec<String>,
    /// Final error codes.
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

    /// Reads the block. Anything of the wrong type counts as absent.
    pub fn read(block: Option<&Value>) -> Self {
        let block: Block = block.map(lenient).unwrap_or_default();
        let mut settings = Self { marker: block.manual_login_marker_path.0, ..Self::hook() };
        match block.mode.0.as_deref() {
            None | Some("hook") => {}
            Some("off") => settings.mode = RefreshMode::Off,
            Some("http") => match Http::try_from(block.http) {
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

/// The block as it is written.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Block {
    mode: Text,
    manual_login_marker_path: Text,
    #[serde(deserialize_with = "or_default")]
    http: HttpBlock,
}

/// The member `http` as it is written.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct HttpBlock {
    endpoint: Text,
    method: Text,
    headers: Fields,
    body: Value,
    timeout_ms: Millis,
    state_file: Text,
    response_token_path: Texts,
    response_user_id_path: Texts,
    state_write_back: Fields,
    clear_on_success: Texts,
    permanent_status: Texts,
    response_code_path: Texts,
    permanent_codes: Texts,
}

impl TryFrom<HttpBlock> for Http {
    type Error = String;

    fn try_from(block: HttpBlock) -> Result<Self, String> {
        let endpoint = block.endpoint.0.ok_or("http.endpoint is missing; set it to the address to call")?;
        if block.response_token_path.0.is_empty() {
            return Err(
                "http.responseTokenPath is missing; set it to where the token stands in the answer, e.g. data.token"
                    .into(),
            );
        }
        let method = block.method.0.unwrap_or_else(|| "POST".into()).to_ascii_uppercase();
        if !method.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err("http.method is not a method of HTTP; write POST or GET".into());
        }
        Ok(Self {
            endpoint,
            method,
            headers: block
                .headers
                .0
                .into_iter()
                .filter_map(|(name, value)| super::paths::text(&value).map(|value| (name, value)))
                .collect(),
            body: match block.body {
                Value::Null => Body::None,
                Value::String(text) => Body::Text(text),
                value => Body::Json(value),
            },
            timeout: block.timeout_ms.0,
            state_file: block.state_file.0,
            token_paths: block.response_token_path.0,
            user_paths: block.response_user_id_path.0,
            write_back: block
                .state_write_back
                .0
                .into_iter()
                .map(|(field, value)| (field, Texts::from(value).0))
                .collect(),
            clear_on_success: block.clear_on_success.0,
            permanent: Permanent {
                statuses: block.permanent_status.0.iter().filter_map(|status| status.parse().ok()).collect(),
                code_paths: block.response_code_path.0,
                codes: block.permanent_codes.0,
            },
        })
    }
}

/// A text that is not empty. Anything else counts as absent.
#[derive(Default, Deserialize)]
#[serde(from = "Value")]
struct Text(Option<String>);

impl From<Value> for Text {
    fn from(value: Value) -> Self {
        Self(value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned))
    }
}

/// One text or a list of them. Numbers count as texts.
#[derive(Default, Deserialize)]
#[serde(from = "Value")]
struct Texts(Vec<String>);

impl From<Value> for Texts {
    fn from(value: Value) -> Self {
        Self(match &value {
            Value::Array(items) => items.iter().filter_map(super::paths::text).collect(),
            value => super::paths::text(value).into_iter().collect(),
        })
    }
}

/// The members of an object.
#[derive(Default, Deserialize)]
#[serde(from = "Value")]
struct Fields(Map<String, Value>);

impl From<Value> for Fields {
    fn from(value: Value) -> Self {
        Self(if let Value::Object(members) = value { members } else { Map::new() })
    }
}

/// A time limit in milliseconds, kept within bounds.
#[derive(Deserialize)]
#[serde(from = "Value")]
struct Millis(Duration);

impl Default for Millis {
    fn default() -> Self {
        Self(REFRESH_TIMEOUT)
    }
}

impl From<Value> for Millis {
    fn from(value: Value) -> Self {
        let ms = value.as_f64().filter(|ms| *ms >= 1.0 && ms.is_finite());
        let within = |ms: f64| Duration::from_secs_f64((ms / 1_000.0).min(REFRESH_TIMEOUT_MAX.as_secs_f64()));
        Self(ms.map_or(REFRESH_TIMEOUT, within))
    }
}

/// Reads an object. Anything else counts as an empty one; a bare list is not read as its fields.
fn lenient<T: DeserializeOwned + Default>(value: &Value) -> T {
    let object = Some(value).filter(|value| value.is_object());
    object.and_then(|value| T::deserialize(value).ok()).unwrap_or_default()
}

fn or_default<'de, T: DeserializeOwned + Default, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(lenient(&Value::deserialize(deserializer)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(block: &Value) -> RefreshSettings {
        RefreshSettings::read(Some(block))
    }

    #[test]
    fn without_a_setting_the_hook_is_asked() {
        for nothing in [json!({}), json!(null), json!({"mode": ""}), json!("x")] {
            let settings = read(&nothing);
            assert_eq!((settings.mode, settings.warnings.len()), (RefreshMode::Hook, 0), "{nothing}");
        }
        assert_eq!(RefreshSettings::read(None).mode, RefreshMode::Hook);
    }

    #[test]
    fn http_has_the_defaults_of_the_original() {
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
    fn a_setting_that_cannot_work_counts_as_off_and_says_why() {
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
