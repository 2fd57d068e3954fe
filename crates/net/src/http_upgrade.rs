//! Sends one HTTP/1 request over an open stream that asks to take the stream over: a websocket upgrade, or a proxy's
//! `CONNECT`. The answer is the stream, or a refusal with its body.
//!
//! The path of an OpenIM request contains the token. So nothing here logs a request, and no error repeats one.

use std::error::Error as _;
use std::io;
use std::pin::pin;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use tracing::debug;

use crate::Stream;
use crate::error_text::{reason, why};
use crate::limits::{REFUSAL_BODY_TIME, UPGRADE_HEAD_MAX, UPGRADE_HEADERS_MAX};

/// The answer to a request for the stream.
pub enum HttpUpgrade {
    /// The stream is the caller's: status 101, or any 2xx for `CONNECT`.
    Accepted(Accepted),
    /// An ordinary answer.
    Refused {
        /// The status of the answer.
        status: u16,
        /// As much of its body as arrived within the limits.
        body: Vec<u8>,
    },
}

/// A stream that was taken over.
pub struct Accepted {
    /// The header lines of the answer.
    pub headers: HeaderMap,
    /// The stream, after the answer.
    pub stream: Box<dyn Stream>,
    /// Bytes after the answer that were read along with it.
    pub read_ahead: Bytes,
}

/// Sends `request` and reads the answer, of a refusal's body at most `body_max` bytes. The caller bounds the time.
pub async fn http_upgrade(stream: Box<dyn Stream>, request: Request<()>, body_max: usize) -> io::Result<HttpUpgrade> {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(UPGRADE_HEAD_MAX).max_headers(UPGRADE_HEADERS_MAX).title_case_headers(true);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(|error| broken(&error))?;
    let is_connect = request.method() == Method::CONNECT;
    let mut exchange = pin!(async {
        let request = request.map(|()| Empty::<Bytes>::new());
        let response = sender.send_request(request).await.map_err(|error| broken(&error))?;
        let status = response.status();
        if if is_connect { status.is_success() } else { status == StatusCode::SWITCHING_PROTOCOLS } {
            return accepted(response).await;
        }
        debug!(status = status.as_u16(), is_connect, "the request for the stream was refused");
        let body = refusal_body(response.into_body(), body_max).await;
        Ok(HttpUpgrade::Refused { status: status.as_u16(), body })
    });
    tokio::select! {
        // The request comes first: bytes that arrive before it would end the connection.
        biased;
        answer = &mut exchange => answer,
        // The answer may have arrived before the connection ended.
        ended = connection.with_upgrades() => match exchange.await {
            Err(error) => Err(ended.err().map_or(error, |reason| broken(&reason))),
            answer => answer,
        },
    }
}

async fn accepted(mut response: Response<Incoming>) -> io::Result<HttpUpgrade> {
    let upgraded = hyper::upgrade::on(&mut response).await.map_err(|error| broken(&error))?;
    let parts = upgraded
        .downcast::<TokioIo<Box<dyn Stream>>>()
        .map_err(|_| why(io::ErrorKind::Other, "the connection was lost by a bug; please report this"))?;
    let headers = std::mem::take(response.headers_mut());
    Ok(HttpUpgrade::Accepted(Accepted { headers, stream: parts.io.into_inner(), read_ahead: parts.read_buf }))
}

/// What arrives of a body, within a size and a time. It only explains the refusal, so its own faults do not matter.
async fn refusal_body(mut body: Incoming, max: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = async {
        while bytes.len() < max {
            let Some(Ok(frame)) = body.frame().await else { return };
            let data = frame.into_data().unwrap_or_default();
            bytes.extend_from_slice(&data[..data.len().min(max - bytes.len())]);
        }
    };
    // After the time is up, what arrived until then counts.
    let _ = timeout(REFUSAL_BODY_TIME, read).await;
    bytes
}

/// A fault of the exchange as a fault of the stream. Its kind is `InvalidData` if the peer does not speak HTTP.
fn broken(error: &hyper::Error) -> io::Error {
    let mut error = error;
    while let Some(source) = error.source() {
        if let Some(fault) = source.downcast_ref::<io::Error>() {
            return why(fault.kind(), reason(fault));
        }
        match source.downcast_ref::<hyper::Error>() {
            Some(deeper) => error = deeper,
            None => break,
        }
    }
    let hung_up = error.is_incomplete_message() || error.is_closed() || error.is_canceled();
    if hung_up {
        return io::ErrorKind::UnexpectedEof.into();
    }
    why(io::ErrorKind::InvalidData, "what answers there does not speak HTTP, or its answer's head does not end")
}
