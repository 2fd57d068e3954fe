//! A peer in memory that says the same to every request, in pieces of one size, and hangs up.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(crate) struct Canned {
    answer: Vec<u8>,
    at: usize,
    piece: usize,
    waiting: Option<Waker>,
    is_asked: bool,
}

impl Canned {
    pub(crate) fn new(answer: &[u8], piece: usize) -> Self {
        Self { answer: answer.to_vec(), at: 0, piece: piece.max(1), waiting: None, is_asked: false }
    }
}

impl AsyncRead for Canned {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.is_asked {
            self.waiting = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let len = self.piece.min(into.remaining()).min(self.answer.len() - self.at);
        into.put_slice(&self.answer[self.at..self.at + len]);
        self.at += len;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Canned {
    fn poll_write(mut self: Pin<&mut Self>, _cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.is_asked = true;
        if let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Runs a future to its end on this thread.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime of one thread");
    runtime.block_on(future)
}
