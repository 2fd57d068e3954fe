//! What follows when the server refuses a token: another one, a wait for another one, or the end with a word to a person.

use std::sync::Arc;
use std::time::Duration;

use base::{Error, Kind, Redacted};

use crate::account::{Shared, refusal};
use crate::event::Fault;
use crate::limits::{KICK_SESSIONS_MAX, MARKER_AFTER};
use crate::tokens::rate_limit::retry_wait;
use crate::tokens::{Reason, RefreshOutcome, SkipReason};

/// What the supervisor does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    AtOnce,
    BySchedule,
    End,
}

/// A token that was kicked, in an earlier run or as a call beside the connection has learned, is not connected with.
pub(crate) async fn instead_of_connecting(account: &Arc<Shared>) -> Option<Next> {
    let token = account.tokens.current();
    if !account.tokens.is_kicked(&token) {
        return None;
    }
    let text = "another login took over from this token before; issue a new one and use it in one place only";
    let error = Error::new(Kind::Kicked, text).op("login");
    Some(renew(account, &token, &error, Reason::Kicked).await)
}

/// A token that is near its end is renewed before it is used.
pub(crate) async fn before_the_first_connection(account: &Arc<Shared>) -> Next {
    let tokens = &account.tokens;
    if tokens.is_near_expiry() && tokens.can_renew() {
        tokio::select! {
            biased;
            () = account.stop_token().cancelled() => return Next::End,
            // Whatever comes of it: the server decides what the token is worth.
            _ = tokens.refresh(Reason::NearExpiry) => {}
        }
    }
    Next::AtOnce
}

/// The server has ended a connection for its token.
pub(crate) async fn after(account: &Arc<Shared>, token: &Redacted<String>, error: &Error, kicked: bool) -> Next {
    let tokens = &account.tokens;
    // What is said of a token that was replaced meanwhile means nothing.
    if tokens.current() != *token {
        account.retired();
        return Next::AtOnce;
    }
    let reason = match error.kind() {
        _ if kicked => Reason::Kicked,
        Kind::TokenExpired => Reason::Expired,
        _ => Reason::Invalid,
    };
    if kicked && !tokens.is_renewing() {
        tokens.kick(token);
    } else {
        tokens.refuse(token);
    }
    renew(account, token, error, reason).await
}

async fn renew(account: &Arc<Shared>, token: &Redacted<String>, error: &Error, reason: Reason) -> Next {
    let tokens = &account.tokens;
    let kicked = reason == Reason::Kicked;
    if kicked && tokens.can_renew() && !tokens.may_begin_session() {
        let why = format!(
            "another login of the same user and platform took over {KICK_SESSIONS_MAX} times within an hour: two clients use one identity; stop the other one, or give this account a user or platform of its own, then start it again"
        );
        return give_up(account, error, why).await;
    }
    if !tokens.can_renew() {
        return give_up(account, error, error.message().to_owned()).await;
    }
    account.refused(error, refusal(Fault::from(error)));
    let began = account.now();
    let mut step = 0;
    loop {
        let outcome = tokio::select! {
            biased;
            () = account.stop_token().cancelled() => return Next::End,
            outcome = tokens.refresh(reason.clone()) => outcome,
        };
        if tokens.current() != *token {
            if kicked {
                tokens.session_begins();
            }
            return Next::AtOnce;
        }
        let wait = match outcome {
            RefreshOutcome::Success | RefreshOutcome::Skipped(SkipReason::Stopped) => return Next::BySchedule,
            RefreshOutcome::Permanent(why) => return give_up(account, error, no_token(error, &why)).await,
            RefreshOutcome::Skipped(SkipReason::Off) => {
                return give_up(account, error, error.message().to_owned()).await;
            }
            RefreshOutcome::Skipped(SkipReason::Latched) => {
                let why = "the same request was refused for good before";
                return give_up(account, error, no_token(error, why)).await;
            }
            RefreshOutcome::Skipped(SkipReason::Floor(wait)) => {
                // Somebody else has asked a moment ago, in vain.
                let facts = tokens.facts();
                match (facts.last_outcome, facts.last_error) {
                    (Some("permanent"), Some(why)) => return give_up(account, error, no_token(error, &why)).await,
                    (_, Some(why)) => account.recovering(&worded(error, still_trying(error, &why))),
                    (_, None) => {}
                }
                wait
            }
            RefreshOutcome::Transient { why, retry_after } => {
                let text = still_trying(error, &why);
                account.recovering(&worded(error, text.clone()));
                call_after_a_while(account, began, &text).await;
                step += 1;
                retry_wait(step - 1, account.random.bits(), retry_after)
            }
        };
        tokio::select! {
            biased;
            () = account.stop_token().cancelled() => return Next::End,
            () = tokens.replaced(token) => return Next::AtOnce,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Whoever reads markers hears of an account that has been without a token for long, although it goes on.
async fn call_after_a_while(account: &Arc<Shared>, began: Duration, text: &str) {
    if account.now().saturating_sub(began) >= MARKER_AFTER && account.tokens.facts().marker.is_none() {
        account.tokens.call_person(text, true).await;
    }
}

async fn give_up(account: &Arc<Shared>, error: &Error, why: String) -> Next {
    let tokens = &account.tokens;
    tokens.call_person(&why, false).await;
    tokens.save_guard().await;
    let event = (!account.is_recovering()).then(|| refusal(Fault::from(error)));
    account.failed(&worded(error, why), event);
    Next::End
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
fn worded(error: &Error, text: String) -> Error {
    let new = Error::new(error.kind(), text);
    let new = match (error.err_code(), error.err_msg()) {
        (Some(code), Some(name)) => new.server(code, name),
        _ => new,
    };
    new.op("login")
}
