//! One accepted connection: a reader with its deadline, a writer with its queue, and the ways to end it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use openim_core::limits::{FRAME_OUT_MAX, SERVER_READ_DEADLINE};
use openim_core::wire::text_frame::{self, TextFrame};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Instant, interval_at, sleep, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

use super::requests::{self, AcceptedRequest, Next};
use crate::backend::Backend;
use crate::config::ServerVersion;
use crate::connections::connection::{Connection, FrameQueue};
use crate::limits::{LINGER, PING_EVERY};

const PLATFORM_WEB: i32 = 5;

/// Longer messages close the connection with 1009.
pub(crate) fn config() -> WebSocketConfig {
    WebSocketConfig::default().max_message_size(Some(FRAME_OUT_MAX)).max_frame_size(Some(FRAME_OUT_MAX))
}

/// Why a connection ends, which decides how it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client closed the connection.
    ByClient,
    /// The server ends it: kicked, logged out, queue full, silent for too long, or a protocol violation.
    ByServer,
    /// A fault: the connection stays open and leads nowhere.
    HalfOpen,
    /// The server ends it with a websocket close code.
    WithCode(CloseCode),
}

/// Runs a registered connection to its end.
pub(crate) async fn run<S>(
    backend: &Arc<Backend>,
    socket: WebSocketStream<S>,
    connection: &Arc<Connection>,
    queue: FrameQueue,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut sink, mut stream) = socket.split();
    let reading = async {
        let end = read(backend, &mut stream, connection).await;
        backend.change(|state| state.disconnect(connection));
        connection.finish.cancel();
        end
    };
    let both = async { tokio::join!(reading, write(&mut sink, queue, connection)) };
    let end = tokio::select! {
        biased;
        () = connection.cut.cancelled() => None,
        () = connection.half_open.cancelled() => Some(End::HalfOpen),
        (end, ()) = both => Some(end),
    };
    backend.change(|state| state.disconnect(connection));
    if let (Some(end), Ok(socket)) = (end, stream.reunite(sink)) {
        tokio::select! {
            () = connection.cut.cancelled() => {}
            () = close(socket, end) => {}
        }
    }
}

/// Writes one text frame and closes the socket.
pub(crate) async fn refuse<S: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocketStream<S>, text: String) {
    // The client may be gone already.
    let _ = socket.send(Message::text(text)).await;
    close(socket, End::ByServer).await;
}

async fn read<S: AsyncRead + AsyncWrite + Unpin>(
    backend: &Arc<Backend>,
    stream: &mut SplitStream<WebSocketStream<S>>,
    connection: &Arc<Connection>,
) -> End {
    let ignores_pongs = backend.look(|state| state.model.config.like == ServerVersion::V3_8_3);
    let mut heard = Instant::now();
    loop {
        tokio::select! {
            biased;
            () = connection.finish.cancelled() => return End::ByServer,
            () = connection.until_running() => {}
        }
        let next = tokio::select! {
            biased;
            () = connection.finish.cancelled() => return End::ByServer,
            () = connection.until_paused() => {
                heard = Instant::now();
                continue;
            }
            next = timeout_at(heard + SERVER_READ_DEADLINE, stream.next()) => next,
        };
        let next = match next {
            Err(_) => return End::ByServer,
            Ok(None) => return End::ByClient,
            Ok(Some(Err(error))) => return end_after(&error),
            Ok(Some(Ok(message))) => match message {
                Message::Binary(frame) => tokio::select! {
                    biased;
                    () = connection.finish.cancelled() => return End::ByServer,
                    next = serve(backend, connection, frame) => next,
                },
                Message::Text(text) => heartbeat(connection, &text),
                Message::Pong(_) if ignores_pongs => continue,
                // Answered by the websocket layer; a close is followed by the end of the stream.
                Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => Next::Stay,
            },
        };
        if next == Next::Close {
            return End::ByServer;
        }
        // The deadline starts again when a frame has been served; control frames count.
        heard = Instant::now();
    }
}

/// Serves one frame. The requests of a connection are served strictly one by one: until this returns, nothing more is
/// read from it, not even a ping.
async fn serve(backend: &Arc<Backend>, connection: &Arc<Connection>, frame: Bytes) -> Next {
    connection.delay().await;
    connection.until_room().await;
    let request = match backend.change(|state| requests::accept(state, connection, &frame)) {
        Ok(request) => request,
        Err(next) => return next,
    };
    if !request.is_slow() {
        return finish(backend, connection, &request).await;
    }
    // In a task of its own: the request is served even if its connection ends meanwhile.
    let (backend, connection) = (Arc::clone(backend), Arc::clone(connection));
    let tasks = backend.tasks.clone();
    let slow = tasks.spawn(async move {
        tokio::select! {
            () = backend.stop.cancelled() => return Next::Close,
            () = sleep(request.wait_before()) => {}
        }
        finish(&backend, &connection, &request).await
    });
    slow.await.unwrap_or(Next::Close)
}

