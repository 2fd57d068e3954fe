//! A token is replaced while things go on: the connection makes room and another takes its place.

use std::time::Duration;

use base::Redacted;
use channel::Event;
use channel::tokens::{Reason, RefreshOutcome};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::support::{Mood, Setup, server};

#[tokio::test(start_paused = true)]
async fn an_idle_token_is_replaced_before_it_expires() {
    let server = server();
    // Four hours: renewed an hour before the end.
    let bot = Setup::living(&server, 4 * 3_600).start().await;
    bot.online().await;
    sleep(Duration::from_secs(24 * 3_600)).await;
    assert!((7..=9).contains(&bot.asked().len()), "{:?}", bot.asked());
    assert!(bot.asked().iter().all(|reason| reason == "proactive"));
    assert!(
        !bot.has(|event| matches!(event, Event::Disconnected(_) | Event::TokenExpired(_))),
        "{:?}",
        bot.events.lock()
    );
    assert!(bot.has(|event| matches!(event, Event::TokenRefreshed { expires_at: Some(_) })));
    bot.hears("still there?");
    bot.until("the message", |bot| bot.heard() == ["still there?"]).await;
    assert_eq!(server.logins("bot") as usize, bot.asked().len() + 1);
    bot.end().await;
}

#[tokio::test(start_paused = true)]
async fn messages_that_come_while_the_token_is_replaced_come_once_and_in_order() {
    let server = server();
    let bot = Setup::new(&server).start().await;
    bot.online().await;
    sleep(Duration::from_secs(5)).await;
    let mut sent = Vec::new();
    for n in 0..300 {
        let text = n.to_string();
        bot.hears(&text);
        sent.push(text);
        if n % 60 == 30 {
            let keeper = bot.account.tokens().clone();
            tokio::spawn(async move { keeper.refresh(Reason::Asked("test".into())).await });
        }
        sleep(Duration::from_millis(if n % 60 == 59 { 31_000 } else { 7 })).await;
    }
    bot.until("all messages", |bot| bot.heard().len() >= 300).await;
    sleep(Duration::from_secs(30)).await;
    assert_eq!(bot.heard(), sent);
    assert_eq!((bot.asked().len(), server.logins("bot")), (5, 6));
    bot.end().await;
}

#[tokio::test(start_paused = true)]
async fn sends_under_way_while_the_token_is_replaced_arrive_once() {
    let server = server();
    let bot = Setup::new(&server).start().await;
    bot.online().await;
    let mut sends = JoinSet::new();
    for n in 0..100 {
        sends.spawn(bot.send(&format!("answer {n}")));
        if n == 50 {
            let keeper = bot.account.tokens().clone();
            tokio::spawn(async move { keeper.refresh(Reason::Asked("test".into())).await });
        }
        sleep(Duration::from_millis(1)).await;
    }
    let sent = sends.join_all().await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    let stored = bot.stored();
    assert!(stored.len() == 100 && stored.values().all(|count| *count == 1), "{stored:?}");
    assert_eq!(server.logins("bot"), 2);
    bot.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_send_awaiting_its_answer_at_a_renewal_is_settled_once() {
    let server = server();
    let bot = Setup::new(&server).start().await;
    bot.online().await;
    // The server takes the message and says nothing.
    server.hold("bot", true);
    let sending = tokio::spawn(bot.send("are you there?"));
    sleep(Duration::from_millis(100)).await;
    assert_eq!(bot.account.tokens().refresh(Reason::Asked("test".into())).await, RefreshOutcome::Success);
    sending.await.unwrap().unwrap();
    assert_eq!(bot.stored().values().copied().collect::<Vec<_>>(), [1]);
    bot.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_token_near_its_end_is_replaced_before_the_first_connection() {
    let server = server();
    let mut setup = Setup::living(&server, 3_600);
    setup.token = server.issue_token_for("bot", 5, 600);
    sleep(Duration::from_secs(400)).await;
    let bot = setup.start().await;
    bot.online().await;
    assert_eq!((bot.asked(), server.logins("bot")), (vec!["near-expiry".to_owned()], 1));
    bot.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_token_near_its_end_is_used_where_there_is_no_other() {
    let server = server();
    let mut setup = Setup::living(&server, 3_600);
    setup.token = server.issue_token_for("bot", 5, 600);
    sleep(Duration::from_secs(400)).await;
    let bot = setup.start_with(|backend| *backend.mood.lock() = Mood::Down).await;
    bot.online().await;
    assert_eq!(server.logins("bot"), 1);
    bot.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_offered_token_is_taken_live_and_costs_no_message() {
    let server = server();
    let bot = Setup::new(&server).start().await;
    bot.online().await;
    sleep(Duration::from_secs(10)).await;
    bot.hears("before");
    let token = server.issue_token_for("bot", 5, 7 * 86_400);
    bot.account.tokens().offer(&Redacted::new(token)).await;
    bot.hears("between");
    bot.until("another login", |bot| bot.server.logins("bot") == 2).await;
    bot.online().await;
    bot.hears("after");
    bot.until("all", |bot| bot.heard() == ["before", "between", "after"]).await;
    assert!(bot.asked().is_empty());
    bot.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_goes_on_with_the_newest_token() {
    let server = server();
    let first = Setup::new(&server);
    let (configured, store) = (first.token.clone(), first.store.clone());
    let bot = first.start().await;
    bot.online().await;
    sleep(Duration::from_secs(5)).await;
    bot.account.tokens().refresh(Reason::Asked("test".into())).await;
    bot.until("another login", |bot| bot.server.logins("bot") == 2).await;
    bot.account.stop().await;
    let mut second = Setup::with(&server, configured, 86_400);
    second.store = store;
    let again = second.start().await;
    again.online().await;
    assert_eq!((again.asked().len(), server.logins("bot")), (0, 3));
    again.end().await;
}

#[tokio::test(start_paused = true)]
async fn only_a_long_outage_asks_for_a_token_and_only_once() {
    let server = server();
    let bot = Setup::new(&server).start().await;
    bot.online().await;
    sleep(Duration::from_secs(60)).await;
    for _ in 0..5 {
        bot.net.cut();
        sleep(Duration::from_secs(60)).await;
    }
    bot.net.refuse(true);
    bot.net.cut();
    sleep(Duration::from_secs(590)).await;
    assert!(bot.asked().is_empty());
    sleep(Duration::from_secs(3 * 3_600)).await;
    assert_eq!(bot.asked(), ["OnConnectFailed errCode=10000"]);
    bot.net.refuse(false);
    bot.online().await;
    bot.end().await;
}
