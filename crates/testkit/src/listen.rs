//! Sockets: two loopback listeners, one service.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::http;
use crate::server::{Addresses, Shared};

/// A listener that cannot accept (no file descriptors left) tries again after this.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

pub(crate) async fn start(shared: &Arc<Shared>) -> io::Result<Addresses> {
    let (host, ws_port, api_port) =
        shared.look(|state| (state.config.address(), state.config.ws_port, state.config.api_port));
    let host = host.map_err(|why| io::Error::new(io::ErrorKind::InvalidInput, why))?;
    let ws = bind(SocketAddr::new(host, ws_port)).await?;
    let api = bind(SocketAddr::new(host, api_port)).await?;
    let addresses =
        Addresses { ws: format!("ws://{}", ws.local_addr()?), api: format!("http://{}", api.local_addr()?) };
    for listener in [ws, api] {
        shared.tasks.spawn(accept(Arc::clone(shared), listener));
    }
    Ok(addresses)
}

async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        io::Error::new(
            error.kind(),
            format!("cannot listen on {address} ({error}): free the port or choose another, 0 is any"),
        )
    })
}

async fn accept(shared: Arc<Shared>, listener: TcpListener) {
    loop {
        let accepted = tokio::select! {
            () = shared.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((socket, _)) = accepted else {
            tokio::time::sleep(ACCEPT_AGAIN).await;
            continue;
        };
        // Small frames answer requests: they are not held back.
        let _ = socket.set_nodelay(true);
        shared.tasks.spawn(http::serve(Arc::clone(&shared), socket));
    }
}