async fn finish(backend: &Arc<Backend>, connection: &Arc<Connection>, request: &AcceptedRequest) -> Next {
    let served = backend.change(|state| requests::serve(state, connection, request));
    served.withheld.into_iter().for_each(|(after, push)| backend.release_later(after, push));
    if let Some((after, frame)) = served.late_answer {
        sleep(after).await;
        connection.write_frame(&frame);
    }
    served.next
}

fn end_after(error: &Error) -> End {
    match error {
        Error::Capacity(_) => End::WithCode(CloseCode::Size),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => End::ByClient,
        Error::Protocol(_) => End::WithCode(CloseCode::Protocol),
        Error::Utf8(_) => End::ByServer,
        _ => End::ByClient,
    }
}

fn heartbeat(connection: &Connection, text: &str) -> Next {
    match text_frame::decode(text) {
        TextFrame::Ping { body } => connection.write(Message::text(text_frame::pong(&body))),
        TextFrame::Pong => {}
        TextFrame::Handshake(_) | TextFrame::Unknown => return Next::Close,
    }
    Next::Stay
}

/// Writes frames until `finish`, then those still queued. There is no write deadline before that, because a client that
/// does not read only holds up its own connection. After it, such a client gets as much time as it may be silent.
async fn write<S: AsyncRead + AsyncWrite + Unpin>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    queue: FrameQueue,
    connection: &Connection,
) {
    let deadline = async {
        connection.finish.cancelled().await;
        sleep(SERVER_READ_DEADLINE).await;
    };
    tokio::select! {
        biased;
        // If writing fails, reading has ended, too.
        _ = write_all(sink, queue, connection) => {}
        () = deadline => {}
    }
}

async fn write_all<S: AsyncRead + AsyncWrite + Unpin>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    mut queue: FrameQueue,
    connection: &Connection,
) -> Result<(), Error> {
    let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    loop {
        let frame = tokio::select! {
            biased;
            () = connection.finish.cancelled() => break,
            frame = queue.recv() => frame,
            _ = pings.tick(), if connection.platform_id == PLATFORM_WEB => Some(Message::Ping(Bytes::new())),
        };
        let Some(frame) = frame else { break };
        connection.until_running().await;
        send_all(sink, frame, &mut queue, connection).await?;
    }
    queue.close();
    while let Some(frame) = queue.recv().await {
        send_all(sink, frame, &mut queue, connection).await?;
    }
    sink.flush().await
}

/// Writes `frame` and the frames queued behind it, with one flush.
async fn send_all<S: AsyncRead + AsyncWrite + Unpin>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    frame: Message,
    queue: &mut FrameQueue,
    connection: &Connection,
) -> Result<(), Error> {
    feed(sink, frame, connection).await?;
    while let Ok(frame) = queue.try_recv() {
        feed(sink, frame, connection).await?;
    }
    sink.flush().await
}

async fn feed<S: AsyncRead + AsyncWrite + Unpin>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    frame: Message,
    connection: &Connection,
) -> Result<(), Error> {
    connection.delay().await;
    for fragment in connection.fragments(frame) {
        sink.feed(fragment).await?;
    }
    Ok(())
}

/// Ends the stream so that the client still gets what was written. There is no websocket close frame unless there is a
/// code to send.
async fn close<S: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocketStream<S>, end: End) {
    if end == End::HalfOpen {
        discard(socket.get_mut()).await;
        return;
    }
    if let End::WithCode(code) = end {
        let frame = CloseFrame { code, reason: "".into() };
        let _ = timeout(LINGER, socket.send(Message::Close(Some(frame)))).await;
    }
    linger(socket.get_mut(), LINGER).await;
}

async fn linger<S: AsyncRead + AsyncWrite + Unpin>(io: &mut S, at_most: Duration) {
    let _ = timeout(at_most, async {
        if io.shutdown().await.is_err() {
            return;
        }
        discard(io).await;
    })
    .await;
}

/// Reads and ignores everything until the client is gone.
async fn discard<S: AsyncRead + Unpin>(io: &mut S) {
    let mut rest = [0; 4096];
    while matches!(io.read(&mut rest).await, Ok(n) if n > 0) {}
}
