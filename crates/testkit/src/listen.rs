//! Sockets: two loopback listeners, one service.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::http;
use crate::server::{Addresses, Shared};
use crate::trouble::Door;

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
    for (listener, door) in [(ws, &shared.doors.0), (api, &shared.doors.1)] {
        shared.tasks.spawn(accept(Arc::clone(shared), listener, door.subscribe()));
    }
    Ok(addresses)
}

/// Nobody listens until the door is another; then the same port is taken again.
async fn away(shared: &Shared, listener: TcpListener, door: &mut watch::Receiver<Door>) -> Option<TcpListener> {
    let address = listener.local_addr().ok()?;
    drop(listener);
    tokio::select! {
        () = shared.stop.cancelled() => return None,
        changed = door.wait_for(|door| *door != Door::Refuse) => {
            changed.ok()?;
        }
    }
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return Some(listener),
            Err(_) => tokio::select! {
                () = shared.stop.cancelled() => return None,
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

async fn accept(shared: Arc<Shared>, mut listener: TcpListener, mut door: watch::Receiver<Door>) {
    loop {
        if *door.borrow() == Door::Refuse {
            let Some(again) = away(&shared, listener, &mut door).await else { return };
            listener = again;
        }
        let accepted = tokio::select! {
            () = shared.stop.cancelled() => return,
            // A sender that is gone stops the server, too.
            _ = door.changed() => continue,
            accepted = listener.accept() => accepted,
        };
        let Ok((socket, _)) = accepted else {
            tokio::time::sleep(ACCEPT_AGAIN).await;
            continue;
        };
        let stands = *door.borrow();
        match stands {
            Door::Open => {}
            Door::Drop | Door::Refuse => continue,
            Door::Hang => {
                let shared_by_task = Arc::clone(&shared);
                shared.tasks.spawn(async move {
                    shared_by_task.stop.cancelled().await;
                    drop(socket);
                });
                continue;
            }
        }
        // Small frames answer requests: they are not held back.
        let _ = socket.set_nodelay(true);
        shared.tasks.spawn(http::serve(Arc::clone(&shared), socket));
    }
}
