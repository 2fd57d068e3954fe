//! The proxy's control API: `POST /set` with conditions, `/cut`, `/reset` and `/traffic`. It listens on loopback and does
//! not answer web pages.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, ORIGIN};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::ChaosProxy;

/// Conditions are small.
const BODY_MAX: usize = 64 * 1024;

pub(super) async fn start(proxy: &ChaosProxy, port: u16) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    let serving = proxy.clone();
    proxy.0.tasks.spawn(async move {
        let stop = serving.0.stop.clone();
        tokio::select! {
            () = stop.cancelled() => {}
            () = serve(&serving, &listener) => {}
        }
    });
    Ok(address)
}

async fn serve(proxy: &ChaosProxy, listener: &TcpListener) {
    loop {
        let Ok((socket, _)) = listener.accept().await else {
            tokio::time::sleep(super::ACCEPT_AGAIN).await;
            continue;
        };
        let proxy = proxy.clone();
        let stop = proxy.0.stop.clone();
        proxy.0.tasks.clone().spawn(async move {
            let service = service_fn(|request| {
                let proxy = proxy.clone();
                async move { Ok::<_, Infallible>(answer(&proxy, request).await) }
            });
            tokio::select! {
                () = stop.cancelled() => {}
                // A client may end its connection in any way.
                _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service) => {}
            }
        });
    }
}

async fn answer(proxy: &ChaosProxy, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    if head.method != Method::POST || head.headers.contains_key(ORIGIN) {
        return say(StatusCode::NOT_FOUND, "POST /set, /cut, /reset or /traffic".into());
    }
    let Ok(body) = Limited::new(body, BODY_MAX).collect().await else {
        return say(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large".into());
    };
    match head.uri.path() {
        "/set" => match serde_json::from_slice(&body.to_bytes()) {
            Ok(conditions) => proxy.set(conditions),
            Err(error) => return say(StatusCode::BAD_REQUEST, format!("the conditions are wrong: {error}")),
        },
        "/cut" => proxy.cut(),
        "/reset" => proxy.reset(),
        "/traffic" => {}
        _ => return say(StatusCode::NOT_FOUND, "POST /set, /cut, /reset or /traffic".into()),
    }
    say(StatusCode::OK, serde_json::to_string(&proxy.traffic()).unwrap_or_default())
}

fn say(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let kind = if status == StatusCode::OK { "application/json" } else { "text/plain; charset=utf-8" };
    let answer = Response::builder().status(status).header(CONTENT_TYPE, kind);
    answer.body(Full::new(text.into())).unwrap_or_default()
}
