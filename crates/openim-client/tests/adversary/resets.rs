//! Real sockets behind the chaos proxy: resets in the middle of a frame.

use std::sync::Arc;
use std::time::Duration;

use net::Settings;
use openim_client::{Login, Network};
use serde_json::json;
use testkit::{
    ChaosProxy, Config, ConnectionConditions, Direction, Recipient, Server, SystemClock, SystemRandom, UserConfig,
};
use tokio::time::timeout;

use crate::support::{counted, start, until};

/// Longer than the account needs to connect again on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// An account of its own behind a proxy of its own; the line is reset after so many bytes of a pushed message.
async fn reset_after(server: Server, ws: String, api: String, user: String, bytes: u64) {
    let proxy = ChaosProxy::start(0, ws.trim_start_matches("ws://")).await.unwrap();
    let raw = json!({
        "token": server.token(&user, 5), "wsAddr": format!("ws://{}", proxy.address()), "apiAddr": api,
    });
    let login = Login::read(&user, raw.as_object().unwrap()).unwrap();
    let settings = Settings { proxy: Some(String::from("direct").into()), ..Settings::default() };
    let account = start(login, Network::new(&settings).unwrap()).await;
    account.online().await.unwrap();
    server.send_as("alice", Recipient::User(&user), "before").unwrap();
    until(&account, "before").await;

    proxy.set(ConnectionConditions {
        reset_after: Some(bytes),
        direction: Direction::Down,
        times: Some(1),
        ..ConnectionConditions::default()
    });
    server.send_as("alice", Recipient::User(&user), "torn").unwrap();
    let mut heard = until(&account, "torn").await;
    server.send_as("alice", Recipient::User(&user), "after").unwrap();
    heard.extend(until(&account, "after").await);
    assert_eq!(counted(&heard), [("torn", 1), ("after", 1)].into(), "{bytes}");
    let status = account.status();
    assert_eq!((status.reconnects, status.panics, proxy.traffic().accepted), (1, 0, 2), "{bytes}");
    account.stop().await;
    proxy.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_in_the_middle_of_a_frame_loses_and_doubles_nothing() {
    let cuts = [1, 2, 3, 5, 40, 200, 400];
    let users = (0..cuts.len()).map(|n| UserConfig { user_id: format!("bot_{n}"), ..UserConfig::default() });
    let alice = UserConfig { user_id: "alice".into(), ..UserConfig::default() };
    let config = Config { ws_port: 0, api_port: 0, users: users.chain([alice]).collect(), ..Config::default() };
    let server = Server::new(config, Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap();
    let addresses = server.listen().await.unwrap();
    let mut accounts = tokio::task::JoinSet::new();
    for (n, bytes) in cuts.into_iter().enumerate() {
        let addresses = addresses.clone();
        accounts.spawn(reset_after(server.clone(), addresses.ws, addresses.api, format!("bot_{n}"), bytes));
    }
    timeout(PATIENCE, async {
        while let Some(done) = accounts.join_next().await {
            done.unwrap();
        }
    })
    .await
    .expect("an account does not come back");
    server.shutdown().await;
}
