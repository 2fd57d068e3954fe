//! The object storage behind `/object/`: as on an S3 server, parts are written to and contents read from signed URLs. They
//! are under `/storage/` of the server's own ports. `GET /object/<name>` redirects there.

mod errors;
pub(crate) mod files;
mod get;
mod put;

use std::collections::HashMap;
use std::sync::Arc;

use hyper::body::{Bytes, Incoming};
use hyper::header::LOCATION;
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use self::errors::error;
use self::files::FileStore;
use crate::backend::Backend;
use crate::http::response::{Answer, Dropped, allow_all, build, header, origin, text};
use crate::model::Model;
use crate::model::signing::{STORAGE_PREFIX, SignatureError, SignedOperation};

const OBJECT_PREFIX: &str = "/object/";

/// Whether the storage answers this request.
pub(crate) fn serves(method: &Method, path: &str) -> bool {
    path.starts_with(STORAGE_PREFIX)
        || (path.starts_with(OBJECT_PREFIX) && (method == Method::GET || method == Method::HEAD))
}

pub(crate) async fn answer(
    backend: &Arc<Backend>,
    files: &Arc<FileStore>,
    request: Request<Incoming>,
) -> Result<Answer, Dropped> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    if let Some(name) = path.strip_prefix(OBJECT_PREFIX) {
        return Ok(redirect(backend, &head, name));
    }
    let method = if head.method == Method::HEAD { Method::GET } else { head.method.clone() };
    let place = place(path.strip_prefix(STORAGE_PREFIX).unwrap_or_default(), head.uri.query().unwrap_or_default());
    let number = place.strip_prefix("parts/").and_then(|rest| rest.rsplit('/').next()?.parse().ok());
    let (fault, is_down, verdict) = backend.change(|state| {
        let faults = &mut state.faults.storage;
        let verdict = check_signature(&state.model, &head, method.as_str(), &place);
        (faults.apply(method.as_str(), number), faults.down, verdict)
    });
    if !fault.delay.is_zero() {
        tokio::time::sleep(fault.delay).await;
    }
    if is_down {
        return Ok(error(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", "the storage is down"));
    }
    match verdict {
        Err(SignatureError::Expired) => {
            return Ok(error(StatusCode::FORBIDDEN, "AccessDenied", "Request has expired"));
        }
        Err(SignatureError::Forged) => {
            return Ok(error(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", "the signature is not for this request"));
        }
        Ok(()) => {}
    }
    match (method, place.split_once('/')) {
        (Method::PUT, Some(("parts", rest))) => put::part(backend, files, &head, body, rest, fault).await,
        (Method::GET, Some(("content", hash))) => get::content(backend, files, &head, hash, fault),
        (Method::POST, Some(("form", id))) => put::form(backend, files, &head, body, id, fault).await,
        _ => Ok(error(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "PUT a part, GET a content, POST a form")),
    }
}

/// Checks the signature, which is in the query or in the headers.
fn check_signature(model: &Model, head: &Parts, method: &str, path: &str) -> Result<(), SignatureError> {
    let query: HashMap<String, String> =
        form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let get = |name: &str| match query.get(name) {
        Some(value) => value.as_str(),
        None => header(&head.headers, &format!("x-amz-test-{name}")),
    };
    let number = |name: &str| get(name).parse().map_err(|_| SignatureError::Forged);
    let operation = SignedOperation { method, path, date_ms: number("date")?, life_ms: number("life")? };
    operation.check(&model.config.secret, get("signature"), model.now_ms())
}

/// `GET /object/<name>`: redirects to a signed URL of the object's content.
fn redirect(backend: &Backend, head: &Parts, name: &str) -> Answer {
    let Ok(name) = percent_decode_str(name).decode_utf8() else {
        return text(StatusCode::BAD_REQUEST, "name is not UTF-8");
    };
    if name.is_empty() {
        return text(StatusCode::BAD_REQUEST, "name is empty");
    }
    let origin = origin(&head.headers);
    let url = backend.look(|state| {
        let (named, _) = state.model.objects.named(&name)?;
        Some(state.model.content_url(&origin, &named.hash, &named.content_type))
    });
    match url {
        Some(url) => {
            build(allow_all(Response::builder().status(StatusCode::FOUND)).header(LOCATION, url), Bytes::new())
        }
        None => text(StatusCode::NOT_FOUND, "404 object not found"),
    }
}

/// The path with the number of its part. If several parts share a URL, the number is in the query.
fn place(path: &str, query: &str) -> String {
    let number = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "partNumber");
    match number {
        Some((_, number)) if path.matches('/').count() == 1 => format!("{path}/{number}"),
        _ => path.to_owned(),
    }
}
