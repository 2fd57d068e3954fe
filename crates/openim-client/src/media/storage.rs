//! One part on its way into the storage: the PUT, what an answer means, and how often it is tried.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base::{Error, Kind, Result};
use futures_util::stream;
use parking_lot::Mutex;
use reqwest::header::CONTENT_LENGTH;
use reqwest::{Body, Client, Response, StatusCode};
use tokio::time::sleep;

use super::file::Source;
use super::hash::Part;
use super::target::Target;
use crate::limits::{STORAGE_WORDS_MAX, UPLOAD_BLOCK};

/// A PUT that failed, and what may help.
#[derive(Debug)]
pub(super) enum Failure {
    /// The same once more, after this wait where the storage asks for one.
    Again(Error, Option<Duration>),
    /// A new signature.
    Unsigned(Error),
    /// The storage knows nothing of this upload any more: from the beginning.
    Forgotten(Error),
    Final(Error),
}

impl Failure {
    pub(super) const fn error(&self) -> &Error {
        match self {
            Self::Again(error, _) | Self::Unsigned(error) | Self::Forgotten(error) | Self::Final(error) => error,
        }
    }

    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Again(error, _) | Self::Unsigned(error) | Self::Forgotten(error) | Self::Final(error) => error,
        }
    }
}

/// What a body on its way leaves behind for the one who waits.
#[derive(Default)]
struct Trail {
    sent: AtomicU64,
    /// Why the file could not be read on.
    broken: Mutex<Option<Error>>,
}

/// Puts one part. `moved` is told each block that goes out; nothing going out or coming in for `stall` ends the attempt.
pub(super) async fn put(
    http: &Client,
    target: Target,
    source: &Source,
    part: Part,
    stall: Duration,
    moved: &Arc<dyn Fn(u64) + Send + Sync>,
) -> Result<(), Failure> {
    let place = target.place();
    let trail = Arc::new(Trail::default());
    let request = http.put(target.url).headers(target.headers).header(CONTENT_LENGTH, part.len);
    let sending = request.body(body(source.clone(), part, trail.clone(), moved.clone())).send();
    let outcome = watched(sending, &trail, stall).await;
    if let Some(error) = trail.broken.lock().take() {
        return Err(Failure::Final(error));
    }
    match outcome {
        None => Err(Failure::Again(stalled(&place, stall), None)),
        Some(Err(error)) => Err(Failure::Again(unsent(&place, error), None)),
        Some(Ok(response)) if response.status().is_success() => Ok(()),
        Some(Ok(response)) => {
            let refusal = tokio::time::timeout(stall, refused(&place, response)).await;
            Err(refusal.unwrap_or_else(|_| Failure::Again(stalled(&place, stall), None)))
        }
    }
}

/// None where nothing moves any more.
async fn watched<T>(sending: impl Future<Output = T>, trail: &Trail, stall: Duration) -> Option<T> {
    let mut sending = std::pin::pin!(sending);
    let mut before = 0;
    loop {
        tokio::select! {
            done = &mut sending => return Some(done),
            () = sleep(stall) => {
                let now = trail.sent.load(Ordering::Relaxed);
                if now == before {
                    return None;
                }
                before = now;
            }
        }
    }
}

fn body(source: Source, part: Part, trail: Arc<Trail>, moved: Arc<dyn Fn(u64) + Send + Sync>) -> Body {
    Body::wrap_stream(stream::try_unfold(0_u64, move |done| {
        let (source, trail, moved) = (source.clone(), trail.clone(), moved.clone());
        async move {
            let left = part.len - done;
            if left == 0 {
                return Ok(None);
            }
            let len = usize::try_from(left).unwrap_or(UPLOAD_BLOCK).min(UPLOAD_BLOCK);
            match source.block(part.offset + done, len).await {
                Ok(block) => {
                    let len = block.len() as u64;
                    trail.sent.fetch_add(len, Ordering::Relaxed);
                    moved(len);
                    Ok(Some((block, done + len)))
                }
                Err(error) => {
                    *trail.broken.lock() = Some(error);
                    Err(std::io::Error::other("the file cannot be read on"))
                }
            }
        }
    }))
}

async fn refused(place: &str, response: Response) -> Failure {
    let status = response.status();
    let wait = net::retry_after(response.headers());
    let code = code_of(response).await;
    let said = code.as_deref().map_or_else(String::new, |code| format!(", {code}"));
    let told = |kind, remedy: &str| {
        Error::new(kind, format!("the storage at {place} answered a part with HTTP {}{said}{remedy}", status.as_u16()))
    };
    match (status, code.as_deref()) {
        (StatusCode::NOT_FOUND, _) | (_, Some("NoSuchUpload")) => Failure::Forgotten(told(Kind::Upload, "")),
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) | (_, Some("ExpiredToken" | "RequestTimeTooSkewed")) => {
            let remedy = "; compare the clocks of the server, its storage and this machine, and look at the storage's external address";
            Failure::Unsigned(told(Kind::Upload, remedy))
        }
        (StatusCode::PAYLOAD_TOO_LARGE, _) => Failure::Final(told(
            Kind::TooLarge,
            "; send a smaller file, or raise the limit of the proxy before the storage",
        )),
        (StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT, _) => {
            Failure::Again(told(Kind::RateLimited, ""), wait)
        }
        _ if status.is_server_error() => Failure::Again(told(Kind::Server, ""), wait),
        _ if status.is_redirection() => {
            Failure::Final(told(Kind::Upload, "; the storage's external address has to be the final one"))
        }
        _ => Failure::Final(told(Kind::Upload, "")),
    }
}

/// The storage's own word for what is wrong.
async fn code_of(mut response: Response) -> Option<String> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk[..chunk.len().min(STORAGE_WORDS_MAX - body.len())]);
        if body.len() >= STORAGE_WORDS_MAX {
            break;
        }
    }
    let text = String::from_utf8_lossy(&body);
    let code = text.split_once("<Code>")?.1.split_once("</Code>")?.0;
    (code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| code.to_owned())
}

fn stalled(place: &str, stall: Duration) -> Error {
    Error::new(Kind::Timeout, format!("the storage at {place} took nothing for {} s", stall.as_secs_f32()))
}

fn unsent(place: &str, error: reqwest::Error) -> Error {
    let error = error.without_url();
    let mut deepest: &dyn std::error::Error = &error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    let (kind, how) = if error.is_connect() {
        (Kind::Offline, "there is no connection to the storage at")
    } else {
        (Kind::Timeout, "the connection broke off to the storage at")
    };
    Error::new(kind, format!("{how} {place}: {deepest}")).caused_by(error)
}
