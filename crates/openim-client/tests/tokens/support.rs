//! One account on the dev server, and a backend that issues tokens or does not.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base::{Clock, RandomSource, Redacted};
use channel::tokens::{FetchFailure, Fetched, Marker, Reason, RefreshMode, Refresher, TokenSpec, TokenStore};
use channel::{
    Account, AccountSpec, Body, BoxFuture, Event, Ledger, OfflinePolicy, Outgoing, Receipt, Registry, Target,
    TokenManager,
};
use openim_client::{Dialer, Login, OpenIm, Stream, TokenReader};
use parking_lot::Mutex;
use serde_json::json;
use testkit::{Config, FaultyNetwork, Recipient, SeededRandom, Server, TestClock, UserConfig};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

struct LineDialer(FaultyNetwork);

impl Dialer for LineDialer {
    fn dial<'a>(&'a self, _host: &'a str, _port: u16) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move { Ok(Box::new(self.0.dial()?) as Box<dyn Stream>) })
    }
}

/// How the backend is today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    Down,
    /// It does not answer; whoever asks gives up after a while.
    Hangs,
    Rubbish,
    /// It issues a token, and the answer is lost.
    Loses,
    Refuses,
}

/// An operator's backend.
pub(crate) struct Backend {
    server: Server,
    user: String,
    pub(crate) life_s: i64,
    pub(crate) mood: Mutex<Mood>,
    pub(crate) asked: Mutex<Vec<String>>,
}

impl Refresher for Backend {
    fn fetch<'a>(&'a self, _: &'a str, reason: &'a Reason) -> BoxFuture<'a, Result<Fetched, FetchFailure>> {
        self.asked.lock().push(reason.words());
        let mood = *self.mood.lock();
        Box::pin(async move {
            match mood {
                Mood::Well => {
                    let token = Redacted::new(self.server.issue_token_for(&self.user, 5, self.life_s));
                    Ok(Fetched { token, ..Fetched::default() })
                }
                Mood::Loses => {
                    self.server.issue_token_for(&self.user, 5, self.life_s);
                    Err(FetchFailure::transient("the answer was lost"))
                }
                Mood::Down => Err(FetchFailure::transient("the endpoint answered HTTP 500")),
                Mood::Rubbish => Ok(Fetched { token: Redacted::new("not a token".into()), ..Fetched::default() }),
                Mood::Hangs => {
                    sleep(Duration::from_secs(15)).await;
                    Err(FetchFailure::transient("the endpoint did not answer"))
                }
                Mood::Refuses => Err(FetchFailure::Permanent("the refresh token was revoked".into())),
            }
        })
    }
}

pub(crate) fn server() -> Server {
    let users = ["alice", "bot"].map(|id| UserConfig { user_id: id.into(), ..UserConfig::default() });
    let config = Config { users: users.into(), ..Config::default() };
    Server::new(config, Arc::new(TestClock::new()), Arc::new(SeededRandom::new(7))).unwrap()
}

/// What is set up before the account starts.
pub(crate) struct Setup {
    pub(crate) server: Server,
    /// Begins with the setup.
    clock: Arc<TestClock>,
    pub(crate) name: &'static str,
    pub(crate) mode: RefreshMode,
    pub(crate) token: String,
    pub(crate) life_s: i64,
    pub(crate) store: TokenStore,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) marker: Option<Marker>,
}

impl Setup {
    /// A bot whose tokens live ninety days.
    pub(crate) fn new(server: &Server) -> Self {
        Self::living(server, 90 * 86_400)
    }

    pub(crate) fn living(server: &Server, life_s: i64) -> Self {
        Self::with(server, server.issue_token_for("bot", 5, life_s), life_s)
    }

    /// With a token that is there already.
    pub(crate) fn with(server: &Server, token: String, life_s: i64) -> Self {
        Self {
            server: server.clone(),
            clock: Arc::new(TestClock::new()),
            name: "support",
            mode: RefreshMode::Http,
            token,
            life_s,
            store: TokenStore::default(),
            ledger: Arc::new(Ledger::in_memory()),
            registry: Arc::default(),
            marker: None,
        }
    }

    pub(crate) fn marked(mut self, directory: &Path) -> Self {
        self.marker = Some(Marker::new(&directory.join("manual-login.json"), self.name));
        self
    }

    pub(crate) async fn start(self) -> Bot {
        self.start_with(|_| {}).await
    }

