//! Reads a stored file, completely or in ranges.

use std::sync::Arc;

use futures_util::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Bytes, Frame};
use hyper::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, RANGE};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use url::form_urlencoded;

use super::errors::{error, injected};
use super::files::FileStore;
use crate::backend::Backend;
use crate::faults::storage::TransferFault;
use crate::http::response::{Answer, Dropped, allow_all, build};
use crate::limits::READ_CHUNK;
use crate::model::objects::Content;

/// `GET` and `HEAD /storage/content/<hash>`.
pub(super) fn content(
    backend: &Backend,
    files: &Arc<FileStore>,
    head: &Parts,
    hash: &str,
    fault: TransferFault,
) -> Result<Answer, Dropped> {
    let Some(content) = backend.look(|state| state.model.objects.content(hash).cloned()) else {
        return Ok(error(StatusCode::NOT_FOUND, "NoSuchKey", "the content does not exist"));
    };
    if let Some(status) = fault.status {
        return Ok(injected(status));
    }
    let size = content.size();
    let asked = head.headers.get(RANGE).and_then(|value| value.to_str().ok());
    let (status, from, end) = match asked.and_then(|text| range(text, size)) {
        None => (StatusCode::OK, 0, size),
        Some(Some((from, end))) => (StatusCode::PARTIAL_CONTENT, from, end),
        Some(None) => {
            let mut refusal = error(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", "the range is not satisfiable");
            if let Ok(value) = format!("bytes */{size}").parse() {
                refusal.headers_mut().insert(CONTENT_RANGE, value);
            }
            return Ok(refusal);
        }
    };
    let mut answer = allow_all(Response::builder().status(status))
        .header(CONTENT_TYPE, content_type(head))
        .header(CONTENT_LENGTH, end - from)
        .header(ACCEPT_RANGES, "bytes")
        .header(ETAG, format!("\"{hash}\""));
    if status == StatusCode::PARTIAL_CONTENT {
        answer = answer.header(CONTENT_RANGE, format!("bytes {from}-{}/{size}", end - 1));
    }
    if head.method == Method::HEAD {
        return Ok(build(answer, Bytes::new()));
    }
    let end_early = fault.cut_after.map(|most| from.saturating_add(most));
    let reading = ContentReader { files: Arc::clone(files), content, at: from, end, end_early, fault };
    let body = StreamBody::new(stream::unfold(Some(reading), next));
    Ok(answer.body(body.boxed()).unwrap_or_default())
}

fn content_type(head: &Parts) -> String {
    let query = form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes());
    let asked = query.into_owned().find(|(name, _)| name == "response-content-type").map(|(_, value)| value);
    let is_valid = |text: &String| !text.is_empty() && text.bytes().all(|byte| (b' '..0x7f).contains(&byte));
    asked.filter(is_valid).unwrap_or_else(|| "application/octet-stream".into())
}

struct ContentReader {
    files: Arc<FileStore>,
    content: Content,
    at: u64,
    end: u64,
    end_early: Option<u64>,
    fault: TransferFault,
}

async fn next(reading: Option<ContentReader>) -> Option<(Result<Frame<Bytes>, Dropped>, Option<ContentReader>)> {
    let mut reading = reading?;
    if reading.at >= reading.end {
        return None;
    }
    let stop = reading.end_early.unwrap_or(reading.end).min(reading.end);
    let most = usize::try_from(stop.saturating_sub(reading.at)).unwrap_or(READ_CHUNK).min(READ_CHUNK);
    if most == 0 {
        return Some((Err(Dropped), None));
    }
    match reading.files.read(&reading.content, reading.at, most).await {
        Ok(bytes) if !bytes.is_empty() => {
            let pace = reading.fault.pace(bytes.len());
            if !pace.is_zero() {
                tokio::time::sleep(pace).await;
            }
            reading.at += bytes.len() as u64;
            Some((Ok(Frame::data(bytes.into())), Some(reading)))
        }
        // The file is gone or shorter than it was.
        _ => Some((Err(Dropped), None)),
    }
}

/// Reads a `Range` header. None if it has to be ignored, an inner none if the range is outside the file, otherwise its
/// start and end.
fn range(text: &str, size: u64) -> Option<Option<(u64, u64)>> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (first.trim(), last.trim()) {
        ("", last) => {
            let last = number(last)?;
            Some((last > 0 && size > 0).then(|| (size.saturating_sub(last), size)))
        }
        (first, "") => {
            let first = number(first)?;
            Some((first < size).then_some((first, size)))
        }
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then(|| (first < size).then(|| (first, size.min(last.saturating_add(1)))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_http_defines_them() {
        for (text, expected) in [
            ("bytes=0-4", Some(Some((0, 5)))),
            ("bytes=5-", Some(Some((5, 10)))),
            ("bytes=-3", Some(Some((7, 10)))),
            ("bytes=-30", Some(Some((0, 10)))),
            ("bytes=8-99", Some(Some((8, 10)))),
            ("bytes=10-", Some(None)),
            ("bytes=-0", Some(None)),
            ("bytes=4-2", None),
            ("bytes=0-1,3-4", None),
            ("lines=1-2", None),
        ] {
            assert_eq!(range(text, 10), expected, "{text}");
        }
    }
}
