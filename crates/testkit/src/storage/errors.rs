//! Errors of the object storage, in S3's form.

use hyper::header::CONTENT_TYPE;
use hyper::{Response, StatusCode};

use crate::http::response::{Answer, allow_all, build};

pub(super) fn error(status: StatusCode, code: &str, message: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    let head = allow_all(Response::builder().status(status)).header(CONTENT_TYPE, "application/xml");
    build(head, body.into())
}

/// The error of an injected fault.
pub(super) fn injected(status: u16) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    error(status, if status == StatusCode::FORBIDDEN { "AccessDenied" } else { "InternalError" }, "as asked for")
}
