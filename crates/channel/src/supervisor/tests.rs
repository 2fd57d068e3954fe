//! The supervisor without an account: a scripted connection below, a list of what it was told above.

use std::collections::VecDeque;

use base::{BoxFuture, Clock, Error, Kind};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::*;
use crate::registry::{Registry, Run};
use crate::tokens::{FetchFailure, Fetched, Opaque, RefreshMode, Refresher, TokenSpec, TokenStore};
use crate::transport::LoginKey;

/// What one connection does.
enum Script {
    /// Ends without having been accepted.
    Ends(Ending),
    /// Is accepted and ends after some seconds.
    Online(u64, Ending),
    /// Is accepted and lasts until it is stopped or retired.
    Lasts,
    Panics,
}

struct FakeAccount {
    started: Instant,
    scripts: Mutex<VecDeque<Script>>,
    online_since: Mutex<Option<Duration>>,
    stop: CancellationToken,
    log: Mutex<Vec<String>>,
    connected_at: Mutex<Vec<Duration>>,
}

impl Supervised for FakeAccount {
    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn connect(&self, token: Redacted<String>, retire: CancellationToken) -> BoxFuture<'_, Ending> {
        self.log.lock().push(format!("connect with {}", token.expose()));
        self.connected_at.lock().push(self.now());
        let script = self.scripts.lock().pop_front().unwrap_or(Script::Lasts);
        Box::pin(async move {
            match script {
                Script::Ends(ending) => ending,
                Script::Online(seconds, ending) => {
                    *self.online_since.lock() = Some(self.now());
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                    ending
                }
                Script::Lasts => {
                    *self.online_since.lock() = Some(self.now());
                    tokio::select! {
                        () = self.stop.cancelled() => Ending::Stopped,
                        () = retire.cancelled() => Ending::Retired,
                    }
                }
                Script::Panics => panic!("boom"),
            }
        })
    }

    fn take_online_since(&self) -> Option<Duration> {
        self.online_since.lock().take()
    }

    fn apply(&self, transition: Transition<'_>) {
        self.log.lock().push(match transition {
            Transition::Connecting { attempt } => format!("connecting {attempt}"),
            Transition::Lost { error, panicked } => format!("lost (panicked: {panicked}): {}", error.message()),
            Transition::Retired => "retired".into(),
            Transition::TokenRefused(error) => format!("refused: {}", error.kind().code()),
            Transition::StillWithoutToken(error) => format!("still without a token: {}", error.message()),
            Transition::Failed { error, .. } => format!("failed: {}", error.message()),
            other => format!("{other:?}"),
        });
    }
}

/// Answers from a list; the last answer is repeated.
struct FakeRefresher {
    answers: Mutex<VecDeque<Result<&'static str, FetchFailure>>>,
    asked: Mutex<Vec<String>>,
}

impl Refresher for FakeRefresher {
    fn fetch<'a>(&'a self, _: &'a str, reason: &'a Reason) -> BoxFuture<'a, Result<Fetched, FetchFailure>> {
        self.asked.lock().push(reason.words());
        let mut answers = self.answers.lock();
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }.unwrap();
        let fetched = answer.map(|token| Fetched { token: Redacted::new(token.into()), ..Fetched::default() });
        Box::pin(std::future::ready(fetched))
    }
}

struct TestClock(Instant);

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        i64::try_from(self.0.elapsed().as_millis()).unwrap()
    }
}

/// Always the middle of what is allowed.
struct Middle;

impl RandomSource for Middle {
    fn bits(&self) -> u64 {
        u64::MAX / 2
    }
}

struct Bench {
    account: Arc<FakeAccount>,
    tokens: Arc<TokenManager>,
    refresher: Arc<FakeRefresher>,
}

impl Bench {
    /// Without answers nobody can be asked for a token.
    fn new(scripts: Vec<Script>, answers: Vec<Result<&'static str, FetchFailure>>) -> Self {
        let can_renew = !answers.is_empty();
        let refresher = Arc::new(FakeRefresher { answers: Mutex::new(answers.into()), asked: Mutex::default() });
        let tokens = TokenManager::new(TokenSpec {
            account: "a".into(),
            login: "login".into(),
            server: "http://im".into(),
            user: "bot".into(),
            token: Redacted::new("t1".into()),
            mode: if can_renew { RefreshMode::Http } else { RefreshMode::Off },
            refresher: can_renew.then(|| refresher.clone() as Arc<dyn Refresher>),
            store: TokenStore::default(),
            announce: None,
            inspect: Arc::new(Opaque),
            marker: None,
            clock: Arc::new(TestClock(Instant::now())),
            random: Arc::new(Middle),
        });
        let account = Arc::new(FakeAccount {
            started: Instant::now(),
            scripts: Mutex::new(scripts.into()),
            online_since: Mutex::default(),
            stop: CancellationToken::new(),
            log: Mutex::default(),
            connected_at: Mutex::default(),
        });
        Self { account, tokens, refresher }
    }

