//! One request of a download and its answer.

use std::path::Path;
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
use url::{Position, Url};

use super::save::{Encoding, save};
use super::{Downloaded, Limits, name};
use crate::Stream;
use crate::guard::{place, refuse};
use crate::limits::ANSWER_HEAD_MAX;

/// Some servers answer nobody who does not say who asks.
const AGENT: &str = concat!("multi-openim-channel/", env!("CARGO_PKG_VERSION"));

pub(super) struct Redirect<'a> {
    pub(super) url: &'a Url,
    pub(super) limits: &'a Limits,
    pub(super) directory: &'a Path,
    /// The first download by this way out.
    pub(super) first: bool,
}

pub(super) enum Answer {
    Saved(Downloaded),
    Elsewhere(Url),
}

impl Redirect<'_> {
    /// Asks over a stream to an address that was checked.
    pub(super) async fn run(&self, stream: Box<dyn Stream>) -> Result<Answer> {
        let mut builder = http1::Builder::new();
        builder.max_buf_size(ANSWER_HEAD_MAX);
        let (mut sender, connection) =
            builder.handshake(TokioIo::new(stream)).await.map_err(|error| self.broken(error))?;
        let mut work = pin!(async {
            let response = sender.send_request(self.request()?).await.map_err(|error| self.broken(error))?;
            self.answer(response).await
        });
        tokio::select! {
            answer = &mut work => answer,
            // What has arrived by then is still to be taken; how the connection ended shows there.
            _ = connection => work.await,
        }
    }

    fn request(&self) -> Result<Request<Empty<Bytes>>> {
        let host = self.url.host_str().unwrap_or_default().trim_end_matches('.');
        let host = self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Request::get(&self.url[Position::BeforePath..Position::AfterQuery])
            .header(HOST, host)
            .header(USER_AGENT, AGENT)
            .header(ACCEPT, "*/*")
            .header(ACCEPT_ENCODING, "identity")
            .header(CONNECTION, "close")
            .body(Empty::new())
            .map_err(|error| refuse(self.url, "it cannot be asked for by HTTP").caused_by(error))
    }

    async fn answer(&self, response: Response<Incoming>) -> Result<Answer> {
        let status = response.status().as_u16();
        let header = |name| response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        match status {
            200 => {}
            301 | 302 | 303 | 307 | 308 => {
                let next = header(LOCATION).and_then(|to| self.url.join(to.trim()).ok());
                return next.map(Answer::Elsewhere).ok_or_else(|| refuse(self.url, "it is redirected to nowhere"));
            }
            401 | 403 | 404 | 410 => {
                return Err(refuse(
                    self.url,
                    &format!("the server does not have it any more, or not for everybody (HTTP {status})"),
                ));
            }
            429 | 500..=599 => {
                let text = format!("{} answered a download with HTTP {status}", place(self.url));
                return Err(Error::new(Kind::Server, text));
            }
            _ => return Err(refuse(self.url, &format!("the server answers with HTTP {status}"))),
        }
        let packing = match header(CONTENT_ENCODING).as_deref().map(str::trim) {
            None | Some("" | "identity") => Encoding::None,
            Some(name) if matches!(name.to_ascii_lowercase().as_str(), "gzip" | "x-gzip") => Encoding::Gzip,
            Some(_) => return Err(refuse(self.url, "it is packed in a way that was not asked for")),
        };
        let declared: Option<u64> = header(CONTENT_LENGTH).and_then(|length| length.trim().parse().ok());
        if declared.is_some_and(|length| length > self.limits.max_bytes) {
            return Err(self.too_large());
        }
        let name = name::of(header(CONTENT_DISPOSITION).as_deref(), self.url);
        save(self, response.into_body(), packing, name).await.map(Answer::Saved)
    }

    pub(super) fn too_large(&self) -> Error {
        let text = format!("{} is not fetched: it is larger than {} bytes", place(self.url), self.limits.max_bytes);
        Error::new(Kind::TooLarge, text)
    }

    /// The connection did not hold until the end.
    pub(super) fn broken(&self, error: hyper::Error) -> Error {
        let what = if error.is_parse() { "does not answer as HTTP servers do" } else { "broke off the download" };
        Error::new(Kind::Offline, format!("{} {what}", place(self.url))).caused_by(error)
    }

    pub(super) fn unpackable(&self) -> Error {
        refuse(self.url, "it is not the gzip its server says it is")
    }
}
