//! Decides what follows when the server refuses a token: a new one, waiting for one, or the end and a note to a person.

use std::sync::Arc;
use std::time::Duration;

use base::{Error, Kind, RandomSource, Redacted};
use tokio_util::sync::CancellationToken;

use super::supervised::Supervised;
use crate::account::state::Transition;
use crate::limits::{KICK_SESSIONS_MAX, MARKER_AFTER};
use crate::tokens::rate_limit::retry_wait;
use crate::tokens::{Reason, RefreshOutcome, SkipReason, TokenManager};

/// What the supervisor does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Connect at once.
    AtOnce,
    /// Wait as long as the reconnect schedule says, then connect.
    BySchedule,
    /// The account has ended.
    End,
}

/// Decides what follows a refused token. The fields are those of the supervisor.
pub(super) struct Renewal<'a> {
    pub(super) account: &'a dyn Supervised,
    pub(super) tokens: &'a Arc<TokenManager>,
    pub(super) random: &'a dyn RandomSource,
    pub(super) stop: &'a CancellationToken,
}

/// One attempt at a new token, judged.
enum Verdict {
    /// There will be no token until a person acts, and why.
    GiveUp(String),
    /// Ask again after this time.
    Wait(Duration),
    /// The manager has stopped or the token is in use: connect by the schedule.
    Connect,
}

impl Renewal<'_> {
    /// Does not connect with a token that was kicked, in an earlier run or as a call beside the connection has learned.
    pub(super) async fn instead_of_connecting(&self) -> Option<Next> {
        let token = self.tokens.current();
        if !self.tokens.is_kicked(&token) {
            return None;
        }
        let text = "another login took over from this token before; issue a new one and use it in one place only";
        let error = Error::new(Kind::Kicked, text).op("login");
        Some(self.renew(&token, &error, Reason::Kicked).await)
    }

    /// Renews a token that is near its end before it is used.
    pub(super) async fn before_the_first_connection(&self) -> Next {
        if self.tokens.is_near_expiry() && self.tokens.can_renew() {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return Next::End,
                // The outcome does not matter: the server decides what the token is worth.
                _ = self.tokens.refresh(Reason::NearExpiry) => {}
            }
        }
        Next::AtOnce
    }

    /// Decides what follows when the server has ended a connection because of its token.
    pub(super) async fn after_refusal(&self, token: &Redacted<String>, error: &Error, is_kick: bool) -> Next {
        // A refusal of a token that was replaced meanwhile means nothing.
        if self.tokens.current() != *token {
            self.account.apply(Transition::Retired);
            return Next::AtOnce;
        }
        let reason = match error.kind() {
            _ if is_kick => Reason::Kicked,
            Kind::TokenExpired => Reason::Expired,
            _ => Reason::Invalid,
        };
        if is_kick && !self.tokens.is_renewing() {
            self.tokens.kick(token);
        } else {
            self.tokens.refuse(token);
        }
        self.renew(token, error, reason).await
    }

    async fn renew(&self, token: &Redacted<String>, error: &Error, reason: Reason) -> Next {
        let is_kick = reason == Reason::Kicked;
        if is_kick && self.tokens.can_renew() && !self.tokens.may_begin_session() {
            return self.give_up(error, too_many_kicks()).await;
        }
        if !self.tokens.can_renew() {
            return self.give_up(error, error.message().to_owned()).await;
        }
        self.account.apply(Transition::TokenRefused(error));
        let began = self.account.now();
        let mut step = 0;
        loop {
            let outcome = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Next::End,
                outcome = self.tokens.refresh(reason.clone()) => outcome,
            };
            if self.tokens.current() != *token {
                if is_kick {
                    self.tokens.session_begins();
                }
                return Next::AtOnce;
            }
            let wait = match self.judge(outcome, error, began, &mut step).await {
                Verdict::Connect => return Next::BySchedule,
                Verdict::GiveUp(why) => return self.give_up(error, why).await,
                Verdict::Wait(wait) => wait,
            };
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return Next::End,
                () = self.tokens.replaced(token) => return Next::AtOnce,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Judges an attempt that brought no other token. `began`: when the token was refused. `step` counts the failures.
    async fn judge(&self, outcome: RefreshOutcome, error: &Error, began: Duration, step: &mut u32) -> Verdict {
        match outcome {
            RefreshOutcome::Success | RefreshOutcome::Skipped(SkipReason::Stopped) => Verdict::Connect,
            RefreshOutcome::Permanent(why) => Verdict::GiveUp(no_token(error, &why)),
            RefreshOutcome::Skipped(SkipReason::Off) => Verdict::GiveUp(error.message().to_owned()),
            RefreshOutcome::Skipped(SkipReason::Latched) => {
                Verdict::GiveUp(no_token(error, "the same request was refused for good before"))
            }
            RefreshOutcome::Skipped(SkipReason::Floor(wait)) => self.judge_last_attempt(error, wait),
            RefreshOutcome::Transient { why, retry_after } => {
                let text = still_trying(error, &why);
                self.account.apply(Transition::StillWithoutToken(&reworded(error, text.clone())));
                self.call_person_after_a_while(began, &text).await;
                *step += 1;
                Verdict::Wait(retry_wait(*step - 1, self.random.bits(), retry_after))
            }
        }
    }

    /// Somebody else has asked a moment ago without success: their outcome counts.
    fn judge_last_attempt(&self, error: &Error, wait: Duration) -> Verdict {
        let facts = self.tokens.facts();
        match (facts.last_outcome, facts.last_error) {
            (Some("permanent"), Some(why)) => return Verdict::GiveUp(no_token(error, &why)),
            (_, Some(why)) => {
                let still = reworded(error, still_trying(error, &why));
                self.account.apply(Transition::StillWithoutToken(&still));
            }
            (_, None) => {}
        }
        Verdict::Wait(wait)
    }

    /// Leaves a note for a person when the account has been without a token for long, although it goes on trying.
    async fn call_person_after_a_while(&self, began: Duration, text: &str) {
        if self.account.now().saturating_sub(began) >= MARKER_AFTER && self.tokens.facts().marker.is_none() {
            self.tokens.call_person(text, true).await;
        }
    }

    async fn give_up(&self, error: &Error, why: String) -> Next {
        self.tokens.call_person(&why, false).await;
        self.tokens.save_guard().await;
        self.account.apply(Transition::Failed { error: &reworded(error, why), refusal: Some(error) });
        Next::End
    }
}

fn too_many_kicks() -> String {
    format!(
        "another login of the same user and platform took over {KICK_SESSIONS_MAX} times within an hour: two clients use one identity; stop the other one, or give this account a user or platform of its own, then start it again"
    )
}

fn still_trying(error: &Error, why: &str) -> String {
    format!("{} (tried again until it comes)", no_token(error, why))
}

fn no_token(error: &Error, why: &str) -> String {
    let what = match error.kind() {
        Kind::TokenExpired => "the token has expired",
        Kind::Kicked => "the token was taken over by another login",
        _ => "the server does not accept the token",
    };
    format!("{what}, and there is no new one: {why}")
}

/// The same failure in other words.
fn reworded(error: &Error, text: String) -> Error {
    let new = Error::new(error.kind(), text);
    let new = match (error.err_code(), error.err_msg()) {
        (Some(code), Some(name)) => new.server(code, name),
        _ => new,
    };
    new.op("login")
}
