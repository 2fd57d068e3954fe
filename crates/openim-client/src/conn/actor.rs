//! Owns the socket of one connection: moves frames between it and the [`Session`], writes through a bounded queue of its
//! own so that a server that does not read never keeps us from reading, and settles every request at the end.

use std::collections::HashMap;
use std::time::Duration;

use base::{Error, Kind};
use channel::limits::RETIRE_MAX;
use channel::{Ending, Link};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use openim_core::outbox;
use openim_core::pending::Ticket;
use openim_core::session::{End, Input, Output, Session};
use openim_core::wire::frame::Frame;
use openim_core::wire::pb::{PushMessages, SubUserOnlineStatusTips};
use openim_core::wire::text_frame::HandshakeResult;
use openim_core::wire::{Malformed, errcode, words};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::{self, Bytes, Message};

use super::skipped::Skipped;
use crate::limits::{ACTIVITY_EVERY, WRITE_MAX, WRITE_QUEUE};
use net::Stream;

type Socket = WebSocketStream<Box<dyn Stream>>;
pub(crate) type Answer = Result<Option<String>, Error>;

/// Who hears the answer to a request.
pub(crate) enum Reply {
    Asker(oneshot::Sender<Answer>),
    /// A message of the outbox.
    Outbox(outbox::Ticket),
}

/// A request on its way into the connection.
pub(crate) struct Command {
    pub(crate) req_identifier: i32,
    /// base64 of the protobuf payload.
    pub(crate) data: String,
    pub(crate) reply: Reply,
}

/// What the connection's user does with what arrives.
pub(crate) trait Handler: Send {
    /// The server accepted the login; requests may be made from now on.
    fn accepted(&mut self);
    fn push(&mut self, push: PushMessages);
    fn online(&mut self, tips: SubUserOnlineStatusTips);
    /// The answer to a message of the outbox, or why there is none.
    fn answered(&mut self, ticket: outbox::Ticket, answer: Answer);
    /// The server ended the connection without a reason.
    fn cut(&mut self);
}

/// Holds a connection until it ends.
pub(crate) async fn hold(
    socket: Socket,
    session: Session,
    mut commands: mpsc::Receiver<Command>,
    handler: &mut dyn Handler,
    link: &Link,
    began: Instant,
) -> Ending {
    let (sink, mut stream) = socket.split();
    let (frames, queue) = mpsc::channel(WRITE_QUEUE);
    let mut actor = Actor {
        session,
        frames,
        handler,
        link,
        replies: HashMap::new(),
        asked: 0,
        began,
        active_at: None,
        skipped: Skipped::default(),
    };
    // One frame at a time is decoded on another thread, so that frames stay in order.
    let mut decoding: Option<JoinHandle<Frame>> = None;
    let mut writer = std::pin::pin!(write(sink, queue));
    let mut retire_by: Option<Instant> = None;
    loop {
        // In this order, so that a seed is one story: what is due first, and a flood of frames keeps no request waiting.
        let step = tokio::select! {
            biased;
            () = link.stop.cancelled() => Err(Ending::Stopped),
            error = &mut writer => Err(lost_by(error)),
            () = link.retire.cancelled(), if retire_by.is_none() => {
                retire_by = Some(Instant::now() + RETIRE_MAX);
                Ok(())
            }
            () = sleep_until(retire_by.unwrap_or(began)), if retire_by.is_some() => Err(Ending::Retired),
            () = sleep_until(began + actor.session.deadline()) => actor.feed(Input::Tick),
            Some(command) = commands.recv() => actor.command(command),
            frame = decoded(&mut decoding), if decoding.is_some() => {
                decoding = None;
                actor.feed_frame(frame)
            }
            frame = stream.next(), if decoding.is_none() => actor.read(frame).map(|large| decoding = large),
        };
        // What was asked is answered first, so that nothing is asked twice.
        let step = step.and_then(|()| match retire_by {
            Some(_) if actor.replies.is_empty() && commands.is_empty() => Err(Ending::Retired),
            _ => Ok(()),
        });
        if let Err(ending) = step {
            actor.finish();
            drop(actor);
            close(writer, &mut stream, matches!(ending, Ending::Stopped | Ending::Retired)).await;
            return ending;
        }
    }
}

