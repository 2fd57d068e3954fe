//! RefreshMode `http`: one bounded request to the operator's endpoint, its answer read by the paths of the configuration, and what
//! the next request needs written back. Nothing it says holds a secret.

use std::io;
use std::path::{Path, PathBuf};

use base::{BoxFuture, Redacted};
use net::HttpClient;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response, StatusCode, Url};
use serde_json::{Map, Value};

use super::config::{Body, Http};
use super::state_file::StateFile;
use super::template::{Missing, Scope};
use super::traits::{FetchFailure, Fetched, Reason, Refresher, Secrets};
use super::{encode, files, paths, redact};
use crate::limits::REFRESH_ANSWER_MAX;
use crate::{fingerprint, tasks};

/// Asks an endpoint.
pub struct HttpRefresher {
    http: Http,
    client: HttpClient,
    home: Option<PathBuf>,
}

/// A request with everything filled in.
struct Prepared {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<String>,
    /// What must not be repeated in words.
    secrets: Vec<String>,
}

impl HttpRefresher {
    /// `client` follows no redirects. `home` is what `~` stands for.
    pub fn new(http: Http, client: HttpClient, home: Option<PathBuf>) -> Self {
        Self { http, client, home }
    }

    fn state_file(&self) -> Option<StateFile> {
        self.http.state_file.as_deref().map(|path| StateFile(expand(path, self.home.as_deref())))
    }

    async fn prepare(&self, account: &str) -> Result<Prepared, FetchFailure> {
        let state = match self.state_file() {
            None => Map::new(),
            Some(file) => file.read(account).await.map_err(|error| {
                FetchFailure::transient(format!("stateFile {} cannot be read: {error}", file.0.display()))
            })?,
        };
        let scope = Scope { account, state: &state };
        self.fill(scope).map_err(|why| FetchFailure::transient(format!("no request was made: {why}")))
    }

    fn fill(&self, scope: Scope<'_>) -> Result<Prepared, String> {
        let missing = |Missing(field): Missing| {
            let file = self
                .state_file()
                .map_or_else(|| "no stateFile is set".into(), |file| format!("put it into {}", file.0.display()));
            format!("{{state.{field}}} has no value for this account; {file}")
        };
        let endpoint = scope.fill_address(&self.http.endpoint).map_err(missing)?;
        let url = Url::parse(&endpoint).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url = url.ok_or("http.endpoint is not an address that begins with http:// or https://")?;
        let method =
            Method::from_bytes(self.http.method.as_bytes()).map_err(|_| "http.method is not a method of HTTP")?;
        let (body, kind) = match &self.http.body {
            Body::None => (None, None),
            Body::Json(value) => {
                (Some(scope.fill_value(value).map_err(missing)?.to_string()), Some("application/json"))
            }
            Body::Text(text) => (Some(text.clone()), Some(kind_of(text))),
        };
        let mut headers = HeaderMap::new();
        if let Some(kind) = kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        let mut secrets = redact::in_state(scope.state);
        secrets.extend(redact::in_query(&url));
        secrets.extend(body.as_deref().map(redact::in_body).unwrap_or_default());
        for (name, template) in &self.http.headers {
            let text = scope.fill(template).map_err(missing)?;
            let key =
                HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("\"{name}\" is no name of a header"))?;
            let mut value =
                HeaderValue::from_str(&text).map_err(|_| format!("the header {name} cannot hold its value"))?;
            value.set_sensitive(true);
            headers.insert(key, value);
            secrets.push(text);
        }
        Ok(Prepared { method, url, headers, body, secrets })
    }

    async fn ask(&self, account: &str) -> Result<Fetched, FetchFailure> {
        let prepared = self.prepare(account).await?;
        let place = prepared.url.origin().ascii_serialization();
        let secrets = prepared.secrets.clone();
        let request = async {
            let client = self.client.client().map_err(|error| FetchFailure::transient(error.to_string()))?;
            let mut request = client.request(prepared.method, prepared.url).headers(prepared.headers);
            if let Some(body) = prepared.body {
                request = request.body(body);
            }
            let response = request.send().await.map_err(|error| unreachable(&place, &error))?;
            self.read(&place, response, &secrets).await
        };
        match tokio::time::timeout(self.http.timeout, request).await {
            Ok(result) => result,
            Err(_) => Err(FetchFailure::transient(format!(
                "{place} did not answer within {} ms",
                self.http.timeout.as_millis()
            ))),
        }
    }

    async fn read(&self, place: &str, response: Response, secrets: &[String]) -> Result<Fetched, FetchFailure> {
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_redirection() {
            return Err(FetchFailure::transient(format!(
                "{place} answered {} and wants to send the request elsewhere; set http.endpoint to the final address",
                status.as_u16()
            )));
        }
        let bytes = body(place, response).await?;
        let answer = serde_json::from_slice::<Value>(&bytes);
        let permanent = self.is_permanent(status, answer.as_ref().ok());
        let refused = |why: String| match permanent {
            true => FetchFailure::Permanent(why),
            false => FetchFailure::Transient { why, retry_after: net::retry_after(&headers), call_person: false },
        };
        let words = || redact::words(&bytes, secrets);
        if !status.is_success() {
            return Err(refused(format!("{place} answered HTTP {}: {}", status.as_u16(), words())));
        }
        let Ok(answer) = answer else {
            return Err(refused(format!("{place} answered with something that is not JSON: {}", words())));
        };
        let token = paths::first_text(&answer, &self.http.token_paths).filter(|_| !permanent);
        let Some(token) = token else {
            let searched = self.http.token_paths.join(", ");
            return Err(refused(format!("the answer of {place} has no token at {searched}: {}", words())));
        };
        Ok(Fetched {
            token: Redacted::new(token),
            user_id: paths::first_text(&answer, &self.http.user_paths),
            keep: Secrets(self.kept(&answer)),
            server_ms: net::server_time(&headers),
        })
    }

    fn kept(&self, answer: &Value) -> Map<String, Value> {
        let fields = self.http.write_back.iter();
        fields.filter_map(|(field, from)| Some((field.clone(), paths::first(answer, from)?.clone()))).collect()
    }

    fn is_permanent(&self, status: StatusCode, answer: Option<&Value>) -> bool {
        let permanent = &self.http.permanent;
        let code = answer.and_then(|answer| paths::first_text(answer, &permanent.code_paths));
        permanent.statuses.contains(&status.as_u16()) || code.is_some_and(|code| permanent.codes.contains(&code))
    }
}

