//! The account under test, and the connections that it dials.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use base::RandomSource;
use channel::{
    Account, AccountSpec, Batch, Body, BoxFuture, Delivery, Event, Ledger, OfflinePolicy, Outgoing, Registry, Target,
    TokenManager,
};
use openim_client::calls::Calls;
use openim_client::{Dialer, Login, ManagedTokens, OpenIm, Stream};
use serde_json::json;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::{PATIENCE, Peer, TestClock, TestRandom};

struct MemoryDialer(mpsc::Sender<DuplexStream>);

impl Dialer for MemoryDialer {
    fn dial<'a>(&'a self, _host: &'a str, _port: u16) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let (ours, theirs) = tokio::io::duplex(1 << 20);
            self.0.send(theirs).await.map_err(|_| io::Error::from(io::ErrorKind::ConnectionRefused))?;
            Ok(Box::new(ours) as Box<dyn Stream>)
        })
    }
}

/// Both ends of a test: the account under test and the gateway it dials.
pub(crate) struct Rig {
    pub(crate) account: Arc<Account>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) calls: Arc<Calls>,
    dialled: mpsc::Receiver<DuplexStream>,
    began: Instant,
}

pub(crate) fn login(user_id: &str, token: &str, gzip: bool) -> Login {
    let compression = if gzip { "gzip" } else { "" };
    let raw = json!({"token": token, "userID": user_id, "wsAddr": "ws://gateway:10001", "apiAddr": "http://api:10002", "compression": compression});
    Login::read("a", raw.as_object().unwrap()).unwrap()
}

/// An account alone, on a network of the test's own.
pub(crate) async fn start_with_dialer(dialer: Arc<dyn Dialer>) -> Account {
    let random: Arc<dyn RandomSource> = Arc::new(TestRandom::default());
    let login = login("bot_7", "a.b.c", false);
    let clock = Arc::new(TestClock::new());
    let tokens = TokenManager::fixed("a".into(), login.token.clone(), clock.clone(), random.clone());
    let transport = OpenIm::with_dialer("a".into(), login, random.clone(), dialer);
    let ledger = Arc::new(Ledger::in_memory());
    let offline_policy = OfflinePolicy::default();
    let spec = AccountSpec { id: "a".into(), transport, tokens, ledger, offline_policy, clock, random };
    Account::start(spec, &Arc::new(Registry::default())).await.unwrap()
}

impl Rig {
    pub(crate) async fn start() -> Self {
        Self::with_login(login("bot_7", "a.b.c", false)).await
    }

    pub(crate) async fn with_login(login: Login) -> Self {
        Self::try_start("a", login, &Arc::new(Registry::default())).await.unwrap()
    }

    /// Starts the account on a ledger that outlives it.
    pub(crate) async fn on(ledger: &Arc<Ledger>) -> Self {
        Self::with_past(ledger, OfflinePolicy::default()).await
    }

    pub(crate) async fn with_past(ledger: &Arc<Ledger>, offline_policy: OfflinePolicy) -> Self {
        let login = login("bot_7", "a.b.c", false);
        Self::start_on(ledger.clone(), offline_policy, "a", login, &Arc::new(Registry::default())).await.unwrap()
    }

    /// Starts an account of any name beside those of the registry.
    pub(crate) async fn try_start(name: &str, login: Login, registry: &Arc<Registry>) -> base::Result<Self> {
        Self::start_on(Arc::new(Ledger::in_memory()), OfflinePolicy::default(), name, login, registry).await
    }

