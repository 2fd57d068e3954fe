//! The server refuses the token: the account waits for another one for as long as it takes, and loses nothing.

use std::time::Duration;

use base::{Error, Kind, Redacted};
use channel::status::Phase;
use channel::tokens::{Reason, RefreshMode};
use channel::{Event, Registry};
use openim_client::ManagedTokens;
use openim_client::rest::TokenSource as _;
use tokio::time::{Instant, sleep};

use crate::support::{Mood, Setup, server};

const EXPIRED: i32 = 1_501;
/// The longest step between two attempts.
const STEP: Duration = Duration::from_secs(123);

#[tokio::test(start_paused = true)]
async fn a_token_that_the_server_calls_expired_is_replaced() {
    let server = server();
    let bot = Setup::new(&server).start().await;
    bot.online().await;
    bot.hears("one");
    bot.until("the first", |bot| bot.heard().len() == 1).await;
    server.refuse_tokens("bot", Some(5), EXPIRED);
    server.cut("bot");
    bot.hears("two");
    bot.until("another login", |bot| bot.server.logins("bot") == 2).await;
    bot.until("both", |bot| bot.heard() == ["one", "two"]).await;
    assert_eq!(bot.asked(), ["OnUserTokenExpired"]);
    assert!(bot.has(|event| matches!(event, Event::TokenExpired(fault) if fault.err_code == EXPIRED)));
    bot.send("an answer").await.unwrap();
    bot.end().await;
}

