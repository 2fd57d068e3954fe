//! Keeps one account connected: one connection after the other, by the reconnect schedule, until it is stopped or the
//! server has said never again. What follows a refused token is in `renewal.rs`.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use base::backoff::Reconnect;
use base::{Redacted, Result};

use crate::account::Shared;
use crate::limits::OUTAGE_REFRESH_AFTER;
use crate::renewal::{self, Next};
use crate::tokens::Reason;
use crate::{Ending, Link, tasks};

pub(crate) async fn run(account: &Arc<Shared>) {
    tokio::select! {
        biased;
        () = connections(account) => {}
        never = account.tokens.keep() => match never {},
    }
}

async fn connections(account: &Arc<Shared>) {
    let mut schedule = Reconnect::default();
    let mut outage = Outage::default();
    let mut attempt = 0;
    if renewal::before_the_first_connection(account).await == Next::End {
        return;
    }
    while !account.stop_token().is_cancelled() {
        let next = match renewal::instead_of_connecting(account).await {
            Some(next) => next,
            None => {
                attempt += 1;
                account.connecting(attempt);
                let link = account.link();
                let token = link.token.clone();
                let ending = hold(account, link).await;
                if let Some(since) = account.take_online_since() {
                    schedule.online(since);
                    outage = Outage::default();
                    attempt = 0;
                }
                follow(account, &token, ending, &mut outage).await
            }
        };
        match next {
            Next::End => return,
            Next::AtOnce => {}
            Next::BySchedule => {
                let wait = schedule.next_wait(account.now(), account.random.bits());
                tokio::select! {
                    biased;
                    () = account.stop_token().cancelled() => return,
                    () = tokio::time::sleep(wait) => {}
                }
            }
        }
    }
}

/// What comes after a connection.
async fn follow(account: &Arc<Shared>, token: &Redacted<String>, ending: Result<Ending>, outage: &mut Outage) -> Next {
    match ending {
        Ok(Ending::Stopped) => return Next::End,
        Ok(Ending::Retired) => {
            account.retired();
            return Next::AtOnce;
        }
        Ok(Ending::Kicked(error)) => return renewal::after(account, token, &error, true).await,
        Ok(Ending::TokenRejected(error)) => return renewal::after(account, token, &error, false).await,
        Ok(Ending::Lost(error)) => {
            account.lost(&error, false);
            outage.lasts(account, error.err_code());
        }
        Err(panic) => account.lost(&panic, true),
    }
    Next::BySchedule
}

/// One connection, told to make room when its token is replaced.
async fn hold(account: &Arc<Shared>, link: Link) -> Result<Ending> {
    let (token, retire) = (link.token.clone(), link.retire.clone());
    let mut connection = pin!(tasks::caught("the connection", account.transport.connect(link)));
    tokio::select! {
        biased;
        ending = &mut connection => return ending,
        () = account.tokens.replaced(&token) => retire.cancel(),
    }
    connection.await
}

/// A time without any connection.
#[derive(Default)]
struct Outage {
    began: Option<Duration>,
    asked: bool,
}

impl Outage {
    /// Once in an outage that lasts, a new token is asked for: perhaps it is the token the server does not answer to.
    fn lasts(&mut self, account: &Arc<Shared>, code: Option<i32>) {
        let began = *self.began.get_or_insert(account.now());
        let long = account.now().saturating_sub(began) >= OUTAGE_REFRESH_AFTER;
        if long && !self.asked && account.tokens.can_renew() {
            self.asked = true;
            let tokens = account.tokens.clone();
            let reason = Reason::ConnectFailed(code.unwrap_or(NO_CONNECTION));
            tasks::spawn(async move {
                tokens.refresh(reason).await;
            });
        }
    }
}

/// The code of a connection that could not be made at all, as clients of the original name it.
const NO_CONNECTION: i32 = 10_000;
