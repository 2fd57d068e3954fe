//! The life of one accepted connection: a reader with its deadline, a writer with its queue, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use openim_core::limits::{FRAME_OUT_MAX, SERVER_READ_DEADLINE};
use openim_core::wire::text_frame::{self, TextFrame};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Instant, interval_at, sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

use super::hub::{Connection, Outgoing};
use super::requests::{self, Next};
use crate::limits::{LINGER, PING_EVERY};
use crate::server::Shared;

const PLATFORM_WEB: i32 = 5;

/// Longer messages close the connection with 1009.
pub(crate) fn config() -> WebSocketConfig {
    WebSocketConfig::default().max_message_size(Some(FRAME_OUT_MAX)).max_frame_size(Some(FRAME_OUT_MAX))
}

/// Why reading ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The peer is gone or said goodbye.
    Gone,
    /// We are done with it: kicked, logged out, queue full, silent for too long, or it broke the protocol.
    Ours,
    /// Nobody is here any more, but the peer is not told.
    Abandoned,
    /// A websocket close code is due.
    Code(CloseCode),
}

/// Runs a registered connection to its end.
pub(crate) async fn run<S>(
    shared: &Arc<Shared>,
    socket: WebSocketStream<S>,
    connection: &Arc<Connection>,
    queue: Outgoing,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut sink, mut stream) = socket.split();
    let reading = async {
        let end = read(shared, &mut stream, connection).await;
        shared.change(|state| state.unregister(connection));
        connection.finish.cancel();
        end
    };
    let both = async { tokio::join!(reading, write(&mut sink, queue, connection)) };
    let end = tokio::select! {
        biased;
        () = connection.cut.cancelled() => None,
        () = connection.abandoned.cancelled() => Some(End::Abandoned),
        (end, ()) = both => Some(end),
    };
    shared.change(|state| state.unregister(connection));
    if let (Some(end), Ok(socket)) = (end, stream.reunite(sink)) {
        tokio::select! {
            () = connection.cut.cancelled() => {}
            () = part(socket, end) => {}
        }
    }
}

/// Writes one text frame to a socket that gets nothing else, and closes it.
pub(crate) async fn refuse<S: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocketStream<S>, text: String) {
    // The peer may be gone already; there is nobody left to tell.
    let _ = socket.send(Message::text(text)).await;
    part(socket, End::Ours).await;
}

async fn read<S: AsyncRead + AsyncWrite + Unpin>(
    shared: &Arc<Shared>,
    stream: &mut SplitStream<WebSocketStream<S>>,
    connection: &Arc<Connection>,
) -> End {
    loop {
        tokio::select! {
            biased;
            () = connection.finish.cancelled() => return End::Ours,
            () = connection.flowing() => {}
        }
        // The deadline starts anew before every read; control frames count.
        let next = tokio::select! {
            biased;
            () = connection.finish.cancelled() => return End::Ours,
            () = connection.held_back() => continue,
            next = timeout(SERVER_READ_DEADLINE, stream.next()) => next,
        };
        let next = match next {
            Err(_) => return End::Ours,
            Ok(None) => return End::Gone,
            Ok(Some(Err(error))) => return end_of(&error),
            Ok(Some(Ok(message))) => match message {
                Message::Binary(frame) => {
                    connection.pause().await;
                    let served = shared.change(|state| requests::serve(state, connection, &frame));
                    served.later.into_iter().for_each(|(after, push)| shared.later(after, push));
                    served.next
                }
                Message::Text(text) => heartbeat(connection, &text),
                // Answered by the websocket layer; a close is followed by the end of the stream.
                Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => Next::Stay,
            },
        };
        if next == Next::Close {
            return End::Ours;
        }
    }
}

fn end_of(error: &Error) -> End {
    match error {
        Error::Capacity(_) => End::Code(CloseCode::Size),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => End::Gone,
        Error::Protocol(_) => End::Code(CloseCode::Protocol),
        Error::Utf8(_) => End::Ours,
        _ => End::Gone,
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

/// Writes until told to finish, then what is still queued. There is no write deadline before that: a client that does
/// not read holds up its own connection only. After it, such a client has as long as it might be silent.
async fn write<S: AsyncRead + AsyncWrite + Unpin>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    queue: Outgoing,
    connection: &Connection,
) {
    let patience = async {
        connection.finish.cancelled().await;
        sleep(SERVER_READ_DEADLINE).await;
    };
    tokio::select! {
        biased;
        // A socket that takes nothing any more has ended its reader, too.
        _ = write_all(sink, queue, connection) => {}
        () = patience => {}
    }
}

async fn write_all<S: AsyncRead + AsyncWrite + Unpin>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    mut queue: Outgoing,
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
        connection.flowing().await;
        send_all(sink, frame, &mut queue, connection).await?;
    }
    queue.close();
    while let Some(frame) = queue.recv().await {
        send_all(sink, frame, &mut queue, connection).await?;
    }
    sink.flush().await
}

/// `frame` and whatever waits behind it, with one flush.
async fn send_all<S: AsyncRead + AsyncWrite + Unpin>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    frame: Message,
    queue: &mut Outgoing,
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
    connection.pause().await;
    for piece in connection.pieces(frame) {
        sink.feed(piece).await?;
    }
    Ok(())
}

/// Ends the stream so that the peer still gets what was written: no websocket close frame unless a code is due.
async fn part<S: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocketStream<S>, end: End) {
    if end == End::Abandoned {
        swallow(socket.get_mut()).await;
        return;
    }
    if let End::Code(code) = end {
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
        swallow(io).await;
    })
    .await;
}

/// Reads and forgets until the peer is gone.
async fn swallow<S: AsyncRead + Unpin>(io: &mut S) {
    let mut rest = [0; 4096];
    while matches!(io.read(&mut rest).await, Ok(n) if n > 0) {}
}
