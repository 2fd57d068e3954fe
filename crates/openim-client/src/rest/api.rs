//! One REST call: headers, deadline, attempts, token. What an answer means is said in `answer.rs`.
//!
//! The law of repeating: a read may be asked again; anything else only when it certainly had no effect (no connection,
//! 429, a refused token). What was sent and has no answer is an error with `maybe_delivered`.

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
    REST_AT_ONCE, REST_ATTEMPT_MAX, REST_ATTEMPTS, REST_BACKOFF, REST_CALL_MAX, REST_WAITING, RETRY_AFTER_MAX,
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
    pub attempt: Duration,
    pub call: Duration,
    pub backoff: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { attempt: REST_ATTEMPT_MAX, call: REST_CALL_MAX, backoff: REST_BACKOFF }
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

/// Whether a call may be made again when nobody knows what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeat {
    Always,
    WithoutEffect,
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
        self.call(path, body, Repeat::WithoutEffect).await
    }

    /// A call that changes nothing and may therefore be made again after any failure of the way.
    pub async fn read<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        self.call(path, body, Repeat::Always).await
    }

    pub fn account(&self) -> &AccountId {
        &self.0.settings.account
    }

    async fn call<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize, repeat: Repeat) -> Result<T> {
        let named = |error: Error| error.account(self.0.settings.account.clone());
        let body = serde_json::to_vec(body)
            .map_err(|_| named(Error::new(Kind::Internal, format!("the request for {path} cannot be written"))))?;
        // Boxed, so that it is built once and not once for each answer there is.
        let attempts: BoxFuture<'_, Result<serde_json::Value>> = Box::pin(self.attempts(path, &body, repeat));
        let data = attempts.await.map_err(named)?;
        answer::decode(path, data).map_err(named)
    }

    async fn attempts(&self, path: &str, body: &[u8], repeat: Repeat) -> Result<serde_json::Value> {
        let Ok(_waiting) = self.0.waiting.try_acquire() else {
            let text = format!("{REST_WAITING} REST calls of this account wait already; wait for some of them");
            return Err(Error::new(Kind::Backpressure, text));
        };
        let Settings { tokens, random, patience, .. } = &self.0.settings;
        let began = Instant::now();
        let mut attempt = 0;
        let mut renewed = false;
        loop {
            let token = tokens.current();
            let failure = match self.attempt(path, body, token.expose()).await {
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
                let patience = patience.call.saturating_sub(began.elapsed() + patience.attempt);
                let other = !renewed && timeout(patience, tokens.renewed(&token)).await.unwrap_or_default();
                if !other {
                    return Err(failure.error);
                }
                renewed = true;
                continue;
            }
            attempt += 1;
            let wait = failure.wait.unwrap_or_else(|| backoff::doubled(patience.backoff, attempt, random.bits()));
            let late = began.elapsed() + wait + patience.attempt > patience.call;
            if attempt >= REST_ATTEMPTS || late || wait > RETRY_AFTER_MAX || !may_repeat(failure.effect, repeat) {
                return Err(told(failure, repeat));
            }
            sleep(wait).await;
        }
    }

    async fn attempt(&self, path: &str, body: &[u8], token: &str) -> Result<serde_json::Value, Failure> {
        let patience = &self.0.settings.patience;
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
        match timeout(patience.attempt, request).await {
            Ok(result) => result,
            Err(_) => Err(answer::late(path, patience.attempt)),
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

const fn may_repeat(effect: Effect, repeat: Repeat) -> bool {
    match effect {
        Effect::None => true,
        Effect::Unknown => matches!(repeat, Repeat::Always),
        Effect::Final => false,
    }
}

/// Where something that changes has no answer of OpenIM's, its outcome is said to be unknown.
fn told(failure: Failure, repeat: Repeat) -> Error {
    let unanswered = failure.effect == Effect::Unknown && failure.error.err_code().is_none();
    let unknown = unanswered && repeat == Repeat::WithoutEffect;
    let error = match failure.wait {
        Some(wait) => failure.error.retry_after(wait),
        None => failure.error,
    };
    if unknown { error.maybe_delivered() } else { error }
}
