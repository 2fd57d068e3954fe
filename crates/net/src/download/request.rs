//! One request of a download and its answer: the file, or a redirect.

use std::pin::pin;

use base::{Error, Kind, Result};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, HOST, LOCATION,
    USER_AGENT,
};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use url::{Position, Url};

use super::Downloaded;
use super::error::{broken, silent, too_large};
use super::name::download_name;
use super::save::{Encoding, Target, save};
use crate::Stream;
use crate::guard::{place, refuse};
use crate::limits::{ANSWER_HEAD_MAX, DOWNLOAD_HEAD_TIME};

/// Some servers refuse requests without this header.
const AGENT: &str = concat!("multi-openim-channel/", env!("CARGO_PKG_VERSION"));

pub(super) enum Answer {
    Saved(Downloaded),
    Redirected(Url),
}

/// Requests the target over a stream to an address that the guard has checked.
pub(super) async fn fetch(target: Target<'_>, stream: Box<dyn Stream>) -> Result<Answer> {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(ANSWER_HEAD_MAX);
    let (mut sender, connection) =
        builder.handshake(TokioIo::new(stream)).await.map_err(|error| broken(target.url, error))?;
    let mut exchange = pin!(async {
        let request = request(target.url)?;
        let response = timeout(DOWNLOAD_HEAD_TIME, sender.send_request(request)).await;
        let response = response.map_err(|_| silent(target.url))?.map_err(|error| broken(target.url, error))?;
        answer(target, response).await
    });
    tokio::select! {
        answer = &mut exchange => answer,
        // The body may have arrived before the connection ended. If not, the exchange fails with the reason.
        _ = connection => exchange.await,
    }
}

fn request(url: &Url) -> Result<Request<Empty<Bytes>>> {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Request::get(&url[Position::BeforePath..Position::AfterQuery])
        .header(HOST, host)
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, "*/*")
        .header(ACCEPT_ENCODING, "identity")
        .header(CONNECTION, "close")
        .body(Empty::new())
        .map_err(|error| refuse(url, "it cannot be asked for by HTTP").caused_by(error))
}

async fn answer(target: Target<'_>, response: Response<Incoming>) -> Result<Answer> {
    let url = target.url;
    let status = response.status().as_u16();
    let header = |name| response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    match status {
        200 => {}
        301 | 302 | 303 | 307 | 308 => {
            let next = header(LOCATION).and_then(|to| url.join(to.trim()).ok());
            return next.map(Answer::Redirected).ok_or_else(|| refuse(url, "it is redirected to nowhere"));
        }
        401 | 403 | 404 | 410 => {
            let why = format!("the server does not have it any more, or not for everybody (HTTP {status})");
            return Err(refuse(url, &why));
        }
        429 | 500..=599 => {
            let text = format!("{} answered a download with HTTP {status}", place(url));
            return Err(Error::new(Kind::Server, text));
        }
        _ => return Err(refuse(url, &format!("the server answers with HTTP {status}"))),
    }
    let encoding = match header(CONTENT_ENCODING).as_deref().map(str::trim) {
        None | Some("" | "identity") => Encoding::None,
        Some(name) if matches!(name.to_ascii_lowercase().as_str(), "gzip" | "x-gzip") => Encoding::Gzip,
        Some(_) => return Err(refuse(url, "it is packed in a way that was not asked for")),
    };
    let declared: Option<u64> = header(CONTENT_LENGTH).and_then(|length| length.trim().parse().ok());
    if declared.is_some_and(|length| length > target.max_bytes) {
        return Err(too_large(url, target.max_bytes));
    }
    let name = download_name(header(CONTENT_DISPOSITION).as_deref(), url);
    save(target, response.into_body(), encoding, name).await.map(Answer::Saved)
}
