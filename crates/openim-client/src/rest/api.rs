//! One REST call: headers, deadline, attempts, token. `answer.rs` interprets the answer.
//!
//! A read may be repeated. A change is repeated only if it certainly had no effect (no connection, 429, a refused token). A
//! change that was sent and has no answer is an error with `maybe_delivered`.

use std::sync::Arc;
use std::time::Duration;

use base::{AccountId, BoxFuture, Error, Kind, RandomSource, Result, backoff};
use net::HttpClient;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use super::TokenSource;
use super::answer::{self, Effect, Failure};
use crate::limits::{
    REST_AT_ONCE, REST_ATTEMPT_MAX, REST_ATTEMPTS, REST_BACKOFF, REST_BULK_ATTEMPT_MAX, REST_BULK_CALL_MAX,
    REST_CALL_MAX, REST_WAITING, RETRY_AFTER_MAX,
};

/// What calls are made with.
pub struct Settings {
    pub account: AccountId,
    /// Scheme `http` or `https`; a path is kept, for servers behind a gateway.
    pub api_addr: Url,
    /// Follows no redirects: where a token goes is decided by the configuration.
    pub http: HttpClient,
    pub tokens: Arc<dyn TokenSource>,
    pub random: Arc<dyn RandomSource>,
    pub patience: Patience,
}

/// How long a call may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// One attempt.
    pub attempt: Duration,
    /// All attempts with the waits between them.
    pub call: Duration,
    /// One attempt at a change of many things at once.
    pub bulk_attempt: Duration,
    /// All attempts at such a change.
    pub bulk_call: Duration,
    /// The wait before the second attempt.
    pub backoff: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempt: REST_ATTEMPT_MAX,
            call: REST_CALL_MAX,
            bulk_attempt: REST_BULK_ATTEMPT_MAX,
            bulk_call: REST_BULK_CALL_MAX,
            backoff: REST_BACKOFF,
        }
    }
}

/// The REST API of one account. Cheap to clone.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

struct Inner {
    settings: Settings,
    /// The address without a slash at its end.
    base: String,
    at_once: Semaphore,
    waiting: Semaphore,
}

/// What a call does. It decides about repeating and about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CallKind {
    /// Changes nothing: may be made again when its outcome is unknown.
    Read,
    /// Changes something: made again only if it certainly had no effect.
    Change,
    /// Changes many things at once, for which a server takes its time.
    BulkChange,
}

impl Api {
    pub fn new(settings: Settings) -> Self {
        let mut address = settings.api_addr.clone();
        address.set_query(None);
        address.set_fragment(None);
        let base = address.as_str().trim_end_matches('/').to_owned();
        let (at_once, waiting) = (Semaphore::new(REST_AT_ONCE), Semaphore::new(REST_AT_ONCE + REST_WAITING));
        Self(Arc::new(Inner { settings, base, at_once, waiting }))
    }

