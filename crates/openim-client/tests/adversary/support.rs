//! An account on a dev server that a test can turn against it.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, RandomSource};
use channel::{Account, AccountSpec, BoxFuture, Ledger, OfflinePolicy, Registry, TokenManager};
use openim_client::{Dialer, Login, Network, OpenIm, Stream};
use serde_json::json;
use testkit::{Config, FaultyNetwork, Recipient, SeededRandom, Server, TestClock};
use tokio::time::timeout;

/// Longer than anything here takes; under a paused clock it costs nothing.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);
pub(crate) const CHAT: &str = "si_alice_bot_7";

struct LineDialer(FaultyNetwork);

impl Dialer for LineDialer {
    fn dial<'a>(&'a self, _host: &'a str, _port: u16) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move { Ok(Box::new(self.0.dial()?) as Box<dyn Stream>) })
    }
}

pub(crate) struct Rig {
    pub(crate) server: Server,
    pub(crate) net: FaultyNetwork,
    pub(crate) account: Account,
}

pub(crate) fn server() -> Server {
    Server::new(Config::demo(), Arc::new(TestClock::new()), Arc::new(SeededRandom::new(7))).unwrap()
}

impl Rig {
    /// `bot_7`, online, in memory.
    pub(crate) async fn online() -> Self {
        Self::with(server(), "").await
    }

    pub(crate) async fn with(server: Server, compression: &str) -> Self {
        let rig = Self::connecting(server, compression).await;
        rig.account.online().await.unwrap();
        rig
    }

    pub(crate) async fn connecting(server: Server, compression: &str) -> Self {
        let net = FaultyNetwork::new(server.clone());
        let raw = json!({
            "token": server.token("bot_7", 5), "wsAddr": "ws://s:1", "apiAddr": "http://s:2", "compression": compression,
        });
        let login = Login::read("bot_7", raw.as_object().unwrap()).unwrap();
        let account = start(login, Network::over(Arc::new(LineDialer(net.clone())))).await;
        Self { server, net, account }
    }

    /// What is delivered until this text is, acknowledged on the way.
    pub(crate) async fn until(&self, text: &str) -> Vec<String> {
        until(&self.account, text).await
    }

    /// Alice writes, and it comes; what came before it is returned.
    pub(crate) async fn still_hears(&self, text: &str) -> Vec<String> {
        self.server.send_as("alice", Recipient::User("bot_7"), text).unwrap();
        let mut heard = self.until(text).await;
        heard.pop();
        assert_eq!(self.account.status().panics, 0);
        heard
    }
}

pub(crate) async fn start(login: Login, network: Network) -> Account {
    let random: Arc<dyn RandomSource> = Arc::new(SeededRandom::new(11));
    let clock: Arc<dyn Clock> = Arc::new(TestClock::new());
    let tokens = TokenManager::fixed("bot_7".into(), login.token.clone(), clock.clone(), random.clone());
    let transport = OpenIm::new("bot_7".into(), login, network, random.clone());
    let ledger = Arc::new(Ledger::in_memory());
    let spec = AccountSpec {
        id: "bot_7".into(),
        tokens,
        transport,
        ledger,
        offline_policy: OfflinePolicy::default(),
        clock,
        random,
    };
    Account::start(spec, &Arc::new(Registry::default())).await.unwrap()
}

pub(crate) async fn until(account: &Account, text: &str) -> Vec<String> {
    let mut heard = Vec::new();
    while heard.last().is_none_or(|last| last != text) {
        let batch =
            timeout(PATIENCE, account.next_batch()).await.expect("nothing comes").expect("the account has ended");
        account.ack(&batch.messages.iter().map(|delivery| delivery.number).collect::<Vec<_>>());
        heard.extend(batch.messages.iter().map(|delivery| delivery.message.text.clone()));
    }
    heard
}

/// How often each was heard.
pub(crate) fn counted(heard: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for text in heard {
        *counts.entry(text.as_str()).or_default() += 1;
    }
    counts
}
