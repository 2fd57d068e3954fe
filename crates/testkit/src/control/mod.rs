//! The control API: faults and test helpers over HTTP, for tests in other processes. Each call is a method of [`Server`]
//! with a JSON body.

mod calls;
mod faults;
mod known;

use hyper::body::Incoming;
use hyper::{Method, Request, StatusCode};

use crate::http::api::{self, Body};
use crate::http::response::Answer;
use crate::server::Server;

/// The prefix of every path.
pub(crate) const PREFIX: &str = "/control/";

pub(crate) async fn answer(server: &Server, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let body = match api::read_body(body).await {
        Ok(bytes) => Body::new(bytes, &head.headers),
        Err(answer) => return answer,
    };
    let call = head.uri.path().strip_prefix(PREFIX).filter(|_| head.method == Method::POST).unwrap_or_default();
    match calls::route(server, call, &body).or_else(|| faults::route(server, call, &body)) {
        Some(reply) => api::answer(StatusCode::OK, &head.headers, reply),
        None => api::not_found(),
    }
}
