//! Receives files: single parts by PUT, a whole file by a form.

use std::sync::Arc;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use tokio::time::sleep;

use super::errors::{error, injected};
use super::files::{FileStore, IncomingPart};
use crate::backend::Backend;
use crate::faults::storage::TransferFault;
use crate::http::response::{Answer, Dropped, allow_all, build};
use crate::limits::{FORM_MAX, PART_MAX, PARTS_MAX};
use crate::model::objects::Part;

/// Why a part was not received.
enum ReceiveError {
    /// The connection ended, by itself or by a fault.
    Dropped,
    /// The disk cannot be written.
    Disk,
}

/// `PUT /storage/parts/<upload>/<number>`.
pub(super) async fn part(
    backend: &Arc<Backend>,
    files: &Arc<FileStore>,
    head: &Parts,
    mut body: Incoming,
    place: &str,
    fault: TransferFault,
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
    let known =
        backend.look(|state| state.model.objects.upload(id).map(|upload| upload.expires_ms > state.model.now_ms()));
    if known != Some(true) {
        return Ok(error(StatusCode::NOT_FOUND, "NoSuchUpload", "the upload does not exist or was completed"));
    }
    let attempt = backend.look(|state| state.model.fresh_id("part"));
    let Ok(mut incoming) = files.receive(id, &attempt).await else { return Ok(disk_error()) };
    if let Err(error) = receive(&mut incoming, &mut body, fault).await {
        incoming.discard().await;
        return match error {
            ReceiveError::Dropped => Err(Dropped),
            ReceiveError::Disk => Ok(disk_error()),
        };
    }
    if let Some(status) = fault.status {
        incoming.discard().await;
        return Ok(injected(status));
    }
    if incoming.size() != length {
        incoming.discard().await;
        return Err(Dropped);
    }
    let Ok(part) = incoming.keep(number).await else { return Ok(disk_error()) };
    Ok(stored(backend, id, number, part))
}

fn stored(backend: &Backend, id: &str, number: u32, part: Part) -> Answer {
    let tag = format!("\"{}\"", part.md5);
    if !backend.change(|state| state.model.objects.part_received(id, number, part)) {
        return error(StatusCode::NOT_FOUND, "NoSuchUpload", "the upload was completed meanwhile");
    }
    build(allow_all(Response::builder()).header(ETAG, tag), Bytes::new())
}

async fn receive(incoming: &mut IncomingPart, body: &mut Incoming, fault: TransferFault) -> Result<(), ReceiveError> {
    while let Some(frame) = body.frame().await {
        let Ok(bytes) = frame.map_err(|_| ReceiveError::Dropped)?.into_data() else { continue };
        keep_pace(fault, bytes.len()).await;
        incoming.write(&bytes).await.map_err(|_| ReceiveError::Disk)?;
        if fault.cut_after.is_some_and(|most| incoming.size() >= most) {
            return Err(ReceiveError::Dropped);
        }
    }
    Ok(())
}

async fn keep_pace(fault: TransferFault, bytes: usize) {
    let pace = fault.pace(bytes);
    if !pace.is_zero() {
        sleep(pace).await;
    }
}

fn disk_error() -> Answer {
    error(StatusCode::INSUFFICIENT_STORAGE, "InternalError", "the storage cannot write")
}

/// `POST /storage/form/<id>`: the file is in the field `file`. The other fields are ignored; the signature is in the URL.
pub(super) async fn form(
    backend: &Arc<Backend>,
    files: &Arc<FileStore>,
    head: &Parts,
    body: Incoming,
    id: &str,
    fault: TransferFault,
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
    keep_pace(fault, body.len()).await;
    if fault.cut_after.is_some_and(|most| body.len() as u64 >= most) {
        return Err(Dropped);
    }
    if let Some(status) = fault.status {
        return Ok(injected(status));
    }
    let Some(file) = file_of(&body, &boundary) else { return wrong("the form has no field named file") };
    let size = backend.look(|state| state.model.objects.form(id).map(|form| form.size));
    match size {
        None => return Ok(error(StatusCode::NOT_FOUND, "NoSuchUpload", "the form does not exist")),
        Some(size) if size != file.len() as u64 => return wrong("the file has another size than announced"),
        Some(_) => {}
    }
    let attempt = backend.look(|state| state.model.fresh_id("form"));
    let Ok(mut incoming) = files.receive(id, &attempt).await else { return Ok(disk_error()) };
    if incoming.write(file).await.is_err() {
        incoming.discard().await;
        return Ok(disk_error());
    }
    let Ok(part) = incoming.keep(1).await else { return Ok(disk_error()) };
    Ok(stored(backend, id, 1, part))
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
    fn the_file_is_found_in_a_valid_form_only() {
        let form = b"--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\nContent-Type: text/plain\r\n\r\nhel\r\nlo\r\n--b--\r\n";
        assert_eq!(file_of(form, "b"), Some(&b"hel\r\nlo"[..]));
        for broken in [&b""[..], b"--b", b"--b--", b"--b\r\n--b--", b"--b\r\nname=\"file\"\r\n\r\nx"] {
            assert_eq!(file_of(broken, "b"), None);
        }
    }
}