struct Actor<'a> {
    session: Session,
    frames: mpsc::Sender<Message>,
    handler: &'a mut dyn Handler,
    link: &'a Link,
    replies: HashMap<Ticket, Reply>,
    asked: Ticket,
    began: Instant,
    active_at: Option<Duration>,
    skipped: Skipped,
}

/// The frame that is decoded on another thread.
async fn decoded(decoding: &mut Option<JoinHandle<Frame>>) -> Frame {
    let Some(decoding) = decoding else { return std::future::pending().await };
    match decoding.await {
        Ok(frame) => frame,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The runtime ends.
        Err(_) => std::future::pending().await,
    }
}

impl Actor<'_> {
    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Takes what the socket gave. A large frame is decoded on another thread.
    fn read(
        &mut self,
        frame: Option<Result<Message, tungstenite::Error>>,
    ) -> Result<Option<JoinHandle<Frame>>, Ending> {
        match frame {
            Some(Ok(Message::Text(text))) => self.feed(Input::Text(&text))?,
            Some(Ok(Message::Binary(bytes))) => return self.read_binary(bytes),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => self.feed(Input::Control)?,
            Some(Ok(Message::Close(_) | Message::Frame(_))) => return Err(lost("the server closed the connection")),
            None => {
                self.handler.cut();
                return Err(lost("the server closed the connection"));
            }
            Some(Err(error)) => {
                if matches!(
                    error,
                    tungstenite::Error::Io(_)
                        | tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)
                ) {
                    self.handler.cut();
                }
                return Err(lost_by(error));
            }
        }
        Ok(None)
    }

    fn read_binary(&mut self, bytes: Bytes) -> Result<Option<JoinHandle<Frame>>, Ending> {
        let is_packed = self.session.is_packed();
        match Frame::decode_small(&bytes, is_packed) {
            Some(frame) => self.feed_frame(frame).map(|()| None),
            None => {
                self.session.heard(self.now());
                Ok(Some(spawn_blocking(move || Frame::decode(&bytes, is_packed))))
            }
        }
    }

    fn command(&mut self, command: Command) -> Result<(), Ending> {
        self.asked += 1;
        let now = self.now();
        match self.session.ask(command.req_identifier, command.data, self.asked, now) {
            Ok(()) => {
                self.replies.insert(self.asked, command.reply);
                self.drain()
            }
            Err(error) => {
                self.reply(command.reply, Err(error));
                Ok(())
            }
        }
    }

    fn feed(&mut self, input: Input<'_>) -> Result<(), Ending> {
        let now = self.now();
        self.session.feed(input, now);
        if !matches!(input, Input::Tick) {
            self.report_activity(now);
        }
        self.drain()
    }

    fn feed_frame(&mut self, frame: Frame) -> Result<(), Ending> {
        let now = self.now();
        self.session.feed_frame(frame, now);
        self.report_activity(now);
        self.drain()
    }

    fn report_activity(&mut self, now: Duration) {
        if self.active_at.is_none_or(|at| now >= at + ACTIVITY_EVERY) {
            self.active_at = Some(now);
            self.link.sink.activity();
        }
    }

    fn skip(&mut self, malformed: &Malformed) {
        let now = self.now();
        match self.skipped.count(now) {
            None => {}
            Some(1) => self.link.sink.note(format!("skipped a frame of the server: {malformed}")),
            Some(count) => {
                self.link.sink.note(format!("skipped {count} frames of the server, the last one: {malformed}"));
            }
        }
    }

    /// Does what the session says.
    fn drain(&mut self) -> Result<(), Ending> {
        while let Some(output) = self.session.poll() {
            match output {
                Output::WriteText(text) => self.write(Message::text(text))?,
                Output::WriteBinary(bytes) => self.write(Message::binary(bytes))?,
                Output::Accepted => self.handler.accepted(),
                Output::Push(push) => self.handler.push(push),
                Output::Online(tips) => self.handler.online(tips),
                Output::Answer { ticket, result } => self.settle(ticket, result),
                Output::Skipped(malformed) => self.skip(&malformed),
                // The server throws out the socket of the token that was replaced.
                Output::End(End::Kicked) if self.link.retire.is_cancelled() => return Err(Ending::Retired),
                Output::End(end) => return Err(ending(end)),
            }
        }
        Ok(())
    }

    fn write(&self, message: Message) -> Result<(), Ending> {
        self.frames.try_send(message).map_err(|_| lost("the server does not take what we send"))
    }

    fn settle(&mut self, ticket: Ticket, result: Answer) {
        if let Some(reply) = self.replies.remove(&ticket) {
            self.reply(reply, result);
        }
    }

    fn reply(&mut self, reply: Reply, answer: Answer) {
        match reply {
            // The asker may have gone; nobody else wants to know.
            Reply::Asker(asker) => drop(asker.send(answer)),
            Reply::Outbox(ticket) => self.handler.answered(ticket, answer),
        }
    }

    /// The connection is over: every asker is told.
    fn finish(&mut self) {
        self.session.disconnected();
        while let Some(output) = self.session.poll() {
            if let Output::Answer { ticket, result } = output {
                self.settle(ticket, result);
            }
        }
    }
}

