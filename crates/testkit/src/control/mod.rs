//! The control API: trouble on purpose over HTTP, for tests in other processes. Served with `--control` only, and never
//! to a web page.

mod calls;
mod trouble;

use std::sync::Arc;

use hyper::header::{HeaderMap, ORIGIN};

use crate::rest::call::{Body, Reply};
use crate::server::{Server, Shared};

/// What every path of it begins with.
const PREFIX: &str = "/control/";

/// Whether the path belongs to the control API of this server and the caller may use it. A browser says where its page
/// came from; a page has no business here.
pub(crate) fn is_for(shared: &Arc<Shared>, path: &str, headers: &HeaderMap) -> bool {
    path.starts_with(PREFIX) && shared.look(|state| state.config.control) && !headers.contains_key(ORIGIN)
}

/// The call's outcome, or none where there is no such call.
pub(crate) fn answer(shared: &Arc<Shared>, path: &str, body: &Body) -> Option<Reply> {
    let (server, call) = (Server(Arc::clone(shared)), path.strip_prefix(PREFIX)?);
    calls::route(&server, call, body).or_else(|| trouble::route(&server, call, body))
}
