//! HTTP on any stream: an upgrade goes to the gateway, everything else to the REST API.

use std::sync::Arc;

use futures_util::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, CONNECTION,
    CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use openim_core::wire::errcode;
use openim_core::wire::text_frame::HandshakeResult;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::desk;
use crate::fault::Fault;
use crate::gateway::{connection, handshake};
use crate::limits::{HUGE_CHUNK, IDLE_MAX};
use crate::rest;
use crate::server::Shared;
use crate::storage;
use crate::trouble::{AT_UPGRADE, Asked, Rule};

pub(crate) type Answer = Response<BoxBody<Bytes, Dropped>>;

/// The connection ends here, without an answer or in the middle of one.
#[derive(Debug)]
pub(crate) struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

/// Serves one stream until it ends or the server stops.
pub(crate) async fn serve<S>(shared: Arc<Shared>, io: S)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|request| {
        let shared = Arc::clone(&shared);
        async move { answer(&shared, request).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_MAX)
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades();
    tokio::select! {
        () = shared.stop.cancelled() => {}
        // How a client's connection ended is the client's affair.
        _ = connection => {}
    }
}

async fn answer(shared: &Arc<Shared>, request: Request<Incoming>) -> Result<Answer, Dropped> {
    let wants_upgrade =
        request.headers().get(UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    if wants_upgrade {
        let asked = handshake::parse(request.uri().query().unwrap_or_default(), None);
        let user_id = asked.map(|asked| asked.send_id).unwrap_or_default();
        let rule = shared.change(|state| state.rules.strike(Asked::Path(AT_UPGRADE), &user_id));
        let told = rule.as_ref().and_then(Rule::fault);
        if told.is_none()
            && let Some(instead) = rest::misbehave(rule.as_ref(), AT_UPGRADE).await
        {
            return instead;
        }
        Ok(upgrade(shared, request, told))
    } else if storage::is_for(request.method(), request.uri().path()) {
        storage::answer(shared, request).await
    } else if desk::is_for(shared, request.uri().path(), request.headers()) {
        desk::answer(shared, request).await
    } else {
        rest::answer(shared, request).await
    }
}

/// The handshake, in the real gateway's order: room, arguments, token, upgrade.
fn upgrade(shared: &Arc<Shared>, request: Request<Incoming>, told: Option<Fault>) -> Answer {
    let compression = request.headers().get("compression").and_then(|value| value.to_str().ok());
    let parsed = shared
        .look(crate::state::State::check_room)
        .and_then(|()| handshake::parse(request.uri().query().unwrap_or_default(), compression));
    let asked = match parsed {
        Ok(asked) => asked,
        Err(fault) => return refusal(&fault),
    };
    if let Some(fault) = told.as_ref().filter(|fault| !errcode::rejects_token(fault.code)) {
        return refusal(fault);
    }
    let verdict = told.map_or_else(|| shared.look(|state| state.authorize(&asked)), Err);
    if let Err(fault) = &verdict
        && !asked.is_msg_resp
    {
        return refusal(fault);
    }
    let Some(accept) = accept_key(request.headers()) else {
        return text(StatusCode::BAD_REQUEST, "this is not a websocket upgrade of version 13");
    };
    let shared_by_task = Arc::clone(shared);
    shared.tasks.spawn(async move {
        let Ok(upgraded) = hyper::upgrade::on(request).await else {
            return;
        };
        let io = TokioIo::new(upgraded);
        let socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(connection::config())).await;
        match verdict {
            Ok(()) => admit(&shared_by_task, socket, &asked).await,
            Err(fault) => connection::refuse(socket, json(&fault.handshake())).await,
        }
    });
    let switching = Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(UPGRADE, "websocket")
        .header(CONNECTION, "Upgrade")
        .header(SEC_WEBSOCKET_ACCEPT, accept);
    build(switching, Bytes::new())
}

async fn admit<S: AsyncRead + AsyncWrite + Unpin>(
    shared: &Arc<Shared>,
    socket: WebSocketStream<S>,
    asked: &handshake::Asked,
) {
    let (connection, queue) = shared.change(|state| {
        let (connection, queue) = state.hub.prepare(asked, &shared.stop);
        if asked.is_msg_resp {
            // Queued before anybody can reach the connection: nothing comes before it.
            let ok = HandshakeResult { err_code: 0, err_msg: String::new(), err_dlt: String::new() };
            connection.write(Message::text(json(&ok)));
        }
        state.register(&connection);
        (connection, queue)
    });
    connection::run(shared, socket, &connection, queue).await;
}

fn accept_key(headers: &HeaderMap) -> Option<String> {
    let version = headers.get(SEC_WEBSOCKET_VERSION)?;
    let key = headers.get(SEC_WEBSOCKET_KEY)?;
    (version == "13").then(|| derive_accept_key(key.as_bytes()))
}

/// Status 200 with the code in the body: that is how this gateway refuses.
fn refusal(fault: &Fault) -> Answer {
    let answer = Response::builder().header(CONTENT_TYPE, "application/json; charset=utf-8");
    build(answer, json(&fault.handshake()).into())
}

fn json(result: &HandshakeResult) -> String {
    // Strings and a number: serialising them cannot fail.
    serde_json::to_string(result).unwrap_or_default()
}

pub(crate) fn text(status: StatusCode, why: &'static str) -> Answer {
    build(
        Response::builder().status(status).header(CONTENT_TYPE, "text/plain; charset=utf-8"),
        Bytes::from_static(why.as_bytes()),
    )
}

/// Every head here is written in this crate and valid.
pub(crate) fn build(head: hyper::http::response::Builder, body: Bytes) -> Answer {
    head.body(Full::new(body).map_err(|never| match never {}).boxed()).unwrap_or_default()
}

/// A page from anywhere may call, as on the real server.
pub(crate) fn allow_all(head: hyper::http::response::Builder) -> hyper::http::response::Builder {
    head.header(ACCESS_CONTROL_ALLOW_ORIGIN, "*")
        .header(ACCESS_CONTROL_ALLOW_HEADERS, "*")
        .header(ACCESS_CONTROL_ALLOW_METHODS, "*")
}

/// A body of so many spaces, made while it is sent; packed, it is a thousandth of that.
pub(crate) fn huge(head: hyper::http::response::Builder, bytes: u64, gzip: bool) -> Answer {
    let head = head.header(CONTENT_TYPE, "application/json");
    if gzip {
        let size = usize::try_from(bytes).unwrap_or(HUGE_CHUNK);
        let packed = openim_core::wire::compress::gzip(&vec![b' '; size]);
        return build(head.header(CONTENT_ENCODING, "gzip"), packed.into());
    }
    let body = StreamBody::new(stream::unfold(bytes, |left| async move {
        let now = left.min(HUGE_CHUNK as u64);
        let chunk = || Bytes::from(vec![b' '; usize::try_from(now).unwrap_or(HUGE_CHUNK)]);
        (now > 0).then(|| (Ok(Frame::data(chunk())), left - now))
    }));
    head.body(body.boxed()).unwrap_or_default()
}

/// Where the caller reaches this server: what it says in `X-Request-Api`, or the address it called.
pub(crate) fn origin(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty());
    match text("X-Request-Api") {
        Some(said) => said.trim_end_matches('/').to_owned(),
        None => format!("http://{}", text("host").unwrap_or("localhost")),
    }
}
