//! One live connection, as the rest of the server holds it: the queue of its frames, and the switches of its faults.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as WebSocketFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_util::sync::CancellationToken;

use super::frame::Frame;
use crate::limits::WRITE_QUEUE;
use crate::model::sessions::SessionId;

/// A live connection.
pub(crate) struct Connection {
    pub(crate) id: SessionId,
    pub(crate) user_id: String,
    pub(crate) platform_id: i32,
    /// Frames are compressed in both directions.
    pub(crate) gzip: bool,
    queue: mpsc::Sender<Message>,
    /// A push that will be written after the next one.
    pub(crate) swapped: Mutex<Option<Arc<Frame>>>,
    /// While true nothing is read or written.
    paused: watch::Sender<bool>,
    /// Bytes per fragment of a binary frame; 0 is in one piece.
    fragment: AtomicUsize,
    /// The delay before each frame.
    delay_ms: AtomicU64,
    /// From now on the connection reads and ignores everything, and writes nothing.
    pub(crate) half_open: CancellationToken,
    /// The connection writes the queued frames and closes.
    pub(crate) finish: CancellationToken,
    /// The stream is dropped at once.
    pub(crate) cut: CancellationToken,
}

/// The far end of a connection's queue.
pub(crate) type FrameQueue = mpsc::Receiver<Message>;

impl Connection {
    /// A connection and the far end of its queue. It is cut when `server` is cancelled.
    pub(crate) fn new(
        id: SessionId,
        user_id: &str,
        platform_id: i32,
        gzip: bool,
        server: &CancellationToken,
    ) -> (Self, FrameQueue) {
        let (queue, frames) = mpsc::channel(WRITE_QUEUE);
        let connection = Self {
            id,
            user_id: user_id.into(),
            platform_id,
            gzip,
            queue,
            swapped: Mutex::default(),
            paused: watch::Sender::new(false),
            fragment: AtomicUsize::new(0),
            delay_ms: AtomicU64::new(0),
            half_open: CancellationToken::new(),
            finish: CancellationToken::new(),
            cut: server.child_token(),
        };
        (connection, frames)
    }

    /// Stops or resumes reading and writing.
    pub(crate) fn set_paused(&self, paused: bool) {
        self.paused.send_replace(paused);
    }

    /// Returns when the connection is not paused.
    pub(crate) async fn until_running(&self) {
        // The sender lives in `self`, so the wait ends by the value alone.
        let _ = self.paused.subscribe().wait_for(|paused| !paused).await;
    }

    /// Returns when the connection is paused.
    pub(crate) async fn until_paused(&self) {
        let _ = self.paused.subscribe().wait_for(|paused| *paused).await;
    }

    /// Queues a frame. If the queue is full, this frame is lost, and the connection ends after the queued ones.
    pub(crate) fn write(&self, frame: Message) {
        if self.queue.try_send(frame).is_err() {
            self.finish.cancel();
        }
    }

    /// Returns when the queue has room for an answer and its pushes: a client that asks faster than it reads is not read
    /// from meanwhile.
    pub(crate) async fn until_room(&self) {
        // The queue is closed only when the connection ends.
        let _ = self.queue.reserve_many(WRITE_QUEUE / 4).await;
    }

    /// Binary frames are written in fragments of this size; 0 writes them in one piece.
    pub(crate) fn set_fragment(&self, bytes: usize) {
        self.fragment.store(bytes, Ordering::Relaxed);
    }

    /// The delay before each frame that is read or written.
    pub(crate) fn set_delay(&self, delay: Duration) {
        self.delay_ms.store(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Waits the delay before a frame.
    pub(crate) async fn delay(&self) {
        let ms = self.delay_ms.load(Ordering::Relaxed);
        if ms > 0 {
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
    }

    /// The frame, or its fragments.
    pub(crate) fn fragments(&self, frame: Message) -> Vec<Message> {
        let size = self.fragment.load(Ordering::Relaxed);
        match frame {
            Message::Binary(bytes) if size > 0 && bytes.len() > size => {
                let count = bytes.len().div_ceil(size);
                let piece = |(at, chunk): (usize, &[u8])| {
                    let kind = if at == 0 { Data::Binary } else { Data::Continue };
                    Message::Frame(WebSocketFrame::message(bytes.slice_ref(chunk), OpCode::Data(kind), at + 1 == count))
                };
                bytes.chunks(size).enumerate().map(piece).collect()
            }
            frame => vec![frame],
        }
    }

    /// Queues a binary frame, compressed if the client asked for that.
    pub(crate) fn write_frame(&self, frame: &Frame) {
        self.write(Message::Binary(frame.bytes(self.gzip)));
    }
}