impl Refresher for HttpRefresher {
    fn key<'a>(&'a self, account: &'a str) -> BoxFuture<'a, String> {
        Box::pin(async move {
            let Ok(prepared) = self.prepare(account).await else { return String::new() };
            let mut whole = format!("{} {} {:?}", prepared.method, prepared.url, prepared.body);
            for (name, value) in &prepared.headers {
                whole.push_str(name.as_str());
                whole.push_str(&String::from_utf8_lossy(value.as_bytes()));
            }
            fingerprint::hex(&whole)
        })
    }

    fn fetch<'a>(&'a self, account: &'a str, _reason: &'a Reason) -> BoxFuture<'a, Result<Fetched, FetchFailure>> {
        Box::pin(self.ask(account))
    }

    fn keep<'a>(&'a self, account: &'a str, fetched: &'a Fetched) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(async move {
            match self.state_file() {
                Some(file) if !fetched.keep.0.is_empty() => {
                    let place = file.0.display().to_string();
                    let merged = file.merge(account, fetched.keep.0.clone()).await;
                    merged.map_err(|error| io::Error::new(error.kind(), format!("stateFile {place}: {error}")))
                }
                _ => Ok(()),
            }
        })
    }

    fn done<'a>(&'a self, account: &'a str) -> BoxFuture<'a, Vec<String>> {
        let (paths, part) = (self.http.clear_on_success.iter(), encode::path_part(account));
        let paths: Vec<_> =
            paths.map(|path| expand(&path.replace("{accountId}", &part), self.home.as_deref())).collect();
        Box::pin(async move {
            let removed = tasks::blocking(move || {
                let failed = paths.iter().filter_map(|path| files::remove(path).err().map(|error| (path, error)));
                failed
                    .map(|(path, error)| format!("clearOnSuccess: {} was not removed: {error}", path.display()))
                    .collect()
            });
            removed.await.unwrap_or_default()
        })
    }
}

/// `~/` is the home directory.
pub fn expand(path: &str, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

fn kind_of(text: &str) -> &'static str {
    if serde_json::from_str::<Value>(text).is_ok() { "application/json" } else { "text/plain; charset=utf-8" }
}

/// The body, as far as one with a token in it may go.
async fn body(place: &str, mut response: Response) -> Result<Vec<u8>, FetchFailure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(place, &error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > REFRESH_ANSWER_MAX {
            return Err(FetchFailure::transient(format!("the answer of {place} does not end")));
        }
    }
    Ok(bytes)
}

/// The address may hold a secret and is not repeated.
fn unreachable(place: &str, error: &reqwest::Error) -> FetchFailure {
    let why = net::http_reason(error).unwrap_or_else(|| "the request failed".into());
    FetchFailure::transient(format!("{place} cannot be asked: {why}"))
}