    async fn start_on(
        ledger: Arc<Ledger>,
        offline_policy: OfflinePolicy,
        name: &str,
        login: Login,
        registry: &Arc<Registry>,
    ) -> base::Result<Self> {
        let (dials, dialled) = mpsc::channel(8);
        let random: Arc<dyn RandomSource> = Arc::new(TestRandom::default());
        let clock = Arc::new(TestClock::new());
        let tokens = TokenManager::fixed(name.into(), login.token.clone(), clock.clone(), random.clone());
        let transport = OpenIm::with_dialer(name.into(), login, random.clone(), Arc::new(MemoryDialer(dials)));
        let calls = Arc::new(transport.calls(Arc::new(ManagedTokens(tokens.clone())))?);
        let spec =
            AccountSpec { id: name.into(), transport, tokens, ledger, offline_policy, clock: clock.clone(), random };
        let account = Arc::new(Account::start(spec, registry).await?);
        Ok(Self { account, clock, calls, dialled, began: Instant::now() })
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// The next connection's bytes, before any handshake.
    pub(crate) async fn dialled(&mut self) -> DuplexStream {
        timeout(PATIENCE, self.dialled.recv()).await.expect("no connection was made").unwrap()
    }

    /// Nobody dials for `wait`.
    pub(crate) async fn stays_away(&mut self, wait: Duration) {
        assert!(timeout(wait, self.dialled.recv()).await.is_err(), "it dialled again");
    }

    /// The next connection, upgraded but without a first frame.
    pub(crate) async fn upgraded(&mut self) -> Peer {
        Peer::accept(self.dialled().await).await
    }

    /// The next connection, accepted.
    pub(crate) async fn accepted(&mut self) -> Peer {
        let mut peer = self.upgraded().await;
        peer.text(r#"{"errCode":0,"errMsg":"","errDlt":""}"#).await;
        peer
    }

    /// The next connection, accepted and synced; its events are taken.
    pub(crate) async fn online(&mut self) -> Peer {
        let mut peer = self.accepted().await;
        peer.sync().await;
        self.account.online().await.unwrap();
        self.event(|event| *event == Event::Synced).await;
        peer
    }

    pub(crate) async fn batch(&self) -> Batch {
        timeout(PATIENCE, self.account.next_batch()).await.expect("no batch came").expect("the account has ended")
    }

    /// Takes batches up to the event; what came before it is dropped.
    pub(crate) async fn event(&self, wanted: impl Fn(&Event) -> bool) -> Event {
        loop {
            if let Some(event) = self.batch().await.events.into_iter().find(&wanted) {
                return event;
            }
        }
    }

    /// The next messages, at least `count`.
    pub(crate) async fn messages(&self, count: usize) -> Vec<Delivery> {
        let mut messages = Vec::new();
        while messages.len() < count {
            messages.extend(self.batch().await.messages);
        }
        messages
    }

    /// All that has happened by the end of the account.
    pub(crate) async fn until_end(&self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(batch) = timeout(PATIENCE, self.account.next_batch()).await.expect("the account does not end") {
            events.extend(batch.events);
        }
        events
    }

    /// Nothing is delivered for `wait`.
    pub(crate) async fn quiet(&self, wait: Duration) {
        let deadline = Instant::now() + wait;
        while let Ok(batch) = tokio::time::timeout_at(deadline, self.account.next_batch()).await {
            assert!(batch.expect("the account has ended").messages.is_empty(), "something was delivered");
        }
    }

    /// Sends a text that counts as sent once it is seen in its conversation.
    pub(crate) fn send_until_stored(&self, to: &str, id: &str, text: &str) -> Sending {
        self.send_with(to, id, text, true)
    }

    /// Sends a text; it is in line when this returns, its outcome comes later.
    pub(crate) fn send(&self, to: &str, id: &str, text: &str) -> Sending {
        self.send_with(to, id, text, false)
    }

    fn send_with(&self, to: &str, id: &str, text: &str, until_stored: bool) -> Sending {
        let body = Body::Text(text.to_owned());
        let target = Target::parse(to).unwrap();
        tokio::spawn(self.account.send(Outgoing { until_stored, ..Outgoing::new(target, id, 1, body) }))
    }
}

type Sending = tokio::task::JoinHandle<base::Result<channel::Receipt>>;
