//! A TCP proxy that spoils real sockets: it knows nothing of what runs through it. In front of a server it makes lines
//! slow, thin, cut, half-open or dead, and resets them in the middle of a frame.

mod control;
mod pump;

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

/// Which way bytes run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Way {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
    /// Either.
    #[default]
    Both,
}

/// How lines run. Nothing set is a good line; a change counts for present lines, too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Weather {
    /// Every piece of bytes arrives so much later.
    pub latency_ms: u64,
    /// Each way carries no more.
    pub bytes_per_second: Option<u64>,
    /// The line ends after so many bytes of the way below, counted from now on.
    pub cut_after: Option<u64>,
    /// The line is reset (RST) after so many bytes of the way below, counted from now on.
    pub reset_after: Option<u64>,
    /// For `cutAfter` and `resetAfter`: bytes of which way.
    pub way: Way,
    /// For `cutAfter` and `resetAfter`: so many lines, then no more; left out: every line.
    pub times: Option<u64>,
    /// Bytes vanish, both ways; the sockets stay.
    pub blackhole: bool,
    /// The server's end is gone; the client's stays open and nothing is read from it.
    pub half_open: bool,
    /// New lines are accepted and end at once.
    pub refuse: bool,
}

/// What ran through so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// Lines at the moment.
    pub lines: u64,
    /// Lines so far.
    pub accepted: u64,
    /// Bytes from clients to the server.
    pub up: u64,
    /// Bytes from the server to clients.
    pub down: u64,
}

struct Inner {
    upstream: String,
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    /// Counts orders to end present lines; the last one says how.
    orders: watch::Sender<(u64, pump::End)>,
    lines: AtomicU64,
    accepted: AtomicU64,
    up: AtomicU64,
    down: AtomicU64,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// A running proxy. Clones are the same one.
#[derive(Clone)]
pub struct ChaosProxy(Arc<Inner>);

impl ChaosProxy {
    /// Listens on a loopback port (0 is any free one) in front of `upstream`, a host and a port.
    pub async fn start(port: u16, upstream: &str) -> io::Result<Self> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port)).await?;
        let proxy = Self(Arc::new(Inner {
            upstream: upstream.into(),
            address: listener.local_addr()?,
            weather: watch::Sender::default(),
            orders: watch::Sender::new((0, pump::End::Cut)),
            lines: AtomicU64::new(0),
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

    /// Lines run like this from now on.
    pub fn set(&self, weather: Weather) {
        self.0.weather.send_replace(weather);
    }

    /// Ends the present lines.
    pub fn cut(&self) {
        self.0.orders.send_modify(|(count, end)| (*count, *end) = (*count + 1, pump::End::Cut));
    }

    /// Resets the present lines.
    pub fn reset(&self) {
        self.0.orders.send_modify(|(count, end)| (*count, *end) = (*count + 1, pump::End::Reset));
    }

    /// What ran through so far.
    pub fn traffic(&self) -> Traffic {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let Inner { lines, accepted, up, down, .. } = &*self.0;
        Traffic { lines: count(lines), accepted: count(accepted), up: count(up), down: count(down) }
    }

    /// Ends everything and waits for it.
    pub async fn stop(&self) {
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

/// A listener that cannot accept tries again after this.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

async fn accept(inner: &Arc<Inner>, listener: TcpListener) {
    loop {
        let Ok((client, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_AGAIN).await;
            continue;
        };
        inner.accepted.fetch_add(1, Ordering::Relaxed);
        if inner.weather.borrow().refuse {
            continue;
        }
        let line = Arc::clone(inner);
        inner.tasks.spawn(async move {
            line.lines.fetch_add(1, Ordering::Relaxed);
            tokio::select! {
                () = line.stop.cancelled() => {}
                () = connect(&line, client) => {}
            }
            line.lines.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

async fn connect(inner: &Inner, client: TcpStream) {
    let Ok(server) = TcpStream::connect(&inner.upstream).await else { return };
    for socket in [&client, &server] {
        // Frames are passed on as they come.
        let _ = socket.set_nodelay(true);
    }
    pump::run(inner, client, server).await;
}
