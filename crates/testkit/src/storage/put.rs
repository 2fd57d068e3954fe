//! Writing: a part by PUT, a whole file by a form.

use std::sync::Arc;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use tokio::time::sleep;

use super::files::Arriving;
use super::trouble::Strike;
use super::{error, failed};
use crate::http::{self, Answer, Dropped};
use crate::limits::{FORM_MAX, PART_MAX, PARTS_MAX};
use crate::server::Shared;
use crate::state::objects::Part;

/// Why a part was not stored.
enum Lost {
    /// The client left, or was made to.
    Dropped,
    /// The disk said no.
    Disk,
}

/// `PUT /storage/parts/<upload>/<number>`.
pub(super) async fn part(
    shared: &Arc<Shared>,
    head: &Parts,
    mut body: Incoming,
    place: &str,
    strike: Strike,
) -> Result<Answer, Dropped> {
    let wrong = |why| Ok(error(StatusCode::BAD_REQUEST, "InvalidArgument", why));
    let Some((id, number)) = place.split_once('/').and_then(|(id, number)| Some((id, number.parse::<u32>().ok()?)))
    else {
        return wrong("the path is no part");
    };
    let length = head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let Some(length) = length else {
        return Ok(error(StatusCode::LENGTH_REQUIRED, "MissingContentLength", "a part has a Content-Length"));
    };
    if number == 0 || u64::from(number) > PARTS_MAX || length > PART_MAX {
        return wrong("the part's number or size is out of range");
    }
    let known = shared.look(|state| state.objects.upload(id).map(|upload| upload.expires_ms > state.now_ms()));
    if known != Some(true) {
        return Ok(error(StatusCode::NOT_FOUND, "NoSuchUpload", "the upload does not exist or was completed"));
    }
    let attempt = shared.look(|state| state.fresh_id("part"));
    let Ok(mut arriving) = shared.home.receive(id, &attempt).await else { return Ok(full()) };
    if let Err(lost) = receive(&mut arriving, &mut body, strike).await {
        arriving.discard().await;
        return match lost {
            Lost::Dropped => Err(Dropped),
            Lost::Disk => Ok(full()),
        };
    }
    if let Some(status) = strike.status {
        arriving.discard().await;
        return Ok(failed(status));
    }
    if arriving.size() != length {
        arriving.discard().await;
        return Err(Dropped);
    }
    let Ok(part) = arriving.keep(number).await else { return Ok(full()) };
    Ok(stored(shared, id, number, part))
}

fn stored(shared: &Shared, id: &str, number: u32, part: Part) -> Answer {
    let tag = format!("\"{}\"", part.md5);
    if !shared.change(|state| state.objects.arrived(id, number, part)) {
        return error(StatusCode::NOT_FOUND, "NoSuchUpload", "the upload was completed meanwhile");
    }
    http::build(http::allow_all(Response::builder()).header(ETAG, tag), Bytes::new())
}

async fn receive(arriving: &mut Arriving, body: &mut Incoming, strike: Strike) -> Result<(), Lost> {
    while let Some(frame) = body.frame().await {
        let Ok(bytes) = frame.map_err(|_| Lost::Dropped)?.into_data() else { continue };
        sleep_for(strike, bytes.len()).await;
        arriving.write(&bytes).await.map_err(|_| Lost::Disk)?;
        if strike.cut_after.is_some_and(|most| arriving.size() >= most) {
            return Err(Lost::Dropped);
        }
    }
    Ok(())
}

async fn sleep_for(strike: Strike, bytes: usize) {
    let pace = strike.pace(bytes);
    if !pace.is_zero() {
        sleep(pace).await;
    }
}

fn full() -> Answer {
    error(StatusCode::INSUFFICIENT_STORAGE, "InternalError", "the storage cannot write")
}

/// `POST /storage/form/<id>`: the file is the field `file`; the other fields are not looked at, the grant is in the URL.
pub(super) async fn form(
    shared: &Arc<Shared>,
    head: &Parts,
    body: Incoming,
    id: &str,
    strike: Strike,
) -> Result<Answer, Dropped> {
    let wrong = |why| Ok(error(StatusCode::BAD_REQUEST, "MalformedPOSTRequest", why));
    let kind = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some(boundary) = kind.split("boundary=").nth(1).map(|text| text.trim_matches('"').to_owned()) else {
        return wrong("the body is not multipart/form-data");
    };
    let Ok(body) = Limited::new(body, FORM_MAX).collect().await else {
        return Ok(error(StatusCode::PAYLOAD_TOO_LARGE, "EntityTooLarge", "the form is too large or was cut off"));
    };
    let body = body.to_bytes();
    sleep_for(strike, body.len()).await;
    if strike.cut_after.is_some_and(|most| body.len() as u64 >= most) {
        return Err(Dropped);
    }
    if let Some(status) = strike.status {
        return Ok(failed(status));
    }
    let Some(file) = file_of(&body, &boundary) else { return wrong("the form has no field named file") };
    let size = shared.look(|state| state.objects.form(id).map(|form| form.size));
    match size {
        None => return Ok(error(StatusCode::NOT_FOUND, "NoSuchUpload", "the form does not exist")),
        Some(size) if size != file.len() as u64 => return wrong("the file has another size than announced"),
        Some(_) => {}
    }
    let attempt = shared.look(|state| state.fresh_id("form"));
    let Ok(mut arriving) = shared.home.receive(id, &attempt).await else { return Ok(full()) };
    if arriving.write(file).await.is_err() {
        arriving.discard().await;
        return Ok(full());
    }
    let Ok(part) = arriving.keep(1).await else { return Ok(full()) };
    Ok(stored(shared, id, 1, part))
}

/// The bytes of the field `file` in a multipart body.
fn file_of<'a>(body: &'a [u8], boundary: &str) -> Option<&'a [u8]> {
    let line = format!("--{boundary}").into_bytes();
    let mut rest = &body[find(body, &line)? + line.len()..];
    loop {
        let end = find(rest, &line)?;
        let field = rest[..end].strip_prefix(b"\r\n")?;
        let split = find(field, b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&field[..split]).to_ascii_lowercase();
        if head.contains("name=\"file\"") {
            return field[split + 4..].strip_suffix(b"\r\n");
        }
        rest = &rest[end + line.len()..];
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_form_is_found_and_a_broken_form_has_none() {
        let form = b"--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\nContent-Type: text/plain\r\n\r\nhel\r\nlo\r\n--b--\r\n";
        assert_eq!(file_of(form, "b"), Some(&b"hel\r\nlo"[..]));
        for broken in [&b""[..], b"--b", b"--b--", b"--b\r\n--b--", b"--b\r\nname=\"file\"\r\n\r\nx"] {
            assert_eq!(file_of(broken, "b"), None);
        }
    }
}
