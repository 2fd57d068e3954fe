//! Asks an HTTP proxy for a tunnel by `CONNECT`.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{HOST, HeaderValue, PROXY_AUTHORIZATION};
use hyper::{Method, Request};

use super::Login;
use crate::Stream;
use crate::error_text::{PROXY_AUTH, why};
use crate::http_upgrade::{HttpUpgrade, http_upgrade};

/// Turns a stream to the proxy into one to `host`.
pub(super) async fn through(
    stream: Box<dyn Stream>,
    host: &str,
    port: u16,
    login: Option<&Login>,
) -> io::Result<Box<dyn Stream>> {
    let place = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let request = request(&place, login)
        .map_err(|_| why(io::ErrorKind::InvalidInput, format!("a proxy cannot be asked for {place}")))?;
    let answer = http_upgrade(stream, request, 0).await.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => no_proxy(),
        _ => error,
    })?;
    match answer {
        // The far side speaks only when spoken to, so nothing may follow the answer.
        HttpUpgrade::Accepted(accepted) if accepted.read_ahead.is_empty() => Ok(accepted.stream),
        HttpUpgrade::Accepted(_) => Err(no_proxy()),
        HttpUpgrade::Refused { status, .. } => Err(refusal(status, &place, login.is_some())),
    }
}

fn request(place: &str, login: Option<&Login>) -> Result<Request<()>, hyper::http::Error> {
    let mut request = Request::builder().method(Method::CONNECT).uri(place).header(HOST, place);
    if let Some(login) = login {
        let pair = format!("{}:{}", login.user.expose(), login.password.expose());
        let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)))?;
        value.set_sensitive(true);
        request = request.header(PROXY_AUTHORIZATION, value);
    }
    request.body(())
}

fn refusal(status: u16, place: &str, with_login: bool) -> io::Error {
    match status {
        407 if with_login => refused("the proxy does not accept the user and password of its address (407)"),
        407 => refused(PROXY_AUTH),
        403 | 405 => {
            refused(&format!("the proxy does not allow a connection to {place}; let it allow CONNECT to that port"))
        }
        502..=504 => why(io::ErrorKind::HostUnreachable, format!("the proxy cannot reach {place} (HTTP {status})")),
        _ => refused(&format!("the proxy refused a connection to {place} (HTTP {status})")),
    }
}

fn refused(text: &str) -> io::Error {
    why(io::ErrorKind::PermissionDenied, text)
}

fn no_proxy() -> io::Error {
    why(io::ErrorKind::InvalidData, "what answers as the proxy is no HTTP proxy; check the proxy's address")
}
