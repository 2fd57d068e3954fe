//! A TCP proxy that disturbs real connections, whatever their protocol. It makes them slow or narrow, cuts or resets them
//! in the middle of a frame, and leaves them half-open or silent.

mod connection;
mod control;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The direction of bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
    /// Either.
    #[default]
    Both,
}

/// The conditions of all connections, the present ones included. With the defaults they are undisturbed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ConnectionConditions {
    /// All bytes arrive this much later.
    pub latency_ms: u64,
    /// The highest rate of each direction.
    pub bytes_per_second: Option<u64>,
    /// A connection ends after this many bytes in `direction`, counted from now on.
    pub cut_after: Option<u64>,
    /// A connection is reset (RST) after this many bytes in `direction`, counted from now on.
    pub reset_after: Option<u64>,
    /// For `cutAfter` and `resetAfter`: the direction whose bytes count.
    pub direction: Direction,
    /// For `cutAfter` and `resetAfter`: the number of connections to end; without it, all.
    pub times: Option<u64>,
    /// All bytes are lost in both directions; the sockets stay open.
    pub blackhole: bool,
    /// The connection to the server is closed; the client's stays open and nothing is read from it.
    pub half_open: bool,
    /// New connections are accepted and closed at once.
    pub refuse: bool,
}

/// Counts of connections and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// The connections at the moment.
    pub connections: u64,
    /// The connections so far.
    pub accepted: u64,
    /// Bytes from clients to the server.
    pub up: u64,
    /// Bytes from the server to clients.
    pub down: u64,
}

struct ProxyState {
    upstream: String,
    address: SocketAddr,
    conditions: watch::Sender<ConnectionConditions>,
    /// Counts the orders to end the present connections; the value says how.
    orders: watch::Sender<(u64, connection::End)>,
    connections: AtomicU64,
    accepted: AtomicU64,
    up: AtomicU64,
    down: AtomicU64,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// A running proxy. Clones are the same one.
#[derive(Clone)]
pub struct ChaosProxy(Arc<ProxyState>);

impl ChaosProxy {
    /// Listens on a loopback port (0 is any free one) in front of `upstream`, a host and a port.
    pub async fn start(port: u16, upstream: &str) -> io::Result<Self> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port)).await?;
        let proxy = Self(Arc::new(ProxyState {
            upstream: upstream.into(),
            address: listener.local_addr()?,
            conditions: watch::Sender::default(),
            orders: watch::Sender::new((0, connection::End::Cut)),
            connections: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            up: AtomicU64::new(0),
            down: AtomicU64::new(0),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }));
        let inner = Arc::clone(&proxy.0);
        proxy.0.tasks.spawn(async move {
            tokio::select! {
                () = inner.stop.cancelled() => {}
                () = accept(&inner, listener) => {}
            }
        });
        Ok(proxy)
    }

    /// Serves the control API of the proxy on a loopback port; returns its address.
    pub async fn control(&self, port: u16) -> io::Result<SocketAddr> {
        control::start(self, port).await
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// Sets the conditions of all connections.
    pub fn set(&self, conditions: ConnectionConditions) {
        self.0.conditions.send_replace(conditions);
    }

    /// Ends the present connections.
    pub fn cut(&self) {
        self.0.orders.send_modify(|(count, end)| (*count, *end) = (*count + 1, connection::End::Cut));
    }

    /// Resets the present connections.
    pub fn reset(&self) {
        self.0.orders.send_modify(|(count, end)| (*count, *end) = (*count + 1, connection::End::Reset));
    }

    /// The counts so far.
    pub fn traffic(&self) -> Traffic {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let ProxyState { connections, accepted, up, down, .. } = &*self.0;
        Traffic { connections: count(connections), accepted: count(accepted), up: count(up), down: count(down) }
    }

    /// Ends all connections and tasks and waits for them.
    pub async fn stop(&self) {
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

/// The wait after a failed `accept`.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

async fn accept(inner: &Arc<ProxyState>, listener: TcpListener) {
    loop {
        let Ok((client, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_AGAIN).await;
            continue;
        };
        inner.accepted.fetch_add(1, Ordering::Relaxed);
        if inner.conditions.borrow().refuse {
            continue;
        }
        let inner = Arc::clone(inner);
        let tasks = inner.tasks.clone();
        tasks.spawn(async move {
            inner.connections.fetch_add(1, Ordering::Relaxed);
            tokio::select! {
                () = inner.stop.cancelled() => {}
                () = connect(&inner, client) => {}
            }
            inner.connections.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

async fn connect(inner: &ProxyState, client: TcpStream) {
    let Ok(server) = TcpStream::connect(&inner.upstream).await else { return };
    for socket in [&client, &server] {
        // Small frames must not wait for more data.
        let _ = socket.set_nodelay(true);
    }
    connection::run(inner, client, server).await;
}