    async fn run(&self) {
        let supervisor =
            Supervisor { account: &*self.account, tokens: &self.tokens, random: &Middle, stop: &self.account.stop };
        supervisor.run().await;
    }

    /// Runs until the account ends by itself, or for so many seconds and then stops it. Returns whether it had to be
    /// stopped.
    async fn run_for(&self, seconds: u64) -> bool {
        let mut run = pin!(self.run());
        if tokio::time::timeout(Duration::from_secs(seconds), &mut run).await.is_ok() {
            return false;
        }
        self.account.stop.cancel();
        tokio::time::timeout(Duration::from_millis(1), run).await.expect("it does not stop");
        true
    }

    fn log(&self) -> Vec<String> {
        self.account.log.lock().clone()
    }
}

fn lost(text: &str) -> Ending {
    Ending::Lost(Error::new(Kind::Offline, text))
}

fn expired() -> Ending {
    Ending::TokenRejected(Error::new(Kind::TokenExpired, "the token has expired"))
}

fn kicked() -> Ending {
    Ending::Kicked(Error::new(Kind::Kicked, "another login took over"))
}

#[tokio::test(start_paused = true)]
async fn a_connection_lasts_until_the_account_is_stopped() {
    let bench = Bench::new(vec![Script::Lasts], vec![]);
    assert!(bench.run_for(3600).await, "it ended by itself");
    assert_eq!(bench.log(), ["connecting 1", "connect with t1"]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_is_retried_after_growing_waits() {
    let scripts = (0..5).map(|_| Script::Ends(lost("no route"))).collect();
    let bench = Bench::new(scripts, vec![]);
    assert!(bench.run_for(3600).await);
    let log = bench.log();
    assert_eq!(log[..3], ["connecting 1", "connect with t1", "lost (panicked: false): no route"]);
    assert_eq!(log[log.len() - 2..], ["connecting 6", "connect with t1"]);
    let at = bench.account.connected_at.lock().clone();
    let waits: Vec<_> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits.iter().all(|wait| !wait.is_zero()) && waits.is_sorted() && waits[0] < waits[4], "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn attempts_count_anew_after_an_accepted_connection() {
    let scripts = vec![Script::Ends(lost("down")), Script::Online(600, lost("reset")), Script::Lasts];
    let bench = Bench::new(scripts, vec![]);
    assert!(bench.run_for(3600).await);
    let attempts: Vec<_> = bench.log().into_iter().filter(|line| line.starts_with("connecting")).collect();
    assert_eq!(attempts, ["connecting 1", "connecting 2", "connecting 1"]);
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_the_wait_for_the_next_attempt() {
    let bench = Bench::new(vec![Script::Ends(lost("down"))], vec![]);
    let stop = bench.account.stop.clone();
    let (_, ()) = tokio::join!(bench.run(), async move {
        tokio::task::yield_now().await;
        stop.cancel();
    });
    assert_eq!(bench.account.now(), Duration::ZERO, "it waited");
    assert_eq!(bench.account.connected_at.lock().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stop_before_the_first_connection_makes_none() {
    let bench = Bench::new(vec![], vec![]);
    bench.account.stop.cancel();
    bench.run().await;
    assert!(bench.log().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_connecting_ends_with_the_connection() {
    let bench = Bench::new(vec![Script::Lasts], vec![]);
    assert!(bench.run_for(0).await);
    assert_eq!(bench.log(), ["connecting 1", "connect with t1"]);
}

#[tokio::test(start_paused = true)]
async fn a_panicking_connection_counts_as_lost() {
    let bench = Bench::new(vec![Script::Panics, Script::Lasts], vec![]);
    assert!(bench.run_for(60).await);
    let log = bench.log();
    assert!(log[2].starts_with("lost (panicked: true): the connection panicked: boom"), "{log:?}");
    assert_eq!(log[3], "connecting 2");
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_ends_an_account_that_cannot_renew_it() {
    let bench = Bench::new(vec![Script::Ends(expired())], vec![]);
    assert!(!bench.run_for(60).await, "it goes on");
    assert_eq!(bench.log()[2..], ["failed: the token has expired"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_renewed_and_the_next_connection_follows_at_once() {
    let bench = Bench::new(vec![Script::Online(600, expired()), Script::Lasts], vec![Ok("t2")]);
    assert!(bench.run_for(700).await);
    assert_eq!(bench.log()[2..], ["refused: OPENIM_TOKEN_EXPIRED", "connecting 1", "connect with t2"]);
    assert_eq!(bench.account.connected_at.lock()[1], Duration::from_secs(600));
    assert_eq!(*bench.refresher.asked.lock(), ["OnUserTokenExpired"]);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_for_now_is_repeated() {
    let answers = vec![Err(FetchFailure::transient("down")), Err(FetchFailure::transient("down")), Ok("t2")];
    let bench = Bench::new(vec![Script::Ends(expired()), Script::Lasts], answers);
    assert!(bench.run_for(3600).await);
    let log = bench.log();
    assert_eq!(log[2], "refused: OPENIM_TOKEN_EXPIRED");
    let still =
        "still without a token: the token has expired, and there is no new one: down (tried again until it comes)";
    assert_eq!(log[3..5], [still, still]);
    assert_eq!(log[log.len() - 1], "connect with t2");
}

#[tokio::test(start_paused = true)]
async fn a_final_refusal_of_the_renewal_ends_the_account() {
    let answers = vec![Err(FetchFailure::Permanent("the account is closed".into()))];
    let bench = Bench::new(vec![Script::Ends(expired())], answers);
    assert!(!bench.run_for(3600).await);
    let why = "failed: the token has expired, and there is no new one: the account is closed";
    assert_eq!(bench.log()[2..], ["refused: OPENIM_TOKEN_EXPIRED", why]);
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_the_wait_for_a_token() {
    let bench = Bench::new(vec![Script::Ends(expired())], vec![Err(FetchFailure::transient("down"))]);
    assert!(bench.run_for(5).await);
}

#[tokio::test(start_paused = true)]
async fn a_kick_ends_an_account_that_cannot_renew_its_token() {
    let bench = Bench::new(vec![Script::Ends(kicked())], vec![]);
    assert!(!bench.run_for(60).await);
    assert_eq!(bench.log()[2..], ["failed: another login took over"]);
    assert!(bench.tokens.is_kicked(&Redacted::new("t1".into())));
}

#[tokio::test(start_paused = true)]
async fn a_kicked_token_is_never_connected_with() {
    let bench = Bench::new(vec![], vec![]);
    bench.tokens.kick(&Redacted::new("t1".into()));
    assert!(!bench.run_for(60).await);
    assert_eq!(bench.log().len(), 1, "{:?}", bench.log());
    assert!(bench.log()[0].starts_with("failed: another login took over from this token before"));
}

#[tokio::test(start_paused = true)]
async fn the_fourth_kick_within_an_hour_ends_the_account() {
    let kicks = (0..4).map(|_| Script::Online(60, kicked())).collect();
    let bench = Bench::new(kicks, vec![Ok("t2"), Ok("t3"), Ok("t4"), Ok("t5")]);
    assert!(!bench.run_for(3600).await);
    let log = bench.log();
    let connects: Vec<_> = log.iter().filter(|line| line.starts_with("connect ")).collect();
    assert_eq!(connects, ["connect with t1", "connect with t2", "connect with t3", "connect with t4"]);
    assert!(log[log.len() - 1].contains("3 times within an hour: two clients use one identity"), "{log:?}");
}

#[tokio::test(start_paused = true)]
async fn a_replaced_token_retires_the_connection() {
    let bench = Bench::new(vec![Script::Lasts, Script::Lasts], vec![]);
    let (tokens, stop) = (bench.tokens.clone(), bench.account.stop.clone());
    tokio::join!(bench.run(), async move {
        tokio::time::sleep(Duration::from_secs(5)).await;
        tokens.offer(&Redacted::new("t2".into())).await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        stop.cancel();
    });
    assert_eq!(bench.log()[2..], ["retired", "connecting 1", "connect with t2"]);
    assert_eq!(bench.account.connected_at.lock()[1], Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_a_replaced_token_is_ignored() {
    // The connection is asked to make room and is refused before it does.
    let bench = Bench::new(vec![Script::Online(10, expired()), Script::Lasts], vec![]);
    let tokens = bench.tokens.clone();
    let (was_stopped, ()) = tokio::join!(bench.run_for(60), async move {
        tokio::time::sleep(Duration::from_secs(5)).await;
        tokens.offer(&Redacted::new("t2".into())).await;
    });
    assert!(was_stopped);
    assert_eq!(bench.log()[2..], ["retired", "connecting 1", "connect with t2"]);
}

#[tokio::test(start_paused = true)]
async fn a_long_outage_asks_for_a_token_once() {
    let scripts = (0..1000).map(|_| Script::Ends(lost("no route"))).collect();
    let bench = Bench::new(scripts, vec![Err(FetchFailure::transient("down"))]);
    assert!(bench.run_for(3 * 3600).await);
    assert_eq!(*bench.refresher.asked.lock(), ["OnConnectFailed errCode=10000"]);
}

#[tokio::test(start_paused = true)]
async fn a_takeover_ends_the_older_run() {
    let registry = Registry::default();
    let bench = Bench::new(vec![Script::Lasts], vec![]);
    let login = LoginKey::new("http://im", "bot", 5);
    let older = Run { stop: bench.account.stop.clone(), ..Run::new("a".into(), login.clone()) };
    let older = Arc::new(older);
    registry.claim(&older).await.unwrap();
    let newer = Arc::new(Run::new("a".into(), login));
    let supervised = async {
        bench.run().await;
        older.ended.cancel();
    };
    let ((), claimed) = tokio::join!(supervised, registry.claim(&newer));
    claimed.unwrap();
    assert_eq!(bench.log(), ["connecting 1", "connect with t1"]);
}
