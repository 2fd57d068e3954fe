//! One message of the outbox: what is known of it, and what a look at its conversation shows about it.

use std::time::Duration;

use base::{Error, Kind};

use super::{Accepted, Look, OutboxMessage, Seen};
use crate::limits::{RESEND_AFTER, SEND_MAX, STORED_WITHIN};

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) message: OutboxMessage,
    pub(super) state: State,
    pub(super) give_up_at: Duration,
    /// How often it was written.
    pub(super) writes: u32,
}

#[derive(Debug)]
pub(super) enum State {
    /// To be written.
    Queued,
    /// Written in the connection that stands. The server serves a connection's requests one by one, so the answer is
    /// still to come, however long it takes. It is never written again in this connection.
    Written { look_at: Duration },
    /// Written in a connection that was lost: nobody knows what became of it.
    Unknown { lost_at: Duration, look_at: Duration },
    /// Answered by an error that may have come after the message was stored. It is never written again.
    Doubtful { error: Error, answered_at: Duration, look_at: Duration },
    /// Acknowledged, and to be seen in its conversation.
    Acknowledged { answered_at: Duration, look_at: Duration },
}

/// What follows from a look.
pub(super) enum Finding {
    /// Nothing yet.
    Open,
    /// It is in its conversation.
    Sent(Accepted),
    /// It is certainly not there and may be written again.
    Absent,
    /// It is not there and will not be written again.
    Failed(Error),
}

impl Entry {
    pub(super) fn new(message: OutboxMessage, now: Duration) -> Self {
        Self { message, state: State::Queued, give_up_at: now + SEND_MAX, writes: 0 }
    }

    /// Whether it may be in its conversation, whatever was seen there since.
    pub(super) const fn was_written(&self) -> bool {
        self.writes > 0
    }

    pub(super) const fn is_queued(&self) -> bool {
        matches!(self.state, State::Queued)
    }

    pub(super) const fn is_unknown(&self) -> bool {
        matches!(self.state, State::Unknown { .. })
    }

    pub(super) const fn is_in_flight(&self) -> bool {
        matches!(self.state, State::Written { .. })
    }

    /// When to look for it.
    pub(super) const fn look_at(&self) -> Option<Duration> {
        match self.state {
            State::Written { look_at }
            | State::Unknown { look_at, .. }
            | State::Doubtful { look_at, .. }
            | State::Acknowledged { look_at, .. } => Some(look_at),
            State::Queued => None,
        }
    }

    /// Puts the next look off and returns the sequence number above which to look.
    pub(super) fn put_off(&mut self, until: Duration) -> i64 {
        match &mut self.state {
            State::Written { look_at }
            | State::Unknown { look_at, .. }
            | State::Doubtful { look_at, .. }
            | State::Acknowledged { look_at, .. } => *look_at = until,
            State::Queued => {}
        }
        self.message.above
    }

    /// Judges what a look has shown. That a message was absent when the look began proves something only if the server
    /// had the time to store it before.
    pub(super) fn judge(&self, look: &Look, seen: &Seen) -> Finding {
        if !self.was_written() || self.message.above < look.above {
            return Finding::Open;
        }
        if let Some(accepted) = seen.found.get(&self.message.client_msg_id) {
            return Finding::Sent(accepted.clone());
        }
        match &self.state {
            _ if !seen.complete => Finding::Open,
            State::Unknown { lost_at, .. } if look.began >= *lost_at + RESEND_AFTER => Finding::Absent,
            State::Doubtful { error, answered_at, .. } if look.began >= *answered_at + STORED_WITHIN => {
                Finding::Failed(error.again())
            }
            State::Acknowledged { answered_at, .. } if look.began >= *answered_at + STORED_WITHIN => {
                Finding::Failed(not_stored())
            }
            _ => Finding::Open,
        }
    }

    /// The error of a message that is given up, by what is known of it.
    pub(super) fn given_up(&self, online: bool) -> Error {
        if !self.is_queued() || self.was_written() {
            let text = format!(
                "nobody knows whether the message was delivered, {} s after it was sent; look before sending it again",
                SEND_MAX.as_secs()
            );
            return Error::new(Kind::Timeout, text).maybe_delivered();
        }
        let why = match online {
            true => "the message was not sent: the server has not dealt with an earlier one in the same chat",
            false => "the message was not sent: there is no connection",
        };
        Error::new(Kind::Offline, why)
    }
}

fn not_stored() -> Error {
    let text = format!(
        "the server acknowledged the message and did not store it within {} s; look before sending it again",
        STORED_WITHIN.as_secs()
    );
    Error::new(Kind::Server, text).maybe_delivered().op("send")
}
