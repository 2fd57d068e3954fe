//! One connection as a state machine without I/O: frames and time go in, frames and findings come out. The owner of the
//! socket feeds it, writes what it says, and never interprets a frame itself.

use std::collections::VecDeque;
use std::time::Duration;

use base::{Error, Kind};

use crate::limits::{FRAME_OUT_MAX, HANDSHAKE_MAX, PENDING_MAX, REQUEST_MAX, SEND_MAX};
use crate::liveness::{Due, Liveness};
use crate::pending::{Pending, Ticket, Waiting};
use crate::wire::envelope::{self, Request, Response};
use crate::wire::frame::{Decoded, Frame};
use crate::wire::text_frame::{self, HandshakeResult, TextFrame};
use crate::wire::{Malformed, compress, errcode, ops, pb, words};

/// What came from the socket.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// A text frame.
    Text(&'a str),
    /// A binary frame.
    Binary(&'a [u8]),
    /// A websocket ping or pong: a sign of life.
    Control,
    /// Time has passed; see [`Session::deadline`].
    Tick,
}

/// What is to be done, in order.
#[derive(Debug)]
pub enum Output {
    /// Write this text frame.
    WriteText(&'static str),
    /// Write this binary frame.
    WriteBinary(Vec<u8>),
    /// The server accepted the login.
    Accepted,
    /// Messages that the server pushed.
    Push(pb::PushMessages),
    /// Somebody one asked about came or went.
    Online(pb::SubUserOnlineStatusTips),
    /// The answer to a request: the protobuf payload still in base64, so that the asker decodes what it expects.
    Answer {
        /// The asker's number for the request.
        ticket: Ticket,
        /// The payload, or why there is none.
        result: Result<Option<String>, Error>,
    },
    /// Something odd was skipped; worth a line, holds nothing of the frame.
    Skipped(Malformed),
    /// The connection is over.
    End(End),
}

/// Why a connection ends by the protocol's own rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The first frame refused the login.
    Refused(HandshakeResult),
    /// 2002: another login took over.
    Kicked,
    /// No first frame, or silence.
    Dead(&'static str),
}

/// The state of one connection, from the upgrade to its end.
///
/// ```
/// use openim_core::session::{End, Input, Output, Session};
/// use std::time::Duration;
///
/// let mut session = Session::new("bot_7", "nonce".to_owned(), false, Duration::ZERO);
/// session.feed(Input::Text(r#"{"errCode":0,"errMsg":"","errDlt":""}"#), Duration::from_secs(1));
/// assert!(matches!(session.poll(), Some(Output::Accepted)));
/// // Without a frame for a while the connection is given up.
/// session.feed(Input::Tick, Duration::from_secs(60));
/// assert!(matches!(session.poll(), Some(Output::End(End::Dead(_)))));
/// ```
#[derive(Debug)]
pub struct Session {
    user_id: String,
    /// Makes `msgIncr` and `operationID` unlike those of any other connection.
    nonce: String,
    gzip: bool,
    accepted: bool,
    handshake_by: Duration,
    liveness: Liveness,
    pending: Pending,
    asked: u64,
    out: VecDeque<Output>,
}

impl Session {
    /// The upgrade has just succeeded. `nonce` is any string no other connection has.
    pub fn new(user_id: &str, nonce: String, gzip: bool, now: Duration) -> Self {
        Self {
            user_id: user_id.to_owned(),
            nonce,
            gzip,
            accepted: false,
            handshake_by: now + HANDSHAKE_MAX,
            liveness: Liveness::new(now),
            pending: Pending::default(),
            asked: 0,
            out: VecDeque::new(),
        }
    }

    /// What to do next; ask until there is none.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When to feed [`Input::Tick`] at the latest.
    pub fn deadline(&self) -> Duration {
        let handshake = (!self.accepted).then_some(self.handshake_by);
        [handshake, self.pending.deadline()].into_iter().flatten().fold(self.liveness.deadline(), Duration::min)
    }

    /// Takes what came from the socket, or the time.
    pub fn feed(&mut self, input: Input<'_>, now: Duration) {
        match input {
            Input::Tick => return self.tick(now),
            Input::Control => {}
            Input::Text(text) => self.on_text(text),
            Input::Binary(bytes) => self.on_frame(Frame::decode(bytes, self.gzip)),
        }
        self.liveness.heard(now);
    }

    /// Takes a binary frame that was decoded elsewhere.
    pub fn feed_frame(&mut self, frame: Frame, now: Duration) {
        self.on_frame(frame);
        self.liveness.heard(now);
    }

    /// Something arrived whose content follows: a sign of life.
    pub const fn heard(&mut self, now: Duration) {
        self.liveness.heard(now);
    }

    /// Whether binary frames are packed.
    pub const fn is_packed(&self) -> bool {
        self.gzip
    }

    /// Asks the server. The answer, a timeout or the connection's end settles `ticket`, exactly once.
    pub fn ask(&mut self, req_identifier: i32, data: String, ticket: Ticket, now: Duration) -> Result<(), Error> {
        if self.pending.len() >= PENDING_MAX {
            return Err(Error::new(Kind::Backpressure, "too many requests wait for the server; wait for some to end"));
        }
        self.asked += 1;
        let msg_incr = format!("{}{}", self.nonce, self.asked);
        let request = Request {
            req_identifier,
            msg_incr: msg_incr.clone(),
            send_id: self.user_id.clone(),
            operation_id: msg_incr.clone(),
            data: Some(data),
        };
        let frame = self.pack(envelope::encode(&request));
        if frame.len() > FRAME_OUT_MAX {
            return Err(Error::new(
                Kind::TooLarge,
                format!(
                    "{} bytes are more than the server takes in one frame ({FRAME_OUT_MAX}); send less at once",
                    frame.len()
                ),
            ));
        }
        self.pending.add(msg_incr, Waiting { ticket, req_identifier }, now + patience(req_identifier));
        self.out.push_back(Output::WriteBinary(frame));
        Ok(())
    }

    /// The socket is gone: settles every request that waits.
    pub fn disconnected(&mut self) {
        for waiting in self.pending.drain() {
            let error = Error::new(Kind::Offline, "the connection was lost before the server answered");
            self.settle(waiting, Err(unless_sent(error, waiting)));
        }
    }

    fn tick(&mut self, now: Duration) {
        while let Some(waiting) = self.pending.expire(now) {
            let seconds = patience(waiting.req_identifier).as_secs();
            let error = Error::new(Kind::Timeout, format!("the server did not answer within {seconds} s"));
            self.settle(waiting, Err(unless_sent(error, waiting)));
        }
        if !self.accepted && now >= self.handshake_by {
            return self.end(End::Dead("the server accepted the connection and then said nothing"));
        }
        match self.liveness.check(now) {
            Due::Nothing => {}
            Due::Heartbeat => self.out.push_back(Output::WriteText(text_frame::PING)),
            Due::Dead => self.end(End::Dead("the server has been silent for too long")),
        }
    }

    fn on_text(&mut self, text: &str) {
        match text_frame::decode(text) {
            TextFrame::Handshake(result) if !self.accepted => self.on_handshake(result),
            TextFrame::Pong | TextFrame::Ping { .. } => {}
            TextFrame::Handshake(_) | TextFrame::Unknown => {
                self.out.push_back(Output::Skipped(Malformed("text frame")));
            }
        }
    }

    fn on_handshake(&mut self, result: HandshakeResult) {
        if result.err_code != 0 {
            return self.end(End::Refused(result));
        }
        self.accepted = true;
        self.out.push_back(Output::Accepted);
    }

    fn on_frame(&mut self, frame: Frame) {
        match frame.0 {
            Ok(Decoded::Push(push)) => self.out.push_back(Output::Push(push)),
            Ok(Decoded::Online(tips)) => self.out.push_back(Output::Online(tips)),
            Ok(Decoded::Response(response)) => self.on_response(response),
            Err(malformed) => self.out.push_back(Output::Skipped(malformed)),
        }
    }

    fn on_response(&mut self, response: Response) {
        if response.req_identifier == ops::KICK_ONLINE_MSG {
            return self.end(End::Kicked);
        }
        // Without a waiting request this is a late answer, or a frame of a kind we do not know: both are nothing.
        if let Some(waiting) = self.pending.answer(&response.msg_incr) {
            self.settle(waiting, outcome(response, waiting));
        }
    }

    fn pack(&self, frame: Vec<u8>) -> Vec<u8> {
        if self.gzip { compress::gzip(&frame) } else { frame }
    }

    fn settle(&mut self, waiting: Waiting, result: Result<Option<String>, Error>) {
        self.out.push_back(Output::Answer { ticket: waiting.ticket, result });
    }

    fn end(&mut self, end: End) {
        self.out.push_back(Output::End(end));
    }
}

/// How long an answer may take. The server serves one request after the other, so a message waits for all before it.
const fn patience(req_identifier: i32) -> Duration {
    if req_identifier == ops::SEND_MSG { SEND_MAX } else { REQUEST_MAX }
}

fn outcome(response: Response, waiting: Waiting) -> Result<Option<String>, Error> {
    if response.err_code == 0 {
        return Ok(response.data);
    }
    let text = match waiting.req_identifier {
        ops::SEND_MSG => "the server refused the message",
        _ => "the server refused the request",
    };
    let kind = errcode::kind(response.err_code);
    let error = Error::new(kind, text).server(response.err_code, words(&response.err_msg));
    // Such an error may have come after the server had taken the message.
    Err(if kind == Kind::Server { unless_sent(error, waiting) } else { error })
}

/// A message that was written may have been delivered, whatever became of its answer.
fn unless_sent(error: Error, waiting: Waiting) -> Error {
    if waiting.req_identifier == ops::SEND_MSG { error.maybe_delivered() } else { error }
}
