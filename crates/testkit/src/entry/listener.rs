//! Listens on two loopback ports, one for the gateway and one for the REST API.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use super::router::{self, Serves};
use crate::faults::listener::ListenerState;
use crate::server::Server;

/// The wait after a failed `accept` or `bind`, for example without free file descriptors.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// The addresses of a listening server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// `ws://host:port`, the gateway.
    pub ws: String,
    /// `http://host:port`, the REST API.
    pub api: String,
}

impl Server {
    /// Listens on both ports of the configuration, on loopback.
    pub async fn listen(&self) -> io::Result<Addresses> {
        start(self).await
    }
}

async fn start(server: &Server) -> io::Result<Addresses> {
    let inner = &server.0;
    let (host, ws_port, api_port) = server.look(|state| {
        let config = &state.model.config;
        (config.address(), config.ws_port, config.api_port)
    });
    let host = host.map_err(|why| io::Error::new(io::ErrorKind::InvalidInput, why))?;
    let ws = bind(SocketAddr::new(host, ws_port)).await?;
    let api = bind(SocketAddr::new(host, api_port)).await?;
    let addresses =
        Addresses { ws: format!("ws://{}", ws.local_addr()?), api: format!("http://{}", api.local_addr()?) };
    for (listener, state, serves) in
        [(ws, &inner.listeners.ws, Serves::Gateway), (api, &inner.listeners.api, Serves::Api)]
    {
        inner.backend.tasks.spawn(accept(server.clone(), listener, state.subscribe(), serves));
    }
    Ok(addresses)
}

/// Stops listening until the state is no longer `Refuse`, then binds the same port again.
async fn pause(
    server: &Server,
    listener: TcpListener,
    state: &mut watch::Receiver<ListenerState>,
) -> Option<TcpListener> {
    let (address, stop) = (listener.local_addr().ok()?, &server.0.backend.stop);
    drop(listener);
    tokio::select! {
        () = stop.cancelled() => return None,
        changed = state.wait_for(|state| *state != ListenerState::Refuse) => {
            changed.ok()?;
        }
    }
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return Some(listener),
            Err(_) => tokio::select! {
                () = stop.cancelled() => return None,
                () = tokio::time::sleep(ACCEPT_AGAIN) => {}
            },
        }
    }
}

async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        io::Error::new(
            error.kind(),
            format!("cannot listen on {address} ({error}): free the port or choose another, 0 is any"),
        )
    })
}

async fn accept(server: Server, mut listener: TcpListener, mut state: watch::Receiver<ListenerState>, serves: Serves) {
    let backend = Arc::clone(&server.0.backend);
    loop {
        if *state.borrow() == ListenerState::Refuse {
            let Some(again) = pause(&server, listener, &mut state).await else { return };
            listener = again;
        }
        let accepted = tokio::select! {
            () = backend.stop.cancelled() => return,
            _ = state.changed() => continue,
            accepted = listener.accept() => accepted,
        };
        let Ok((socket, _)) = accepted else {
            tokio::time::sleep(ACCEPT_AGAIN).await;
            continue;
        };
        let present = *state.borrow();
        match present {
            ListenerState::Open => {}
            ListenerState::Drop | ListenerState::Refuse => continue,
            ListenerState::Hang => {
                let stop = backend.stop.clone();
                backend.tasks.spawn(async move {
                    stop.cancelled().await;
                    drop(socket);
                });
                continue;
            }
        }
        // Small frames are answers to requests and must not wait for more data.
        let _ = socket.set_nodelay(true);
        backend.tasks.spawn(router::serve(server.clone(), socket, serves));
    }
}