    /// A call that changes something. `T` is what `data` holds; null stands for absent everywhere in it.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        self.call(path, body, CallKind::Change).await
    }

    /// A call that changes many things at once. The server may take long for it.
    pub async fn post_bulk<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        self.call(path, body, CallKind::BulkChange).await
    }

    /// A call that changes nothing and may therefore be made again after any failure of the way.
    pub async fn read<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        self.call(path, body, CallKind::Read).await
    }

    pub fn account(&self) -> &AccountId {
        &self.0.settings.account
    }

    async fn call<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize, kind: CallKind) -> Result<T> {
        let named = |error: Error| error.account(self.0.settings.account.clone());
        let body = serde_json::to_vec(body)
            .map_err(|_| named(Error::new(Kind::Internal, format!("the request for {path} cannot be written"))))?;
        // Boxed, so that it is built once and not once for each answer there is.
        let attempts: BoxFuture<'_, Result<serde_json::Value>> = Box::pin(self.attempts(path, &body, kind));
        let data = attempts.await.map_err(named)?;
        answer::decode(path, data).map_err(named)
    }

    async fn attempts(&self, path: &str, body: &[u8], kind: CallKind) -> Result<serde_json::Value> {
        let Ok(_waiting) = self.0.waiting.try_acquire() else {
            let text = format!("{REST_WAITING} REST calls of this account wait already; wait for some of them");
            return Err(Error::new(Kind::Backpressure, text));
        };
        let Settings { tokens, random, patience, .. } = &self.0.settings;
        let (attempt_max, call_max) = match kind {
            CallKind::Read | CallKind::Change => (patience.attempt, patience.call),
            CallKind::BulkChange => (patience.bulk_attempt, patience.bulk_call),
        };
        let began = Instant::now();
        let mut attempt = 0;
        let mut renewed = false;
        loop {
            let token = tokens.current();
            let failure = match self.attempt(path, body, token.expose(), attempt_max).await {
                Ok(data) => return Ok(data),
                Err(failure) => failure,
            };
            if failure.rejects_token {
                // Only what was said of the current token counts.
                if !renewed && tokens.current() != token {
                    renewed = true;
                    continue;
                }
                tokens.rejected(&token, &failure.error);
                let time_left = call_max.saturating_sub(began.elapsed() + attempt_max);
                let other = !renewed && timeout(time_left, tokens.renewed(&token)).await.unwrap_or_default();
                if !other {
                    return Err(failure.error);
                }
                renewed = true;
                continue;
            }
            attempt += 1;
            let wait = failure.wait.unwrap_or_else(|| backoff::doubled(patience.backoff, attempt, random.bits()));
            // The wait is the server's word and may be any number.
            let ends_at = began.elapsed().saturating_add(wait).saturating_add(attempt_max);
            let late = ends_at > call_max;
            if attempt >= REST_ATTEMPTS || late || wait > RETRY_AFTER_MAX || !may_repeat(failure.effect, kind) {
                return Err(with_outcome(failure, kind));
            }
            sleep(wait).await;
        }
    }

    async fn attempt(&self, path: &str, body: &[u8], token: &str, max: Duration) -> Result<serde_json::Value, Failure> {
        let place = self.place();
        let request = async {
            let _at_once = self.0.at_once.acquire().await;
            let client = self.0.settings.http.client().map_err(answer::ended)?;
            let request = client.post(format!("{}{path}", self.0.base));
            let request = request.headers(self.headers(path, token)?).body(body.to_vec());
            let response = request.send().await.map_err(|error| answer::unsent(&place, error))?;
            if let Some(at) = net::server_time(response.headers()) {
                self.0.settings.tokens.server_time(at);
            }
            answer::read(path, &place, response).await
        };
        match timeout(max, request).await {
            Ok(result) => result,
            Err(_) => Err(answer::late(path, max)),
        }
    }

    fn headers(&self, path: &str, token: &str) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        let operation = format!("{:016x}", self.0.settings.random.bits());
        for (name, text) in [("operationid", operation.as_str()), ("token", token)] {
            let mut value = HeaderValue::from_str(text).map_err(|_| answer::unusable(name))?;
            value.set_sensitive(name == "token");
            headers.insert(name, value);
        }
        // Behind a proxy the server does not know by which address it is reached, and would name another one.
        if path.starts_with("/object/")
            && let Ok(value) = HeaderValue::from_str(&self.0.base)
        {
            headers.insert("x-request-api", value);
        }
        Ok(headers)
    }

    /// Scheme, host and port only: the rest of the address is the operator's business.
    fn place(&self) -> String {
        self.0.settings.api_addr.origin().ascii_serialization()
    }
}

const fn may_repeat(effect: Effect, kind: CallKind) -> bool {
    match effect {
        Effect::None => true,
        Effect::Unknown => matches!(kind, CallKind::Read),
        Effect::Final => false,
    }
}

/// The error of a failed call. If a change has no answer of OpenIM's, its outcome is unknown.
fn with_outcome(failure: Failure, kind: CallKind) -> Error {
    let unanswered = failure.effect == Effect::Unknown && failure.error.err_code().is_none();
    let is_unknown = unanswered && kind != CallKind::Read;
    let error = match failure.wait {
        Some(wait) => failure.error.retry_after(wait),
        None => failure.error,
    };
    if is_unknown { error.maybe_delivered() } else { error }
}