    pub(crate) async fn start_with(self, prepare: impl FnOnce(&Backend)) -> Bot {
        let clock: Arc<dyn Clock> = self.clock;
        let random: Arc<dyn RandomSource> = Arc::new(SeededRandom::new(11));
        let raw = json!({"token": self.token, "wsAddr": "ws://s:1", "apiAddr": "http://s:2", "userID": "bot"});
        let login = Login::read(self.name, raw.as_object().unwrap()).unwrap();
        let backend = Arc::new(Backend {
            server: self.server.clone(),
            user: "bot".into(),
            life_s: self.life_s,
            mood: Mutex::new(Mood::Well),
            asked: Mutex::default(),
        });
        prepare(&backend);
        let tokens = TokenManager::new(TokenSpec {
            account: self.name.into(),
            login: "s bot 5".into(),
            server: "http://s:2".into(),
            user: "bot".into(),
            token: login.token.clone(),
            mode: self.mode,
            refresher: (self.mode != RefreshMode::Off).then(|| backend.clone() as Arc<dyn Refresher>),
            store: self.store,
            announce: None,
            inspect: Arc::new(TokenReader::of(&login)),
            marker: self.marker,
            clock: clock.clone(),
            random: random.clone(),
        });
        let net = FaultyNetwork::new(self.server.clone());
        let spec = AccountSpec {
            id: self.name.into(),
            tokens,
            transport: OpenIm::with_dialer(self.name.into(), login, random.clone(), Arc::new(LineDialer(net.clone()))),
            ledger: self.ledger,
            offline_policy: OfflinePolicy::default(),
            clock,
            random,
        };
        let account = Arc::new(Account::start(spec, &self.registry).await.unwrap());
        let events = Arc::<Mutex<Vec<Event>>>::default();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let reader = read(account.clone(), events.clone(), heard.clone());
        Bot { server: self.server, account, backend, net, events, heard, reader }
    }
}

/// Takes everything and acknowledges it.
fn read(account: Arc<Account>, events: Arc<Mutex<Vec<Event>>>, heard: Arc<Mutex<Vec<String>>>) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Some(batch) = account.next_batch().await {
            events.lock().extend(batch.events);
            for delivery in batch.messages {
                heard.lock().push(delivery.message.text.clone());
                account.ack(&[delivery.number]);
            }
        }
    })
}

pub(crate) struct Bot {
    pub(crate) server: Server,
    pub(crate) account: Arc<Account>,
    pub(crate) backend: Arc<Backend>,
    pub(crate) net: FaultyNetwork,
    pub(crate) events: Arc<Mutex<Vec<Event>>>,
    heard: Arc<Mutex<Vec<String>>>,
    reader: JoinHandle<()>,
}

static SENT: AtomicU64 = AtomicU64::new(0);

impl Bot {
    pub(crate) fn mood(&self, mood: Mood) {
        *self.backend.mood.lock() = mood;
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.backend.asked.lock().clone()
    }

    /// Alice writes.
    pub(crate) fn hears(&self, text: &str) {
        self.server.send_as("alice", Recipient::User("bot"), text).unwrap();
    }

    pub(crate) fn send(&self, text: &str) -> BoxFuture<'static, base::Result<Receipt>> {
        let id = format!("m{}", SENT.fetch_add(1, Ordering::Relaxed));
        let (target, body) = (Target::User("alice".into()), Body::Text(text.into()));
        self.account.send(Outgoing { until_stored: true, ..Outgoing::new(target, id, 1, body) })
    }

    /// What the bot has heard, in order.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().clone()
    }

    /// How often each text of the bot is stored.
    pub(crate) fn stored(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for message in self.server.stored("si_alice_bot").iter().filter(|message| message.send_id == "bot") {
            let content: serde_json::Value = serde_json::from_slice(&message.content).unwrap();
            *counts.entry(content["content"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        counts
    }

    /// Waits until it holds, and says how long it took.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) -> Duration {
        let began = Instant::now();
        while !holds(self) {
            assert!(began.elapsed() < Duration::from_secs(7_200), "{what}: {:?}", self.account.status());
            sleep(Duration::from_millis(10)).await;
        }
        began.elapsed()
    }

    pub(crate) async fn online(&self) -> Duration {
        self.until("online", |bot| bot.account.status().state == channel::status::Phase::Online).await
    }

    pub(crate) fn has(&self, wanted: impl Fn(&Event) -> bool) -> bool {
        self.events.lock().iter().any(wanted)
    }

    pub(crate) async fn end(self) {
        self.account.stop().await;
        self.reader.abort();
        self.server.shutdown().await;
    }
}
