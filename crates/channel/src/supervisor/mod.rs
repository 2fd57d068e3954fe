//! Keeps one account connected: one connection after the other, by the reconnect schedule, until the account is stopped or
//! ends for good. `renewal.rs` decides what follows a refused token.

mod renewal;
mod supervised;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use base::backoff::Reconnect;
use base::{RandomSource, Redacted, Result};
use tokio_util::sync::CancellationToken;

use self::renewal::{Next, Renewal};
pub(crate) use self::supervised::Supervised;
use crate::account::state::Transition;
use crate::limits::OUTAGE_REFRESH_AFTER;
use crate::tasks;
use crate::tokens::{Reason, TokenManager};
use crate::transport::Ending;

/// The code of a connection that could not be made at all, as clients of the original name it.
const NO_CONNECTION: i32 = 10_000;

/// The supervisor of one account.
pub(crate) struct Supervisor<'a> {
    pub(crate) account: &'a dyn Supervised,
    pub(crate) tokens: &'a Arc<TokenManager>,
    pub(crate) random: &'a dyn RandomSource,
    pub(crate) stop: &'a CancellationToken,
}

impl Supervisor<'_> {
    /// Runs until the account is stopped or ends for good.
    pub(crate) async fn run(&self) {
        tokio::select! {
            biased;
            () = self.keep_connected() => {}
            never = self.tokens.keep() => match never {},
        }
    }

    async fn keep_connected(&self) {
        let renewal = Renewal { account: self.account, tokens: self.tokens, random: self.random, stop: self.stop };
        let mut schedule = Reconnect::default();
        let mut outage = Outage::default();
        let mut attempt = 0;
        if renewal.before_the_first_connection().await == Next::End {
            return;
        }
        while !self.stop.is_cancelled() {
            let next = match renewal.instead_of_connecting().await {
                Some(next) => next,
                None => {
                    attempt += 1;
                    self.account.apply(Transition::Connecting { attempt });
                    let token = self.tokens.current();
                    let ending = self.hold(&token).await;
                    if let Some(since) = self.account.take_online_since() {
                        schedule.online(since);
                        outage = Outage::default();
                        attempt = 0;
                    }
                    self.follow(&renewal, &token, ending, &mut outage).await
                }
            };
            match next {
                Next::End => return,
                Next::AtOnce => {}
                Next::BySchedule => {
                    let wait = schedule.next_wait(self.account.now(), self.random.bits());
                    tokio::select! {
                        biased;
                        () = self.stop.cancelled() => return,
                        () = tokio::time::sleep(wait) => {}
                    }
                }
            }
        }
    }

    /// Holds one connection. It is asked to make room when its token is replaced.
    async fn hold(&self, token: &Redacted<String>) -> Result<Ending> {
        let retire = CancellationToken::new();
        let connecting = self.account.connect(token.clone(), retire.clone());
        let mut connection = pin!(tasks::caught("the connection", connecting));
        tokio::select! {
            biased;
            ending = &mut connection => return ending,
            () = self.tokens.replaced(token) => retire.cancel(),
        }
        connection.await
    }

    /// Decides what follows a connection.
    async fn follow(
        &self,
        renewal: &Renewal<'_>,
        token: &Redacted<String>,
        ending: Result<Ending>,
        outage: &mut Outage,
    ) -> Next {
        match ending {
            Ok(Ending::Stopped) => return Next::End,
            Ok(Ending::Retired) => {
                self.account.apply(Transition::Retired);
                return Next::AtOnce;
            }
            Ok(Ending::Refused(error)) => {
                self.account.apply(Transition::Lost { error: &error, panicked: false });
                self.account.apply(Transition::Failed { error: &error, refusal: None });
                return Next::End;
            }
            Ok(Ending::Kicked(error)) => return renewal.after_refusal(token, &error, true).await,
            Ok(Ending::TokenRejected(error)) => return renewal.after_refusal(token, &error, false).await,
            Ok(Ending::Lost(error)) => {
                self.account.apply(Transition::Lost { error: &error, panicked: false });
                if outage.needs_token(self.account.now()) && self.tokens.can_renew() {
                    outage.has_asked = true;
                    self.ask_for_token(error.err_code().unwrap_or(NO_CONNECTION));
                }
            }
            Err(panic) => self.account.apply(Transition::Lost { error: &panic, panicked: true }),
        }
        Next::BySchedule
    }

    /// Starts a refresh without waiting for it.
    fn ask_for_token(&self, code: i32) {
        let tokens = self.tokens.clone();
        tasks::spawn(async move {
            tokens.refresh(Reason::ConnectFailed(code)).await;
        });
    }
}

/// A time without any connection. If it lasts, a new token is asked for once: perhaps the server no longer answers to this
/// token.
#[derive(Default)]
struct Outage {
    began: Option<Duration>,
    has_asked: bool,
}

impl Outage {
    /// Notes that there is still no connection, and returns whether it is time to ask for a token.
    fn needs_token(&mut self, now: Duration) -> bool {
        let began = *self.began.get_or_insert(now);
        !self.has_asked && now.saturating_sub(began) >= OUTAGE_REFRESH_AFTER
    }
}

#[cfg(test)]
mod tests;
