//! The websocket upgrade, and the first frame of a new connection.

use std::sync::Arc;

use hyper::body::{Bytes, Incoming};
use hyper::header::{
    CONNECTION, CONTENT_TYPE, HeaderMap, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use openim_core::wire::errcode;
use openim_core::wire::text_frame::HandshakeResult;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::handshake::{self, ConnectRequest};
use super::socket;
use crate::backend::Backend;
use crate::connections::connection::Connection;
use crate::faults::rules::{FaultRule, RequestKind, UPGRADE_PATH};
use crate::http::faults;
use crate::http::response::{Answer, Dropped, build, text};
use crate::model::sessions::Session;
use crate::refusal::Refusal;

/// Whether the request asks for a websocket.
pub(crate) fn is_upgrade(headers: &HeaderMap) -> bool {
    headers.get(UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Answers an upgrade request, and serves the connection in a task of its own.
pub(crate) async fn answer(backend: &Arc<Backend>, request: Request<Incoming>) -> Result<Answer, Dropped> {
    let user_id = handshake::parse(query(&request), None).map(|asked| asked.user_id).unwrap_or_default();
    let rule = backend.change(|state| state.faults.rules.apply(RequestKind::Path(UPGRADE_PATH), &user_id));
    let injected = rule.as_ref().and_then(FaultRule::refusal);
    if injected.is_none()
        && let Some(answer) = faults::instead(rule.as_ref(), UPGRADE_PATH).await
    {
        return answer;
    }
    Ok(upgrade(backend, request, injected))
}

fn query(request: &Request<Incoming>) -> &str {
    request.uri().query().unwrap_or_default()
}

/// The handshake, in the real gateway's order: capacity, arguments, token, upgrade.
fn upgrade(backend: &Arc<Backend>, request: Request<Incoming>, injected: Option<Refusal>) -> Answer {
    let compression = request.headers().get("compression").and_then(|value| value.to_str().ok());
    let parsed = backend
        .look(|state| state.model.check_capacity())
        .and_then(|()| handshake::parse(query(&request), compression));
    let wanted = match parsed {
        Ok(wanted) => wanted,
        Err(refusal) => return refused(&refusal),
    };
    if let Some(refusal) = injected.as_ref().filter(|refusal| !errcode::rejects_token(refusal.code)) {
        return refused(refusal);
    }
    let authorized = match injected {
        Some(refusal) => Err(refusal),
        None => backend.look(|state| state.model.authorize(&wanted.token, &wanted.user_id, wanted.platform_id)),
    };
    if let Err(refusal) = &authorized
        && !wanted.is_msg_resp
    {
        return refused(refusal);
    }
    let Some(accept) = accept_key(request.headers()) else {
        return text(StatusCode::BAD_REQUEST, "this is not a websocket upgrade of version 13");
    };
    backend.tasks.spawn(serve(Arc::clone(backend), request, wanted, authorized));
    let switching = Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(UPGRADE, "websocket")
        .header(CONNECTION, "Upgrade")
        .header(SEC_WEBSOCKET_ACCEPT, accept);
    build(switching, Bytes::new())
}

async fn serve(
    backend: Arc<Backend>,
    request: Request<Incoming>,
    wanted: ConnectRequest,
    authorized: Result<(), Refusal>,
) {
    let Ok(upgraded) = hyper::upgrade::on(request).await else { return };
    let io = TokioIo::new(upgraded);
    let socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(socket::config())).await;
    match authorized {
        Ok(()) => log_in(&backend, socket, wanted).await,
        Err(refusal) => socket::refuse(socket, json(&refusal.handshake_result())).await,
    }
}

/// Registers the connection and serves it until it ends.
async fn log_in<S: AsyncRead + AsyncWrite + Unpin>(
    backend: &Arc<Backend>,
    socket: WebSocketStream<S>,
    wanted: ConnectRequest,
) {
    let ConnectRequest { user_id, token, platform_id, is_msg_resp, gzip } = wanted;
    let (connection, frames) = backend.change(|state| {
        let id = state.model.sessions.next_id();
        let (connection, frames) = Connection::new(id, &user_id, platform_id, gzip, &backend.stop);
        let connection = Arc::new(connection);
        if is_msg_resp {
            // Queued before the connection is registered, so that no frame comes before it.
            let ok = HandshakeResult { err_code: 0, err_msg: String::new(), err_dlt: String::new() };
            connection.write(Message::text(json(&ok)));
        }
        state.connections.add(Arc::clone(&connection));
        state.model.log_in(Session { id, user_id, platform_id, token });
        (connection, frames)
    });
    socket::run(backend, socket, &connection, frames).await;
}

fn accept_key(headers: &HeaderMap) -> Option<String> {
    let version = headers.get(SEC_WEBSOCKET_VERSION)?;
    let key = headers.get(SEC_WEBSOCKET_KEY)?;
    (version == "13").then(|| derive_accept_key(key.as_bytes()))
}

/// A refusal in this gateway's form: status 200 with the code in the body.
fn refused(refusal: &Refusal) -> Answer {
    let answer = Response::builder().header(CONTENT_TYPE, "application/json; charset=utf-8");
    build(answer, json(&refusal.handshake_result()).into())
}

fn json(result: &HandshakeResult) -> String {
    // Strings and a number: serialising them cannot fail.
    serde_json::to_string(result).unwrap_or_default()
}
