//! A token manager whose every port is in a test's hand. Tokens read `<user>:<iat>:<exp>:<anything>`, in seconds of the test's clock.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use base::{BoxFuture, Clock, RandomSource, Redacted};
use channel::TokenManager;
use channel::tokens::{
    Announce, FetchFailure, Fetched, Inspect, Marker, Reason, RefreshMode, Refresher, Secrets, TokenEvent, TokenSpec,
    TokenStore,
};
use parking_lot::Mutex;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;
use tokio::time::Instant;

pub(crate) const EPOCH_MS: i64 = 1_795_176_000_000;

/// Wall time that follows tokio's, and can be set.
pub(crate) struct TestClock {
    began: Instant,
    moved_ms: AtomicI64,
}

impl TestClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), moved_ms: AtomicI64::new(0) })
    }

    pub(crate) fn jump(&self, by: i64) {
        self.moved_ms.fetch_add(by * 1_000, Ordering::SeqCst);
    }

    /// Seconds since the test began, by the wall clock.
    pub(crate) fn seconds(&self) -> i64 {
        (self.now_ms() - EPOCH_MS) / 1_000
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        let elapsed = i64::try_from(self.began.elapsed().as_millis()).unwrap();
        EPOCH_MS + elapsed + self.moved_ms.load(Ordering::SeqCst)
    }
}

/// Always the middle: no jitter.
pub(crate) struct Middle;

impl RandomSource for Middle {
    fn bits(&self) -> u64 {
        u64::MAX / 2
    }
}

/// Reads the tests' tokens.
pub(crate) struct Reader;

impl Inspect for Reader {
    fn times(&self, token: &str) -> (Option<i64>, Option<i64>) {
        let mut parts = token.split(':').skip(1);
        let mut time = || parts.next().and_then(|part| part.parse::<i64>().ok()).map(|s| EPOCH_MS + s * 1_000);
        (time(), time())
    }

    fn check(&self, token: &str, user: Option<&str>) -> Result<(), String> {
        let claimed = token.split(':').next().filter(|_| token.contains(':'));
        match [user, claimed].into_iter().flatten().find(|id| *id != "bot") {
            Some(other) => Err(format!("the token is \"{other}\"'s")),
            None => Ok(()),
        }
    }
}

/// A refresher that answers from a list, and tells what it was asked. At the end of the list its last answer is repeated.
pub(crate) struct Script {
    answers: Mutex<VecDeque<Result<String, FetchFailure>>>,
    pub(crate) asked: Mutex<Vec<String>>,
    /// What happened, in order, over all ports.
    pub(crate) log: Arc<Mutex<Vec<String>>>,
    pub(crate) gate: Arc<Semaphore>,
    pub(crate) user: Mutex<Option<String>>,
    pub(crate) server_ms: AtomicI64,
    pub(crate) keeps: AtomicUsize,
    /// What comes with each token.
    pub(crate) fields: Mutex<Map<String, Value>>,
    /// What was kept of that, in order.
    pub(crate) kept: Mutex<Vec<Map<String, Value>>>,
    key: AtomicU64,
}

impl Script {
    pub(crate) fn new(answers: Vec<Result<String, FetchFailure>>) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.into()),
            asked: Mutex::default(),
            log: Arc::default(),
            gate: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
            user: Mutex::new(None),
            server_ms: AtomicI64::new(0),
            keeps: AtomicUsize::new(0),
            fields: Mutex::default(),
            kept: Mutex::default(),
            key: AtomicU64::new(0),
        })
    }

    /// How many requests there were.
    pub(crate) fn count(&self) -> usize {
        self.asked.lock().len()
    }

    /// What would be asked next is another request.
    pub(crate) fn change(&self) {
        self.key.fetch_add(1, Ordering::SeqCst);
    }

    /// The next `times` that something is to be kept, it cannot be written.
    pub(crate) fn fail_to_keep(&self, times: usize) {
        self.keeps.store(times, Ordering::SeqCst);
    }
}

impl Refresher for Script {
    fn key<'a>(&'a self, _: &'a str) -> BoxFuture<'a, String> {
        Box::pin(std::future::ready(self.key.load(Ordering::SeqCst).to_string()))
    }

