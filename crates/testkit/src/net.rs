//! A network between a client and the server, in memory: every line can be cut, held back, or left half-open, and dialling
//! can be refused.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

use crate::Server;

/// What a line does with bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Runs,
    /// Bytes wait.
    Held,
    /// Bytes vanish: the client may write for ever and reads nothing.
    Lost,
    Cut,
}

#[derive(Debug)]
struct Control {
    flow: Flow,
    wakers: Vec<Waker>,
}

/// One account's way to the server.
#[derive(Clone)]
pub struct Net {
    server: Server,
    inner: Arc<Inner>,
}

struct Inner {
    refuses: Mutex<bool>,
    lines: Mutex<Vec<Arc<Mutex<Control>>>>,
    dials: AtomicU64,
}

impl Net {
    pub fn new(server: Server) -> Self {
        let inner = Inner { refuses: Mutex::new(false), lines: Mutex::default(), dials: AtomicU64::new(0) };
        Self { server, inner: Arc::new(inner) }
    }

    /// Makes a line, or not.
    pub fn dial(&self) -> io::Result<Line> {
        self.inner.dials.fetch_add(1, Ordering::Relaxed);
        if *self.inner.refuses.lock() {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let control = Arc::new(Mutex::new(Control { flow: Flow::Runs, wakers: Vec::new() }));
        let mut lines = self.inner.lines.lock();
        lines.retain(|line| Arc::strong_count(line) > 1);
        lines.push(control.clone());
        Ok(Line { stream: self.server.open(), control })
    }

    /// How often a line was asked for.
    pub fn dials(&self) -> u64 {
        self.inner.dials.load(Ordering::Relaxed)
    }

    /// Lines that a client holds at the moment.
    pub fn lines(&self) -> usize {
        self.inner.lines.lock().iter().filter(|line| Arc::strong_count(line) > 1).count()
    }

    /// New lines are refused, or made again.
    pub fn refuse(&self, refuses: bool) {
        *self.inner.refuses.lock() = refuses;
    }

    /// Ends all lines at once.
    pub fn cut(&self) {
        self.set(Flow::Cut);
    }

    /// Bytes of all lines wait until [`Self::release`].
    pub fn hold(&self) {
        self.set(Flow::Held);
    }

    /// Bytes of all lines vanish from now on; new lines are good ones.
    pub fn lose(&self) {
        self.set(Flow::Lost);
    }

    /// Held bytes run again.
    pub fn release(&self) {
        for line in &*self.inner.lines.lock() {
            let mut line = line.lock();
            if line.flow == Flow::Held {
                line.flow = Flow::Runs;
            }
            line.wake();
        }
    }

    fn set(&self, flow: Flow) {
        for line in &*self.inner.lines.lock() {
            let mut line = line.lock();
            if line.flow != Flow::Cut {
                line.flow = flow;
            }
            line.wake();
        }
    }
}

impl Control {
    fn wake(&mut self) {
        self.wakers.drain(..).for_each(Waker::wake);
    }
}

/// The client's end of a line.
pub struct Line {
    stream: DuplexStream,
    control: Arc<Mutex<Control>>,
}

impl Line {
    /// How the line flows; where bytes cannot move, the task is woken when that changes.
    fn flow(&self, context: &Context<'_>) -> Flow {
        let mut control = self.control.lock();
        if control.flow != Flow::Cut {
            // Woken when the flow changes, also while bytes run: a reader may wait below for ever otherwise.
            control.wakers.retain(|waker| !waker.will_wake(context.waker()));
            control.wakers.push(context.waker().clone());
        }
        control.flow
    }
}

fn reset() -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.flow(context) {
            Flow::Runs => Pin::new(&mut self.stream).poll_read(context, buffer),
            Flow::Held | Flow::Lost => Poll::Pending,
            Flow::Cut => Poll::Ready(Err(reset())),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.flow(context) {
            Flow::Runs => Pin::new(&mut self.stream).poll_write(context, bytes),
            Flow::Held => Poll::Pending,
            Flow::Lost => Poll::Ready(Ok(bytes.len())),
            Flow::Cut => Poll::Ready(Err(reset())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.flow(context) {
            Flow::Runs => Pin::new(&mut self.stream).poll_flush(context),
            Flow::Held => Poll::Pending,
            Flow::Lost => Poll::Ready(Ok(())),
            Flow::Cut => Poll::Ready(Err(reset())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
