//! A network in memory between clients and the server. Its connections can be cut, paused or made to lose everything, and
//! new ones can be refused.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

use crate::server::Server;

/// What a stream does with bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StreamState {
    Open,
    /// Bytes wait.
    Held,
    /// Bytes are lost: the client can write for ever and reads nothing.
    Losing,
    Cut,
}

#[derive(Debug)]
struct StreamControl {
    state: StreamState,
    wakers: Vec<Waker>,
}

/// One account's network to the server.
#[derive(Clone)]
pub struct FaultyNetwork {
    server: Server,
    inner: Arc<NetworkState>,
}

struct NetworkState {
    refuses: Mutex<bool>,
    streams: Mutex<Vec<Arc<Mutex<StreamControl>>>>,
    dials: AtomicU64,
}

impl FaultyNetwork {
    /// A working network to this server.
    pub fn new(server: Server) -> Self {
        let inner = NetworkState { refuses: Mutex::new(false), streams: Mutex::default(), dials: AtomicU64::new(0) };
        Self { server, inner: Arc::new(inner) }
    }

    /// Opens a connection, unless they are refused.
    pub fn dial(&self) -> io::Result<FaultyStream> {
        self.inner.dials.fetch_add(1, Ordering::Relaxed);
        if *self.inner.refuses.lock() {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let control = Arc::new(Mutex::new(StreamControl { state: StreamState::Open, wakers: Vec::new() }));
        let mut streams = self.inner.streams.lock();
        streams.retain(|stream| Arc::strong_count(stream) > 1);
        streams.push(control.clone());
        Ok(FaultyStream { stream: self.server.open(), control })
    }

    /// The number of attempts to open a connection.
    pub fn dials(&self) -> u64 {
        self.inner.dials.load(Ordering::Relaxed)
    }

    /// The number of connections that clients hold at the moment.
    pub fn streams(&self) -> usize {
        self.inner.streams.lock().iter().filter(|stream| Arc::strong_count(stream) > 1).count()
    }

    /// Refuses new connections, or allows them again.
    pub fn refuse(&self, refuses: bool) {
        *self.inner.refuses.lock() = refuses;
    }

    /// Ends all connections at once.
    pub fn cut(&self) {
        self.set(StreamState::Cut);
    }

    /// Bytes of all connections wait until [`Self::release`].
    pub fn hold(&self) {
        self.set(StreamState::Held);
    }

    /// All present connections lose everything from now on. New connections work.
    pub fn lose(&self) {
        self.set(StreamState::Losing);
    }

    /// Lets held bytes through again.
    pub fn release(&self) {
        for stream in &*self.inner.streams.lock() {
            let mut stream = stream.lock();
            if stream.state == StreamState::Held {
                stream.state = StreamState::Open;
            }
            stream.wake();
        }
    }

    fn set(&self, state: StreamState) {
        for stream in &*self.inner.streams.lock() {
            let mut stream = stream.lock();
            if stream.state != StreamState::Cut {
                stream.state = state;
            }
            stream.wake();
        }
    }
}

impl StreamControl {
    fn wake(&mut self) {
        self.wakers.drain(..).for_each(Waker::wake);
    }
}

/// The client's end of a connection.
pub struct FaultyStream {
    stream: DuplexStream,
    control: Arc<Mutex<StreamControl>>,
}

impl FaultyStream {
    /// The state of the stream. The task is woken when it changes.
    fn state(&self, context: &Context<'_>) -> StreamState {
        let mut control = self.control.lock();
        if control.state != StreamState::Cut {
            // Also while the stream is open, because a reader may be waiting for bytes that never come.
            control.wakers.retain(|waker| !waker.will_wake(context.waker()));
            control.wakers.push(context.waker().clone());
        }
        control.state
    }
}

fn reset() -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}

impl AsyncRead for FaultyStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.state(context) {
            StreamState::Open => Pin::new(&mut self.stream).poll_read(context, buffer),
            StreamState::Held | StreamState::Losing => Poll::Pending,
            StreamState::Cut => Poll::Ready(Err(reset())),
        }
    }
}

impl AsyncWrite for FaultyStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.state(context) {
            StreamState::Open => Pin::new(&mut self.stream).poll_write(context, bytes),
            StreamState::Held => Poll::Pending,
            StreamState::Losing => Poll::Ready(Ok(bytes.len())),
            StreamState::Cut => Poll::Ready(Err(reset())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.state(context) {
            StreamState::Open => Pin::new(&mut self.stream).poll_flush(context),
            StreamState::Held => Poll::Pending,
            StreamState::Losing => Poll::Ready(Ok(())),
            StreamState::Cut => Poll::Ready(Err(reset())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
