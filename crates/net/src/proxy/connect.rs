//! HTTP CONNECT.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::Login;
use crate::Stream;
use crate::error_text::{PROXY_AUTH, why};
use crate::limits::{PROXY_HEAD_MAX, PROXY_HEADERS_MAX};

/// Asks the proxy for a tunnel.
pub(super) async fn through(
    mut stream: Box<dyn Stream>,
    host: &str,
    port: u16,
    login: Option<&Login>,
) -> io::Result<Box<dyn Stream>> {
    let place = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut request = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n");
    if let Some(login) = login {
        let pair = format!("{}:{}", login.user.expose(), login.password.expose());
        request.push_str(&format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode(pair)));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    match status(&mut stream).await? {
        200..=299 => Ok(stream),
        407 if login.is_some() => Err(refused("the proxy does not accept the user and password of its address (407)")),
        407 => Err(refused(PROXY_AUTH)),
        403 | 405 => Err(refused(&format!(
            "the proxy does not allow a connection to {place}; let it allow CONNECT to that port"
        ))),
        status @ (502..=504) => {
            Err(why(io::ErrorKind::HostUnreachable, format!("the proxy cannot reach {place} (HTTP {status})")))
        }
        status => Err(refused(&format!("the proxy refused a connection to {place} (HTTP {status})"))),
    }
}

/// The status of the answer. Nothing may follow its head: the far side speaks only when spoken to.
async fn status(stream: &mut Box<dyn Stream>) -> io::Result<u16> {
    let odd =
        || why(io::ErrorKind::InvalidData, "what answers as the proxy is no HTTP proxy; check the proxy's address");
    let mut bytes = Vec::with_capacity(512);
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut headers = [httparse::EMPTY_HEADER; PROXY_HEADERS_MAX];
        let mut response = httparse::Response::new(&mut headers);
        match response.parse(&bytes) {
            Ok(httparse::Status::Complete(used)) => {
                let status = response.code.unwrap_or_default();
                let more = bytes.len() > used && (200..300).contains(&status);
                return if more { Err(odd()) } else { Ok(status) };
            }
            Ok(httparse::Status::Partial) if bytes.len() <= PROXY_HEAD_MAX => {}
            _ => return Err(odd()),
        }
    }
}

fn refused(text: &str) -> io::Error {
    why(io::ErrorKind::PermissionDenied, text)
}
