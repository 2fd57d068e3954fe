//! The REST API.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Request, StatusCode};

use crate::http::{self, Answer};
use crate::server::Shared;

pub(crate) async fn answer(_shared: &Arc<Shared>, _request: Request<Incoming>) -> Answer {
    http::text(StatusCode::NOT_FOUND, "404 page not found")
}
