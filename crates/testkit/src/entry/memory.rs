//! Connections without sockets, so that clients can be tested under tokio's paused clock.

use tokio::io::{DuplexStream, duplex};

use super::router::{self, Serves};
use crate::limits::PIPE;
use crate::server::Server;

impl Server {
    /// The client's end of an in-memory connection. The other end is served like an accepted socket.
    pub fn open(&self) -> DuplexStream {
        let (client, server) = duplex(PIPE);
        self.0.backend.tasks.spawn(router::serve(self.clone(), server, Serves::Both));
        client
    }
}
