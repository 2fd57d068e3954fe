//! The object storage behind `/object/`: parts are written to and contents read from signed URLs under `/storage/` of the
//! server's own ports, as from an S3 server. `GET /object/<name>` leads there.

mod files;
mod get;
mod put;
mod sign;
mod trouble;

use std::collections::HashMap;
use std::sync::Arc;

use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use url::form_urlencoded;

pub(crate) use self::files::Home;
pub(crate) use self::sign::{Grant, Refused};
pub use self::trouble::{StorageFailure, StorageTrouble};
use crate::http::{self, Answer, Dropped};
use crate::limits::DOWNLOAD_LIFE_MS;
use crate::server::Shared;
use crate::state::State;

/// What every path of the storage begins with.
pub(crate) const PREFIX: &str = "/storage/";
const OBJECT: &str = "/object/";

/// Whether the storage answers this request.
pub(crate) fn is_for(method: &Method, path: &str) -> bool {
    path.starts_with(PREFIX) || (path.starts_with(OBJECT) && (method == Method::GET || method == Method::HEAD))
}

pub(crate) async fn answer(shared: &Arc<Shared>, request: Request<Incoming>) -> Result<Answer, Dropped> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    if let Some(name) = path.strip_prefix(OBJECT) {
        return Ok(redirect(shared, &head, name));
    }
    let method = if head.method == Method::HEAD { Method::GET } else { head.method.clone() };
    let place = place(path.strip_prefix(PREFIX).unwrap_or_default(), head.uri.query().unwrap_or_default());
    let number = place.strip_prefix("parts/").and_then(|rest| rest.rsplit('/').next()?.parse().ok());
    let (strike, down, verdict) = shared.change(|state| {
        let strike = state.storage.strike(method.as_str(), number);
        (strike, state.storage.down, state.granted(&head, method.as_str(), &place))
    });
    if !strike.delay.is_zero() {
        tokio::time::sleep(strike.delay).await;
    }
    if down {
        return Ok(error(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", "the storage is down"));
    }
    match verdict {
        Err(Refused::Expired) => return Ok(error(StatusCode::FORBIDDEN, "AccessDenied", "Request has expired")),
        Err(Refused::Forged) => {
            return Ok(error(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", "the signature is not for this request"));
        }
        Ok(()) => {}
    }
    match (method, place.split_once('/')) {
        (Method::PUT, Some(("parts", rest))) => put::part(shared, &head, body, rest, strike).await,
        (Method::GET, Some(("content", hash))) => get::content(shared, &head, hash, strike),
        (Method::POST, Some(("form", id))) => put::form(shared, &head, body, id, strike).await,
        _ => Ok(error(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "PUT a part, GET a content, POST a form")),
    }
}

impl State {
    /// A grant from now on, as long as the present trouble lets it live.
    pub(crate) fn grant<'a>(&self, method: &'a str, path: &'a str, life_ms: i64) -> Grant<'a> {
        Grant { method, path, date_ms: self.now_ms(), life_ms: self.storage.signature_ms.unwrap_or(life_ms) }
    }

    /// A URL that carries its grant.
    pub(crate) fn signed_url(&self, origin: &str, grant: &Grant<'_>) -> String {
        let Grant { path, date_ms, life_ms, .. } = *grant;
        let signature = grant.sign(&self.config.secret);
        format!("{origin}{PREFIX}{path}?date={date_ms}&life={life_ms}&signature={signature}")
    }

    /// The grant is in the query or in the headers.
    fn granted(&self, head: &Parts, method: &str, path: &str) -> Result<(), Refused> {
        let query: HashMap<String, String> =
            form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let get = |name: &str| query.get(name).cloned().or_else(|| header(&head.headers, &format!("x-storage-{name}")));
        let number = |name: &str| get(name).and_then(|text| text.parse().ok()).ok_or(Refused::Forged);
        let grant = Grant { method, path, date_ms: number("date")?, life_ms: number("life")? };
        grant.check(&self.config.secret, &get("signature").unwrap_or_default(), self.now_ms())
    }
}

/// `GET /object/<name>`: a signed URL of the content the name points to.
fn redirect(shared: &Shared, head: &Parts, name: &str) -> Answer {
    let Ok(name) = percent_decode_str(name).decode_utf8() else {
        return http::text(StatusCode::BAD_REQUEST, "name is not UTF-8");
    };
    if name.is_empty() {
        return http::text(StatusCode::BAD_REQUEST, "name is empty");
    }
    let origin = http::origin(&head.headers);
    let url = shared.look(|state| {
        let (named, _) = state.objects.named(&name)?;
        Some(state.content_url(&origin, &named.hash, &named.content_type))
    });
    match url {
        Some(url) => http::build(
            http::allow_all(Response::builder().status(StatusCode::FOUND)).header(LOCATION, url),
            Bytes::new(),
        ),
        None => http::text(StatusCode::NOT_FOUND, "404 object not found"),
    }
}

impl State {
    pub(crate) fn content_url(&self, origin: &str, hash: &str, content_type: &str) -> String {
        let path = format!("content/{hash}");
        let url = self.signed_url(origin, &self.grant("GET", &path, DOWNLOAD_LIFE_MS));
        let kind: String = form_urlencoded::byte_serialize(content_type.as_bytes()).collect();
        format!("{url}&response-content-type={kind}")
    }
}

/// The path with the number of its part, which stands in the query where several parts share a URL.
fn place(path: &str, query: &str) -> String {
    let number = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "partNumber");
    match number {
        Some((_, number)) if path.matches('/').count() == 1 => format!("{path}/{number}"),
        _ => path.to_owned(),
    }
}

/// As S3 says it.
fn error(status: StatusCode, code: &str, message: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    let head = http::allow_all(Response::builder().status(status)).header(CONTENT_TYPE, "application/xml");
    http::build(head, body.into())
}

/// The status a failure asks for.
fn failed(status: u16) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    error(status, if status == StatusCode::FORBIDDEN { "AccessDenied" } else { "InternalError" }, "as asked for")
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