    fn fetch<'a>(&'a self, account: &'a str, reason: &'a Reason) -> BoxFuture<'a, Result<Fetched, FetchFailure>> {
        self.asked.lock().push(format!("{account} {}", reason.words()));
        self.log.lock().push("fetch".into());
        let mut answers = self.answers.lock();
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }.unwrap();
        let server = self.server_ms.load(Ordering::SeqCst);
        let (user_id, keep) = (self.user.lock().clone(), Secrets(self.fields.lock().clone()));
        Box::pin(async move {
            let _open = self.gate.acquire().await.unwrap();
            let token = Redacted::new(answer?);
            Ok(Fetched { token, user_id, keep, server_ms: (server != 0).then_some(server) })
        })
    }

    fn keep<'a>(&'a self, _: &'a str, fetched: &'a Fetched) -> BoxFuture<'a, io::Result<()>> {
        self.log.lock().push("keep".into());
        let left = self.keeps.load(Ordering::SeqCst);
        self.keeps.store(left.saturating_sub(1), Ordering::SeqCst);
        if left == 0 && !fetched.keep.0.is_empty() {
            self.kept.lock().push(fetched.keep.0.clone());
        }
        let kept = if left > 0 { Err(io::Error::other("no space left on device")) } else { Ok(()) };
        Box::pin(std::future::ready(kept))
    }

    fn done<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Vec<String>> {
        self.log.lock().push("done".into());
        Box::pin(std::future::ready(Vec::new()))
    }
}

/// The host's configuration.
pub(crate) struct Host {
    pub(crate) log: Arc<Mutex<Vec<String>>>,
    pub(crate) refuses: bool,
    pub(crate) hangs: bool,
}

impl Announce for Host {
    fn announce<'a>(&'a self, _: &'a str, _: &'a Redacted<String>, user: &'a str) -> BoxFuture<'a, Result<(), String>> {
        self.log.lock().push(format!("announce {user}"));
        Box::pin(async move {
            if self.hangs {
                std::future::pending::<()>().await;
            }
            if self.refuses { Err("the configuration is read-only".into()) } else { Ok(()) }
        })
    }
}

/// A token manager and everything around it.
pub(crate) struct Fixture {
    pub(crate) manager: Arc<TokenManager>,
    pub(crate) script: Arc<Script>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) news: Arc<Mutex<Vec<TokenEvent>>>,
}

pub(crate) struct Setup {
    pub(crate) token: String,
    pub(crate) mode: RefreshMode,
    pub(crate) store: TokenStore,
    pub(crate) script: Arc<Script>,
    pub(crate) announce: Option<Arc<dyn Announce>>,
    pub(crate) marker: Option<Marker>,
    pub(crate) clock: Arc<TestClock>,
}

impl Setup {
    pub(crate) fn new(token: &str, answers: Vec<Result<String, FetchFailure>>) -> Self {
        Self {
            token: token.into(),
            mode: RefreshMode::Http,
            store: TokenStore::default(),
            script: Script::new(answers),
            announce: None,
            marker: None,
            clock: TestClock::new(),
        }
    }

    pub(crate) fn build(self) -> Fixture {
        let spec = TokenSpec {
            account: "support".into(),
            login: "server bot 5".into(),
            server: "http://im:10002".into(),
            user: "bot".into(),
            token: Redacted::new(self.token),
            mode: self.mode,
            refresher: (self.mode != RefreshMode::Off).then(|| self.script.clone() as Arc<dyn Refresher>),
            store: self.store,
            announce: self.announce,
            inspect: Arc::new(Reader),
            marker: self.marker,
            clock: self.clock.clone(),
            random: Arc::new(Middle),
        };
        let manager = TokenManager::new(spec);
        let news: Arc<Mutex<Vec<TokenEvent>>> = Arc::default();
        let (heard, log) = (news.clone(), self.script.log.clone());
        manager.listen(move |one| {
            if matches!(one, TokenEvent::Refreshed { .. }) {
                log.lock().push("swap".into());
            }
            heard.lock().push(one);
        });
        Fixture { manager, script: self.script, clock: self.clock, news }
    }
}

impl Fixture {
    pub(crate) fn new(token: &str, answers: Vec<Result<String, FetchFailure>>) -> Self {
        Setup::new(token, answers).build()
    }

    pub(crate) fn token(&self) -> String {
        self.manager.current().expose().clone()
    }

    pub(crate) fn said(&self, part: &str) -> bool {
        self.news.lock().iter().any(|news| matches!(news, TokenEvent::Note(line) if line.contains(part)))
    }
}

pub(crate) fn transient(why: &str) -> Result<String, FetchFailure> {
    Err(FetchFailure::transient(why))
}

pub(crate) fn ok(token: &str) -> Result<String, FetchFailure> {
    Ok(token.to_owned())
}

pub(crate) fn asked(words: &str) -> Reason {
    Reason::Asked(words.into())
}

pub(crate) async fn seconds(n: u64) {
    tokio::time::sleep(Duration::from_secs(n)).await;
}
