//! Asks for the websocket and builds it. OpenIM explains a refusal in the body of an ordinary answer, and that body is
//! what tells a full server from a dead token.

use std::io;

use net::{HttpUpgrade, Stream, http_upgrade};
use openim_core::handshake;
use openim_core::limits::{FRAME_IN_MAX, FRAME_OUT_MAX, REFUSAL_BODY_MAX};
use openim_core::wire::text_frame::HandshakeResult;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::http::Request;
use tokio_tungstenite::tungstenite::http::header::{
    CONNECTION, HOST, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::limits::READ_BUFFER;

/// The server's answer to the request for a websocket.
pub(crate) enum Upgrade {
    Done(Box<WebSocketStream<Box<dyn Stream>>>),
    /// An ordinary answer with OpenIM's own code.
    Refused(HandshakeResult),
    /// An ordinary answer of something else, a proxy perhaps.
    Status(u16),
}

/// Asks for the upgrade. `path` holds the token: it is written to the stream and nowhere else.
pub(crate) async fn upgrade(stream: Box<dyn Stream>, host: &str, path: &str) -> io::Result<Upgrade> {
    let key = generate_key();
    let request = Request::get(path)
        .header(HOST, host)
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_KEY, &key)
        .body(())
        // The reason would repeat the path.
        .map_err(|_| invalid("the address of the websocket cannot be asked for; check wsAddr and the token"))?;
    let accepted = match http_upgrade(stream, request, REFUSAL_BODY_MAX).await? {
        HttpUpgrade::Accepted(accepted) => accepted,
        HttpUpgrade::Refused { status, body } => {
            return Ok(handshake::refusal(&body).map_or(Upgrade::Status(status), Upgrade::Refused));
        }
    };
    let given = accepted.headers.get(SEC_WEBSOCKET_ACCEPT);
    if given.is_none_or(|given| given.as_bytes() != derive_accept_key(key.as_bytes()).as_bytes()) {
        return Err(invalid("the answer to the upgrade belongs to another request"));
    }
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(FRAME_IN_MAX))
        .max_frame_size(Some(FRAME_IN_MAX))
        .max_write_buffer_size(FRAME_OUT_MAX * 16);
    let read_ahead = accepted.read_ahead.to_vec();
    let socket = WebSocketStream::from_partially_read(accepted.stream, read_ahead, Role::Client, Some(config)).await;
    Ok(Upgrade::Done(Box::new(socket)))
}

fn invalid(text: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}
