//! Connections without sockets, so that clients can be tested under tokio's paused clock.

use std::sync::Arc;

use tokio::io::{DuplexStream, duplex};

use crate::http;
use crate::limits::PIPE;
use crate::server::Shared;

pub(crate) fn open(shared: &Arc<Shared>) -> DuplexStream {
    let (client, server) = duplex(PIPE);
    shared.tasks.spawn(http::serve(Arc::clone(shared), server));
    client
}
