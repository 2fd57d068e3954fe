//! The steps of an account's life, as the supervisor tells them.

use std::sync::Arc;
use std::time::Duration;

use base::{Error, Kind};

use super::shared::Shared;
use crate::event::Fault;
use crate::status::Phase;
use crate::tokens::TokenEvent;
use crate::{Event, Sink};

impl Shared {
    /// When the connection that has just ended was accepted; none where it never was.
    pub(crate) fn take_online_since(&self) -> Option<Duration> {
        self.state.lock().online_since.take()
    }

    pub(crate) fn connecting(&self, attempt: u32) {
        let mut state = self.state.lock();
        state.status.attempt = attempt;
        state.push_event(Event::Connecting { attempt });
        self.enter(state, Phase::Connecting);
    }

    /// The connection, or the attempt at one, is over; another follows.
    pub(crate) fn lost(&self, error: &Error, panicked: bool) {
        let mut state = self.state.lock();
        state.status.panics += u64::from(panicked);
        let was_connected = self.disconnect(&mut state);
        state.status.remember(error);
        let fault = Fault::from(error);
        state.push_event(if was_connected { Event::Disconnected(fault) } else { Event::ConnectFailed(fault) });
        self.enter(state, Phase::Backoff);
    }

    /// The connection has made room for one with another token.
    pub(crate) fn retired(&self) {
        let mut state = self.state.lock();
        self.disconnect(&mut state);
        self.enter(state, Phase::Connecting);
    }

    /// The server does not take the token; whether there will be another is still open.
    pub(crate) fn refused(&self, error: &Error, event: Event) {
        let mut state = self.state.lock();
        let was_connected = self.disconnect(&mut state);
        state.status.remember(error);
        let fault = Fault::from(error);
        state.push_event(if was_connected { Event::Disconnected(fault) } else { Event::ConnectFailed(fault) });
        state.push_event(event);
        self.enter(state, Phase::Recovering);
    }

    /// Whether the refusal was told already.
    pub(crate) fn is_recovering(&self) -> bool {
        *self.phase.borrow() == Phase::Recovering
    }

    /// Still without a token, and why.
    pub(crate) fn recovering(&self, error: &Error) {
        let mut state = self.state.lock();
        state.status.remember(error);
        self.enter(state, Phase::Recovering);
    }

    /// Something beside the connection was refused for its token; the connection itself still stands.
    pub(crate) fn tell(&self, event: Event) {
        self.state.lock().push_event(event);
        self.wake.notify_one();
    }

    /// Passes on what the keeper tells.
    pub(super) fn hear_of_tokens(self: &Arc<Self>) {
        let account = Arc::downgrade(self);
        self.tokens.listen(move |news| {
            let Some(account) = account.upgrade() else { return };
            match news {
                TokenEvent::Note(line) => Sink::note(&*account, line),
                TokenEvent::Refused(fault) => account.tell(refusal(fault)),
                TokenEvent::Refreshed { expires_at } => account.tell(Event::TokenRefreshed { expires_at }),
            }
        });
    }

    /// The account is over, and why.
    pub(crate) fn failed(&self, error: &Error, event: Option<Event>) {
        let mut state = self.state.lock();
        self.disconnect(&mut state);
        state.status.remember(error);
        state.over = Some(error.again());
        if let Some(event) = event {
            state.push_event(Event::ConnectFailed(Fault::from(error)));
            state.push_event(event);
        }
        self.enter(state, Phase::Failed);
    }

    /// The last word of an account.
    pub(super) fn end(&self) {
        let mut state = self.state.lock();
        self.disconnect(&mut state);
        state.push_event(Event::Stopped);
        // Nothing follows the last event. What was not handed over is not settled and comes in the next run.
        state.unacked.close();
        state.ended = true;
        let last = if state.status.state == Phase::Failed { Phase::Failed } else { Phase::Stopped };
        self.enter(state, last);
        self.tokens.stop();
        self.transport.ended();
        self.ended.cancel();
    }
}

/// A refused token as the event it is.
pub(crate) const fn refusal(fault: Fault) -> Event {
    match fault.kind {
        Kind::Kicked => Event::Kicked(fault),
        Kind::TokenExpired => Event::TokenExpired(fault),
        _ => Event::TokenInvalid(fault),
    }
}
