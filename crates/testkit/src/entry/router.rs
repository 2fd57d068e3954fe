//! HTTP on any stream: finds the part of the server that answers a request.

use hyper::body::Incoming;
use hyper::header::ORIGIN;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::gateway::upgrade;
use crate::http::api;
use crate::http::response::{Answer, Dropped, preflight};
use crate::limits::IDLE_MAX;
use crate::server::Server;
use crate::{control, rest, storage, token_endpoint};

/// The part of the server that answers on a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Serves {
    Gateway,
    Api,
    Both,
}

/// Serves one stream until it ends or the server stops.
pub(super) async fn serve<S>(server: Server, io: S, serves: Serves)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stop = server.0.backend.stop.clone();
    let service = service_fn(|request| {
        let server = server.clone();
        async move { answer(&server, request, serves).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_MAX)
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades();
    tokio::select! {
        () = stop.cancelled() => {}
        // A client may end its connection in any way.
        _ = connection => {}
    }
}

async fn answer(server: &Server, request: Request<Incoming>, serves: Serves) -> Result<Answer, Dropped> {
    let inner = &server.0;
    let path = request.uri().path();
    let is_control = is_control(server, &request);
    let is_upgrade = upgrade::is_upgrade(request.headers());
    if serves == Serves::Api && is_upgrade {
        Ok(api::not_found())
    } else if serves == Serves::Gateway || is_upgrade {
        // The gateway takes every request for a handshake.
        upgrade::answer(&inner.backend, request).await
    } else if storage::serves(request.method(), path) {
        storage::answer(&inner.backend, &inner.files, request).await
    } else if is_control && token_endpoint::serves(path) {
        inner.token_endpoint.answer(&inner.backend, request).await
    } else if request.method() == Method::OPTIONS {
        Ok(preflight())
    } else if is_control {
        Ok(control::answer(server, request).await)
    } else {
        rest::answer(&inner.backend, request).await
    }
}

/// Whether the request is for the control API. It is served only if the configuration says so, and never to a web page,
/// which would send an `Origin`.
fn is_control(server: &Server, request: &Request<Incoming>) -> bool {
    request.uri().path().starts_with(control::PREFIX)
        && server.look(|state| state.model.config.control)
        && !request.headers().contains_key(ORIGIN)
}
