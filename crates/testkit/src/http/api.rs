//! JSON requests and answers in OpenIM's form: `errCode`, `errMsg`, `errDlt` and `data`.

use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use hyper::http::response::Builder;
use hyper::{Response, StatusCode};
use openim_core::wire::compress;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::response::{Answer, allow_all, build, header, text};
use crate::limits::{BODY_MAX, GZIP_FROM};
use crate::refusal::Refusal;

/// The outcome of a call: its `data`, none if the answer has no such member.
pub(crate) type Reply = Result<Option<Value>, Refusal>;

/// A reply with data.
pub(crate) fn some(data: Value) -> Reply {
    Ok(Some(data))
}

/// Reads a whole body, up to the limit. The error is the answer to send.
pub(crate) async fn read_body(body: Incoming) -> Result<Bytes, Answer> {
    match Limited::new(body, BODY_MAX).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(_) => Err(text(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large or was cut off")),
    }
}

/// A request body.
pub(crate) struct Body {
    bytes: Bytes,
    /// `application/x-protobuf`.
    pub(crate) is_protobuf: bool,
}

impl Body {
    pub(crate) fn new(bytes: Bytes, headers: &HeaderMap) -> Self {
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self { bytes, is_protobuf: kind.starts_with("application/x-protobuf") }
    }

    pub(crate) fn is_json_object(&self) -> bool {
        serde_json::from_slice::<Map<String, Value>>(&self.bytes).is_ok()
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        // By way of an object, because serde also reads the fields of a struct from a bare list.
        let object: Map<String, Value> =
            serde_json::from_slice(&self.bytes).map_err(|_| Refusal::args("the body is not a JSON object"))?;
        serde_json::from_value(object.into()).map_err(|error| Refusal::args(error.to_string()))
    }

    /// The message, whether it was sent as protobuf or as JSON.
    pub(crate) fn message<M: prost::Message + Default + DeserializeOwned>(&self) -> Result<M, Refusal> {
        if self.is_protobuf {
            M::decode(self.bytes.clone()).map_err(|_| Refusal::args("the body is not the expected protobuf message"))
        } else {
            self.json()
        }
    }
}

/// The answer to a call; compressed if it is large and the caller accepts that.
pub(crate) fn answer(status: StatusCode, headers: &HeaderMap, reply: Reply) -> Answer {
    let mut answer = json!({ "errCode": 0, "errMsg": "", "errDlt": "" });
    match reply {
        Ok(Some(data)) => answer["data"] = data,
        Ok(None) => {}
        Err(refusal) => answer = refusal_json(&refusal),
    }
    let mut head =
        allow_all(Response::builder().status(status)).header(CONTENT_TYPE, "application/json; charset=utf-8");
    let mut body = Bytes::from(answer.to_string());
    if body.len() >= GZIP_FROM && header(headers, ACCEPT_ENCODING.as_str()).contains("gzip") {
        body = compress::gzip(&body).into();
        head = head.header(CONTENT_ENCODING, "gzip");
    }
    build(head, body)
}

/// A refusal as an answer.
pub(crate) fn refused(head: Builder, refusal: &Refusal) -> Answer {
    let head = head.header(CONTENT_TYPE, "application/json; charset=utf-8");
    build(head, refusal_json(refusal).to_string().into())
}

fn refusal_json(refusal: &Refusal) -> Value {
    json!({ "errCode": refusal.code, "errMsg": refusal.name, "errDlt": refusal.detail })
}

/// The answer to a path that does not exist.
pub(crate) fn not_found() -> Answer {
    text(StatusCode::NOT_FOUND, "404 page not found")
}
