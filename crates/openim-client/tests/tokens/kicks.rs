//! Another login takes over: never again with that token, and no war between two clients of one identity.

use std::time::Duration;

use base::{Error, Kind};
use channel::Event;
use channel::status::Phase;
use channel::tokens::RefreshMode;
use openim_client::ManagedTokens;
use openim_client::rest::TokenSource as _;
use tokio::time::sleep;

use crate::support::{Mood, Setup, server};

#[tokio::test(start_paused = true)]
async fn a_kicked_account_begins_a_new_session_with_a_new_token() {
    let server = server();
    let bot = Setup::new(&server).start().await;
    bot.online().await;
    let old = bot.account.tokens().current();
    server.kick("bot", 5);
    bot.until("another login", |bot| bot.server.logins("bot") == 2).await;
    assert_eq!(bot.asked(), ["OnKickedOffline"]);
    assert!(bot.account.tokens().is_kicked(&old) && bot.account.tokens().current() != old);
    assert!(bot.has(|event| matches!(event, Event::Kicked(_))));
    bot.end().await;
}

#[tokio::test(start_paused = true)]
async fn two_clients_of_one_identity_end_after_three_sessions_an_hour() {
    let server = server();
    let one = Setup::new(&server).start().await;
    one.online().await;
    let mut setup = Setup::new(&server);
    setup.name = "elsewhere";
    let other = setup.start().await;
    for _ in 0..3_600 {
        sleep(Duration::from_secs(1)).await;
    }
    // The first sessions, and three each after a kick.
    assert!(server.logins("bot") <= 2 + 3 + 3, "{}", server.logins("bot"));
    assert!(one.asked().len() <= 3 && other.asked().len() <= 3);
    let states = [&one, &other].map(|bot| bot.account.status().state);
    assert!(states.contains(&Phase::Failed), "{states:?}");
    let loser = if states[0] == Phase::Failed { &one } else { &other };
    let status = loser.account.status();
    assert_eq!(status.last_error_code, Some("OPENIM_KICKED"));
    let why = status.last_error.unwrap();
    assert!(why.contains("two clients use one identity") && why.contains("stop the other one"), "{why}");
    one.account.stop().await;
    other.end().await;
}

#[tokio::test(start_paused = true)]
async fn in_mode_off_a_kick_is_final_for_its_token_after_a_restart_too() {
    let server = server();
    let mut setup = Setup::new(&server);
    setup.mode = RefreshMode::Off;
    let (token, store) = (setup.token.clone(), setup.store.clone());
    let bot = setup.start().await;
    bot.online().await;
    server.kick("bot", 5);
    bot.until("the end", |bot| bot.account.status().state == Phase::Failed).await;
    bot.account.stop().await;
    let logins = server.logins("bot");
    let mut again = Setup::with(&server, token, 86_400);
    (again.store, again.mode) = (store, RefreshMode::Off);
    let again = again.start().await;
    again.until("the end", |bot| bot.account.status().state == Phase::Failed).await;
    assert_eq!((server.logins("bot"), again.net.dials()), (logins, 0));
    assert!(again.account.status().last_error.unwrap().contains("issue a new one"));
    again.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_token_that_a_call_was_told_is_kicked_is_not_connected_with_again() {
    let server = server();
    let bot = Setup::new(&server).start().await;
    bot.online().await;
    bot.mood(Mood::Down);
    let source = ManagedTokens(bot.account.tokens().clone());
    source.rejected(&source.current(), &Error::new(Kind::Kicked, "over").server(1_506, "TokenKickedError"));
    sleep(Duration::from_secs(10)).await;
    assert!(bot.account.status().connected, "the connection stands until it is lost");
    server.cut("bot");
    sleep(Duration::from_secs(600)).await;
    assert_eq!((server.logins("bot"), bot.account.status().state), (1, Phase::Recovering));
    bot.hears("meanwhile");
    bot.mood(Mood::Well);
    bot.until("the message", |bot| bot.heard() == ["meanwhile"]).await;
    assert_eq!(server.logins("bot"), 2);
    bot.end().await;
}