#[tokio::test(start_paused = true)]
async fn every_code_that_refuses_a_token_is_handled_alike() {
    for (code, words) in [
        (1_501, "OnUserTokenExpired"),
        (1_502, "OnUserTokenInvalid"),
        (1_503, "OnUserTokenInvalid"),
        (1_504, "OnUserTokenInvalid"),
        (1_505, "OnUserTokenInvalid"),
        (1_506, "OnKickedOffline"),
        // The server ends the connection without a word and has forgotten the token: that is how a kick looks whose frame
        // was lost.
        (1_507, "OnKickedOffline"),
    ] {
        let server = server();
        let bot = Setup::new(&server).start().await;
        bot.online().await;
        server.refuse_tokens("bot", Some(5), code);
        server.cut("bot");
        bot.until("another login", |bot| bot.server.logins("bot") == 2).await;
        assert_eq!(bot.asked(), [words], "{code}");
        bot.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_down_for_an_hour_costs_no_message_and_one_step_at_most() {
    for mood in [Mood::Down, Mood::Hangs, Mood::Rubbish, Mood::Loses] {
        let server = server();
        let directory = tempfile::tempdir().unwrap();
        let bot = Setup::new(&server).marked(directory.path()).start().await;
        bot.online().await;
        bot.mood(mood);
        server.refuse_tokens("bot", Some(5), EXPIRED);
        server.cut("bot");
        for n in 0..60 {
            bot.hears(&n.to_string());
            sleep(Duration::from_secs(60)).await;
        }
        let status = bot.account.status();
        assert_eq!((status.state, status.connected), (Phase::Recovering, false));
        let why = status.last_error.unwrap();
        assert!(why.contains("the token has expired, and there is no new one: "), "{why}");
        assert!((30..=121).contains(&bot.asked().len()), "{mood:?}: {}", bot.asked().len());
        assert!(status.tokens.marker.is_some(), "a person is called after ten minutes");
        bot.mood(Mood::Well);
        let back = bot.online().await;
        assert!(back <= STEP, "{mood:?}: {back:?}");
        bot.until("all messages", |bot| bot.heard().len() >= 60).await;
        sleep(Duration::from_secs(10)).await;
        assert_eq!(bot.heard(), (0..60).map(|n| n.to_string()).collect::<Vec<_>>(), "{mood:?}");
        assert!(!directory.path().join("manual-login.support.json").exists(), "the marker is cleared");
        bot.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_send_without_a_token_fails_undispatched_but_not_for_good() {
    let server = server();
    let bot = Setup::new(&server).start().await;
    bot.online().await;
    bot.mood(Mood::Down);
    server.refuse_tokens("bot", Some(5), EXPIRED);
    server.cut("bot");
    sleep(Duration::from_secs(5)).await;
    let error = bot.send("wait for me").await.unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_delivered(), error.is_retryable()), (Kind::Offline, false, true));
    assert!(bot.stored().is_empty());
    bot.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_final_refusal_ends_the_account_with_a_reason_and_a_marker() {
    let server = server();
    let directory = tempfile::tempdir().unwrap();
    let bot = Setup::new(&server).marked(directory.path()).start().await;
    bot.online().await;
    bot.mood(Mood::Refuses);
    server.refuse_tokens("bot", Some(5), EXPIRED);
    server.cut("bot");
    bot.until("the end", |bot| bot.account.status().state == Phase::Failed).await;
    let status = bot.account.status();
    assert_eq!(status.last_error_code, Some("OPENIM_TOKEN_EXPIRED"));
    assert!(status.last_error.unwrap().contains("the refresh token was revoked"));
    let marker = std::fs::read_to_string(directory.path().join("manual-login.support.json")).unwrap();
    let marker: serde_json::Value = serde_json::from_str(&marker).unwrap();
    assert_eq!((&marker["userID"], &marker["retrying"]), (&"bot".into(), &false.into()));
    assert_eq!(bot.asked().len(), 1);
    let told = bot.events.lock().iter().filter(|event| matches!(event, Event::TokenExpired(_))).count();
    assert_eq!(told, 1);
    bot.end().await;
}

#[tokio::test(start_paused = true)]
async fn in_mode_off_a_new_token_restarts_the_account_and_clears_the_marker() {
    let server = server();
    let directory = tempfile::tempdir().unwrap();
    let mut setup = Setup::new(&server).marked(directory.path());
    setup.mode = RefreshMode::Off;
    let (store, ledger, registry) = (setup.store.clone(), setup.ledger.clone(), setup.registry.clone());
    let bot = setup.start().await;
    bot.online().await;
    server.refuse_tokens("bot", Some(5), EXPIRED);
    server.cut("bot");
    bot.until("the end", |bot| bot.account.status().state == Phase::Failed).await;
    let marker = directory.path().join("manual-login.support.json");
    assert_eq!(bot.account.status().tokens.marker.as_deref(), Some(marker.to_str().unwrap()));
    assert!(marker.exists());
    bot.hears("while it is gone");
    bot.account.stop().await;
    // The operator has put another token into the configuration, and the host starts the account again.
    let mut again = Setup::new(&server).marked(directory.path());
    (again.mode, again.store, again.ledger, again.registry) = (RefreshMode::Off, store, ledger, registry);
    let again = again.start().await;
    again.online().await;
    again.until("the message", |bot| bot.heard() == ["while it is gone"]).await;
    again.until("no marker", |_| !marker.exists()).await;
    again.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_token_offered_to_a_waiting_account_is_used_at_once() {
    let server = server();
    let bot = Setup::new(&server).start().await;
    bot.online().await;
    bot.mood(Mood::Down);
    server.refuse_tokens("bot", Some(5), EXPIRED);
    server.cut("bot");
    sleep(Duration::from_secs(600)).await;
    let token = server.issue_token_for("bot", 5, 86_400);
    let offered = Instant::now();
    bot.account.tokens().offer(&Redacted::new(token)).await;
    bot.online().await;
    assert!(offered.elapsed() < Duration::from_secs(2), "{:?}", offered.elapsed());
    bot.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_a_token_is_awaited_ends_the_account_at_once() {
    for (mood, after) in [(Mood::Hangs, 1), (Mood::Hangs, 20), (Mood::Down, 5), (Mood::Down, 300)] {
        let server = server();
        let bot = Setup::new(&server).start().await;
        bot.online().await;
        bot.mood(mood);
        server.refuse_tokens("bot", Some(5), EXPIRED);
        server.cut("bot");
        sleep(Duration::from_secs(after)).await;
        let asked = Instant::now();
        bot.account.stop().await;
        assert!(asked.elapsed() < Duration::from_millis(100), "{mood:?}: {:?}", asked.elapsed());
        let before = bot.asked().len();
        sleep(Duration::from_secs(3_600)).await;
        assert_eq!(bot.asked().len(), before, "nothing is asked after a stop");
        bot.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_renews_the_token_unless_it_used_an_older_one() {
    let server = server();
    let bot = Setup::new(&server).start().await;
    bot.online().await;
    sleep(Duration::from_secs(10)).await;
    let source = ManagedTokens(bot.account.tokens().clone());
    let old = source.current();
    let expired = Error::new(Kind::TokenExpired, "over").server(EXPIRED, "TokenExpiredError");
    source.rejected(&old, &expired);
    assert!(source.renewed(&old).await, "a call waits for the new token and is made again with it");
    bot.until("another login", |bot| bot.server.logins("bot") == 2).await;
    bot.online().await;
    sleep(Duration::from_secs(60)).await;
    source.rejected(&old, &expired);
    sleep(Duration::from_secs(60)).await;
    assert_eq!((bot.asked().len(), server.logins("bot")), (1, 2));
    assert!(!bot.has(|event| matches!(event, Event::Disconnected(_))));
    bot.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_process_killed_before_writing_a_token_asks_for_another() {
    let server = server();
    let first = Setup::new(&server);
    let (token, store, ledger) = (first.token.clone(), first.store.clone(), first.ledger.clone());
    let bot = first.start().await;
    bot.online().await;
    bot.hears("before");
    bot.until("it", |bot| bot.heard().len() == 1).await;
    // The backend has issued a token, which kicked ours, and nobody has seen it.
    bot.mood(Mood::Loses);
    bot.account.tokens().refresh(Reason::Asked("test".into())).await;
    bot.account.stop().await;
    bot.hears("while it is gone");
    let mut second = Setup::with(&server, token, 86_400);
    (second.store, second.ledger) = (store, ledger);
    second.registry = std::sync::Arc::new(Registry::default());
    let again = second.start().await;
    again.until("the message", |bot| bot.heard() == ["while it is gone"]).await;
    again.end().await;
}
