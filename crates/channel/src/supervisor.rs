//! Keeps one account connected: one connection after the other, by the reconnect schedule, until it is stopped or the
//! server has said never again.

use std::sync::Arc;

use base::backoff::Reconnect;
use base::{Error, Kind};

use crate::account::Shared;
use crate::event::Fault;
use crate::{Ending, Event, tasks};

pub(crate) async fn run(account: &Arc<Shared>) {
    let mut schedule = Reconnect::default();
    let mut attempt = 0;
    while !account.stop_token().is_cancelled() {
        attempt += 1;
        account.connecting(attempt);
        let link = account.link();
        let ending = tasks::caught("the connection", account.transport.connect(link)).await;
        if let Some(since) = account.take_online_since() {
            schedule.online(since);
            attempt = 0;
        }
        match ending {
            Ok(Ending::Stopped) => return,
            Ok(Ending::Lost(error)) => account.lost(&error, false),
            Err(panic) => account.lost(&panic, true),
            Ok(Ending::Kicked(error)) => return account.failed(&error, Event::Kicked(Fault::from(&error))),
            Ok(Ending::TokenRejected(error)) => return account.failed(&error, rejection(&error)),
        }
        let wait = schedule.next_wait(account.now(), account.chance.bits());
        tokio::select! {
            biased;
            () = account.stop_token().cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

fn rejection(error: &Error) -> Event {
    match error.kind() {
        Kind::TokenExpired => Event::TokenExpired(Fault::from(error)),
        _ => Event::TokenInvalid(Fault::from(error)),
    }
}
