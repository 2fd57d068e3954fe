//! The first moments of a connection: pushes reach a user only from the gateway's next note of who is connected.

use std::time::Duration;

use testkit::Recipient;
use tokio::time::sleep;

use crate::support::*;

const ALMOST: Duration = Duration::from_millis(700);

#[tokio::test(start_paused = true)]
async fn messages_of_the_first_second_are_never_pushed() {
    let server = server();
    sleep(Duration::from_millis(150)).await;
    let mut bot = RawClient::connect(&server, "bot_7", WEB).await;
    server.submit(single("alice", "bot_7", "too early")).unwrap();
    sleep(ALMOST).await;
    server.submit(single("alice", "bot_7", "still too early")).unwrap();
    sleep(ALMOST).await;
    bot.assert_nothing_waits().await;
    assert_eq!(server.stored("si_alice_bot_7").len(), 2);
    server.submit(single("alice", "bot_7", "in time")).unwrap();
    assert_eq!(bot.pushed().await.1.seq, 3);
}

#[tokio::test(start_paused = true)]
async fn a_short_reconnect_misses_nothing() {
    let server = server();
    sleep(Duration::from_millis(150)).await;
    let _first = RawClient::connect(&server, "bot_7", WEB).await;
    sleep(Duration::from_secs(2)).await;
    server.cut("bot_7");
    sleep(Duration::from_millis(300)).await;
    let mut again = RawClient::connect(&server, "bot_7", WEB).await;
    server.submit(single("alice", "bot_7", "here again")).unwrap();
    assert_eq!(again.pushed().await.1.seq, 1);
}

#[tokio::test(start_paused = true)]
async fn a_second_connection_gets_pushes_at_once() {
    let server = server();
    let _phone = RawClient::connect(&server, "bot_7", 2).await;
    sleep(Duration::from_secs(2)).await;
    let mut web = RawClient::connect(&server, "bot_7", WEB).await;
    server.submit(single("alice", "bot_7", "to both")).unwrap();
    assert_eq!(web.pushed().await.1.seq, 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_of_a_test_reaches_everybody_who_is_connected() {
    let server = server();
    let mut bot = RawClient::connect(&server, "bot_7", WEB).await;
    server.send_as("alice", Recipient::User("bot_7"), "at once").unwrap();
    assert_eq!(bot.pushed().await.1.seq, 1);
}

#[tokio::test(start_paused = true)]
async fn the_gap_can_be_turned_off() {
    let server = server_with(|config| config.online_tick_ms = 0);
    let mut bot = RawClient::connect(&server, "bot_7", WEB).await;
    server.submit(single("alice", "bot_7", "at once")).unwrap();
    assert_eq!(bot.pushed().await.1.seq, 1);
}
