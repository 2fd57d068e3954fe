//! Who is connected, and who watches whose online status.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use openim_core::wire::compress;
use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_util::sync::CancellationToken;

use crate::limits::{SUBSCRIPTIONS_MAX, WRITE_QUEUE};

/// One live connection, as the rest of the server holds it.
pub(crate) struct Connection {
    pub(crate) id: u64,
    pub(crate) user_id: String,
    pub(crate) platform_id: i32,
    pub(crate) token: String,
    pub(crate) gzip: bool,
    queue: mpsc::Sender<Message>,
    /// A push that waits to change places with the next one.
    pub(crate) held: Mutex<Option<Arc<Binary>>>,
    /// While true nothing is read or written.
    pub(crate) held_back: watch::Sender<bool>,
    /// Bytes per fragment of a binary frame; 0 is in one piece.
    fragment: AtomicUsize,
    /// Milliseconds before each frame.
    pause_ms: AtomicU64,
    /// Swallow what comes, write nothing.
    pub(crate) abandoned: CancellationToken,
    /// Write what is queued, then close.
    pub(crate) finish: CancellationToken,
    /// Drop the stream at once.
    pub(crate) cut: CancellationToken,
}

/// The far end of a connection's queue.
pub(crate) type Outgoing = mpsc::Receiver<Message>;

impl Connection {
    /// Returns at once unless the connection is held back, else when it no longer is.
    pub(crate) async fn flowing(&self) {
        // The sender lives in `self`: the wait ends by the value alone.
        let _ = self.held_back.subscribe().wait_for(|held| !held).await;
    }

    /// Returns when the connection is held back.
    pub(crate) async fn held_back(&self) {
        let _ = self.held_back.subscribe().wait_for(|held| *held).await;
    }

    /// Queues a frame. A full queue is the end of the connection: what is queued is still written, this frame is lost.
    pub(crate) fn write(&self, frame: Message) {
        if self.queue.try_send(frame).is_err() {
            self.finish.cancel();
        }
    }

    pub(crate) fn set_fragment(&self, bytes: usize) {
        self.fragment.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn set_pause(&self, pause: Duration) {
        self.pause_ms.store(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// The wait before a frame.
    pub(crate) async fn pause(&self) {
        let ms = self.pause_ms.load(Ordering::Relaxed);
        if ms > 0 {
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
    }

    /// The frame, or its fragments.
    pub(crate) fn pieces(&self, frame: Message) -> Vec<Message> {
        let size = self.fragment.load(Ordering::Relaxed);
        match frame {
            Message::Binary(bytes) if size > 0 && bytes.len() > size => {
                let count = bytes.len().div_ceil(size);
                let piece = |(at, chunk): (usize, &[u8])| {
                    let kind = if at == 0 { Data::Binary } else { Data::Continue };
                    Message::Frame(Frame::message(bytes.slice_ref(chunk), OpCode::Data(kind), at + 1 == count))
                };
                bytes.chunks(size).enumerate().map(piece).collect()
            }
            frame => vec![frame],
        }
    }

    /// Queues a binary frame after a while, unless the connection is gone by then.
    pub(crate) fn write_later(self: &Arc<Self>, after: Duration, frame: Binary) {
        let connection = Arc::clone(self);
        tokio::spawn(async move {
            tokio::select! {
                () = connection.cut.cancelled() => {}
                () = connection.finish.cancelled() => {}
                () = tokio::time::sleep(after) => connection.write_binary(&frame),
            }
        });
    }

    /// Queues a binary frame, packed where the client asked for it.
    pub(crate) fn write_binary(&self, frame: &Binary) {
        self.write(Message::Binary(if self.gzip { frame.packed() } else { frame.plain.clone() }));
    }
}

/// An encoded envelope on its way to any number of connections; it is packed at most once.
pub(crate) struct Binary {
    plain: Bytes,
    packed: std::sync::OnceLock<Bytes>,
}

impl Binary {
    pub(crate) fn new(plain: Vec<u8>) -> Self {
        Self { plain: plain.into(), packed: std::sync::OnceLock::new() }
    }

    fn packed(&self) -> Bytes {
        self.packed.get_or_init(|| compress::gzip(&self.plain).into()).clone()
    }
}

#[derive(Default)]
pub(crate) struct Hub {
    next_id: u64,
    count: usize,
    by_user: HashMap<String, Vec<Arc<Connection>>>,
    /// Connection to the users it watches.
    watched: HashMap<u64, BTreeSet<String>>,
}

impl Hub {
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Connection>> {
        self.by_user.values().flatten()
    }

    /// A connection that is not reachable yet; [`Hub::enter`] makes it so. Ends with `server`.
    pub(crate) fn prepare(
        &mut self,
        asked: &super::handshake::Asked,
        server: &CancellationToken,
    ) -> (Arc<Connection>, Outgoing) {
        self.next_id += 1;
        let (queue, outgoing) = mpsc::channel(WRITE_QUEUE);
        let connection = Connection {
            id: self.next_id,
            user_id: asked.send_id.clone(),
            platform_id: asked.platform_id,
            token: asked.token.clone(),
            gzip: asked.gzip,
            queue,
            held: Mutex::default(),
            held_back: watch::Sender::new(false),
            fragment: AtomicUsize::new(0),
            pause_ms: AtomicU64::new(0),
            abandoned: CancellationToken::new(),
            finish: CancellationToken::new(),
            cut: server.child_token(),
        };
        (Arc::new(connection), outgoing)
    }

    pub(crate) fn enter(&mut self, connection: Arc<Connection>) {
        self.count += 1;
        self.by_user.entry(connection.user_id.clone()).or_default().push(connection);
    }

    /// Whether it was still there.
    pub(crate) fn leave(&mut self, connection: &Connection) -> bool {
        self.watched.remove(&connection.id);
        let Some(all) = self.by_user.get_mut(&connection.user_id) else {
            return false;
        };
        let Some(index) = all.iter().position(|other| other.id == connection.id) else {
            return false;
        };
        all.remove(index);
        if all.is_empty() {
            self.by_user.remove(&connection.user_id);
        }
        self.count -= 1;
        true
    }

    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn of(&self, user_id: &str) -> &[Arc<Connection>] {
        self.by_user.get(user_id).map_or(&[], Vec::as_slice)
    }

    /// The platforms the user is online with, each once, ascending.
    pub(crate) fn platforms(&self, user_id: &str) -> Vec<i32> {
        let set: BTreeSet<i32> = self.of(user_id).iter().map(|connection| connection.platform_id).collect();
        set.into_iter().collect()
    }

    pub(crate) fn watch(&mut self, connection_id: u64, add: &[String], remove: &[String]) {
        let watched = self.watched.entry(connection_id).or_default();
        for user_id in remove {
            watched.remove(user_id);
        }
        let room = SUBSCRIPTIONS_MAX.saturating_sub(watched.len());
        watched.extend(add.iter().take(room).cloned());
    }

    pub(crate) fn watchers<'a>(&'a self, user_id: &'a str) -> impl Iterator<Item = &'a Arc<Connection>> {
        self.all()
            .filter(move |connection| self.watched.get(&connection.id).is_some_and(|users| users.contains(user_id)))
    }
}