/// Writes what is queued, flushing when the queue is empty; ends when it is closed or with the reason it could not.
async fn write(mut sink: SplitSink<Socket, Message>, mut queue: mpsc::Receiver<Message>) -> tungstenite::Error {
    let result = async {
        while let Some(message) = queue.recv().await {
            sink.feed(message).await?;
            while let Ok(message) = queue.try_recv() {
                sink.feed(message).await?;
            }
            match timeout(WRITE_MAX, sink.flush()).await {
                Ok(flushed) => flushed?,
                Err(_) => return Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()),
            }
        }
        sink.close().await
    };
    result.await.err().unwrap_or(tungstenite::Error::ConnectionClosed)
}

/// Writes the last frames and the close frame, a bounded time; a lost connection is just dropped.
async fn close(writer: impl Future<Output = tungstenite::Error>, stream: &mut SplitStream<Socket>, politely: bool) {
    if politely {
        let ended = async {
            writer.await;
            while stream.next().await.is_some_and(|frame| frame.is_ok()) {}
        };
        let _ = timeout(Duration::from_millis(500), ended).await;
    }
}

fn ending(end: End) -> Ending {
    match end {
        End::Refused(result) => refused(&result),
        End::Kicked => Ending::Kicked(Error::new(
            Kind::Kicked,
            "another login of the same user and platform took over; stop it there, or give this account a token of its own",
        )),
        End::Dead(why) => lost(why),
    }
}

/// What the server's refusal of a login means for the account.
pub(crate) fn refused(result: &HandshakeResult) -> Ending {
    let kind = errcode::kind(result.err_code);
    let text = match kind {
        Kind::TokenExpired => "the token has expired; issue a new one and put it into the configuration",
        Kind::Kicked => "the token was revoked by another login; issue a new one and use it in one place only",
        Kind::TokenInvalid => "the server does not accept the token; issue a new one for this user and platform",
        _ => "the server refused the connection",
    };
    let error = Error::new(kind, text).server(result.err_code, words(&result.err_msg)).op("login");
    match kind {
        _ if !errcode::rejects_token(result.err_code) => Ending::Lost(error),
        Kind::Kicked => Ending::Kicked(error),
        _ => Ending::TokenRejected(error),
    }
}

pub(crate) fn lost(why: &str) -> Ending {
    Ending::Lost(Error::new(Kind::Offline, why))
}

fn lost_by(error: tungstenite::Error) -> Ending {
    let why = match &error {
        tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => "the server closed the connection",
        tungstenite::Error::Capacity(_) => "the server sent a frame larger than any may be",
        tungstenite::Error::Protocol(_) | tungstenite::Error::Utf8(_) => "the server broke the websocket protocol",
        _ => "the connection was lost",
    };
    Ending::Lost(Error::new(Kind::Offline, why).caused_by(error))
}
