//! HTTP answers: building them, large ones for tests, and the headers that all of them have.

use futures_util::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Bytes, Frame};
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_ENCODING,
    CONTENT_TYPE, HeaderMap,
};
use hyper::http::response::Builder;
use hyper::{Response, StatusCode};
use openim_core::wire::compress;

use crate::limits::HUGE_CHUNK;

pub(crate) type Answer = Response<BoxBody<Bytes, Dropped>>;

/// The connection ends here, without an answer or in the middle of one.
#[derive(Debug)]
pub(crate) struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

/// A plain text answer.
pub(crate) fn text(status: StatusCode, why: &'static str) -> Answer {
    build(
        Response::builder().status(status).header(CONTENT_TYPE, "text/plain; charset=utf-8"),
        Bytes::from_static(why.as_bytes()),
    )
}

/// An answer with this body. Heads are written in this crate and are valid.
pub(crate) fn build(head: Builder, body: Bytes) -> Answer {
    head.body(Full::new(body).map_err(|never| match never {}).boxed()).unwrap_or_default()
}

/// Allows web pages of any origin to call, as the real server does.
pub(crate) fn allow_all(head: Builder) -> Builder {
    head.header(ACCESS_CONTROL_ALLOW_ORIGIN, "*")
        .header(ACCESS_CONTROL_ALLOW_HEADERS, "*")
        .header(ACCESS_CONTROL_ALLOW_METHODS, "*")
}

/// A body of this many spaces, produced while it is sent. Compressed, it is a thousandth of that size.
pub(crate) fn huge(head: Builder, bytes: u64, gzip: bool) -> Answer {
    let head = head.header(CONTENT_TYPE, "application/json");
    if gzip {
        let size = usize::try_from(bytes).unwrap_or(HUGE_CHUNK);
        let compressed = compress::gzip(&vec![b' '; size]);
        return build(head.header(CONTENT_ENCODING, "gzip"), compressed.into());
    }
    let body = StreamBody::new(stream::unfold(bytes, |left| async move {
        let now = left.min(HUGE_CHUNK as u64);
        let chunk = || Bytes::from(vec![b' '; usize::try_from(now).unwrap_or(HUGE_CHUNK)]);
        (now > 0).then(|| (Ok(Frame::data(chunk())), left - now))
    }));
    head.body(body.boxed()).unwrap_or_default()
}

/// The URL by which the caller reaches this server: its `X-Request-Api` header, or the address it called.
pub(crate) fn origin(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty());
    match text("X-Request-Api") {
        Some(address) => address.trim_end_matches('/').to_owned(),
        None => format!("http://{}", text("host").unwrap_or("localhost")),
    }
}

/// A header's value; empty if it is missing.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Answers a browser's question whether it may call.
pub(crate) fn preflight() -> Answer {
    build(allow_all(Response::builder()), Bytes::new())
}
