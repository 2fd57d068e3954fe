//! The websocket upgrade, by hand: OpenIM explains a refusal in the body of an ordinary answer, and that body is what
//! tells a full server from a dead token.

use std::io;

use base::RandomSource as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use openim_core::handshake;
use openim_core::limits::{FRAME_IN_MAX, FRAME_OUT_MAX, REFUSAL_BODY_MAX};
use openim_core::wire::text_frame::HandshakeResult;
use ring::digest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::limits::{READ_BUFFER, RESPONSE_HEAD_MAX, RESPONSE_HEADERS_MAX};
use crate::system::SystemChance;
use net::Stream;

/// What the server made of the request to upgrade.
pub(crate) enum Upgrade {
    Done(Box<WebSocketStream<Box<dyn Stream>>>),
    /// An ordinary answer with OpenIM's own code.
    Refused(HandshakeResult),
    /// An ordinary answer of something else, a proxy perhaps.
    Status(u16),
}

/// Asks for the upgrade. `path` holds the token and is written to the stream only.
pub(crate) async fn upgrade(mut stream: Box<dyn Stream>, host: &str, path: &str) -> io::Result<Upgrade> {
    let key = key();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let (head, rest) = read_head(&mut stream).await?;
    if head.status != 101 {
        let body = read_body(&mut stream, rest, head.length).await;
        return Ok(handshake::refusal(&body).map_or(Upgrade::Status(head.status), Upgrade::Refused));
    }
    if head.accept.as_deref() != Some(accepting(&key).as_str()) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the answer to the upgrade belongs to another request"));
    }
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(FRAME_IN_MAX))
        .max_frame_size(Some(FRAME_IN_MAX))
        .max_write_buffer_size(FRAME_OUT_MAX * 16);
    let socket = WebSocketStream::from_partially_read(stream, rest, Role::Client, Some(config)).await;
    Ok(Upgrade::Done(Box::new(socket)))
}

/// What this request is known by.
fn key() -> String {
    let half = || SystemChance.bits().to_be_bytes();
    BASE64.encode([half(), half()].concat())
}

/// The answer to it that only a websocket server gives (RFC 6455, 4.2.2).
fn accepting(key: &str) -> String {
    let mut hash = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    hash.update(key.as_bytes());
    hash.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    BASE64.encode(hash.finish())
}

struct Head {
    status: u16,
    accept: Option<String>,
    length: Option<usize>,
}

async fn read_head(stream: &mut Box<dyn Stream>) -> io::Result<(Head, Vec<u8>)> {
    let mut bytes = Vec::with_capacity(1024);
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some((head, used)) = parse_head(&bytes)? {
            return Ok((head, bytes.split_off(used)));
        }
        if bytes.len() > RESPONSE_HEAD_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the answer to the upgrade has an endless head"));
        }
    }
}

fn parse_head(bytes: &[u8]) -> io::Result<Option<(Head, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; RESPONSE_HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let parsed =
        response.parse(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP"))?;
    let httparse::Status::Complete(used) = parsed else {
        return Ok(None);
    };
    let value = |name: &str| {
        let header = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        Some(String::from_utf8_lossy(header.value).trim().to_owned())
    };
    let head = Head {
        status: response.code.unwrap_or_default(),
        accept: value("sec-websocket-accept"),
        length: value("content-length").and_then(|length| length.parse().ok()),
    };
    Ok(Some((head, used)))
}

/// As much of a refusal's body as comes, bounded; the caller's deadline bounds the wait. Chunk sizes around a short JSON
/// object are cut off by looking for its braces.
async fn read_body(stream: &mut Box<dyn Stream>, mut body: Vec<u8>, length: Option<usize>) -> Vec<u8> {
    let wanted = length.unwrap_or(REFUSAL_BODY_MAX).min(REFUSAL_BODY_MAX);
    while body.len() < wanted && !has_object(&body) {
        match stream.read_buf(&mut body).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    object(&body).map_or_else(Vec::new, <[u8]>::to_vec)
}

fn has_object(body: &[u8]) -> bool {
    object(body).is_some_and(|object| serde_json::from_slice::<serde_json::Value>(object).is_ok())
}

fn object(body: &[u8]) -> Option<&[u8]> {
    let start = body.iter().position(|byte| *byte == b'{')?;
    let end = body.iter().rposition(|byte| *byte == b'}')?;
    body.get(start..=end)
}
