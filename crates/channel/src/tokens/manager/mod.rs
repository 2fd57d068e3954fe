//! The token manager of one account: what it knows, and what can be asked of it. `refresh.rs` fetches a new token,
//! `restore.rs` decides which token counts, `schedule.rs` waits for the time to refresh.

mod refresh;
mod restore;
mod schedule;

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base::{AccountId, Clock, RandomSource, Redacted};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::watch as signal;

pub use self::restore::Offered;
use super::RefreshMode;
use super::rate_limit::RefreshGuard;
use super::status_file::{Marker, Notice};
use super::store::{TokenRecord, TokenStore};
use super::times::{Life, ms};
use super::traits::{Announce, Fetched, Inspect, Opaque, Reason, Refresher};
use crate::event::Fault;
use crate::limits::CLOCK_SKEW_NOTED;
use crate::{fingerprint, tasks};

/// What a token manager is made of.
pub struct TokenSpec {
    /// The account's name in the configuration.
    pub account: AccountId,
    /// Whose token it is: server, user, platform.
    pub login: String,
    /// The server's address, for messages.
    pub server: String,
    /// The user the token is for.
    pub user: String,
    /// From the configuration.
    pub token: Redacted<String>,
    /// Where new tokens come from.
    pub mode: RefreshMode,
    /// Fetches tokens, if anything does.
    pub refresher: Option<Arc<dyn Refresher>>,
    /// Where records are kept.
    pub store: TokenStore,
    /// Puts new tokens into the configuration.
    pub announce: Option<Arc<dyn Announce>>,
    /// Reads tokens.
    pub inspect: Arc<dyn Inspect>,
    /// The manual-login marker.
    pub marker: Option<Marker>,
    /// Wall-clock time.
    pub clock: Arc<dyn Clock>,
    /// Random bits for jitter.
    pub random: Arc<dyn RandomSource>,
}

/// How an attempt at a new token ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefreshOutcome {
    /// Another token is in use.
    Success,
    /// There will be no token until a person has acted.
    Permanent(String),
    /// Worth trying again.
    Transient {
        /// One sentence.
        why: String,
        /// The wait that the endpoint asked for.
        retry_after: Option<Duration>,
    },
    /// Nothing was asked.
    Skipped(SkipReason),
}

/// Why nothing was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkipReason {
    /// The manager has stopped.
    Stopped,
    /// RefreshMode `off`, or nobody to ask.
    Off,
    /// The same request was refused for good.
    Latched,
    /// The last attempt was a moment ago; how long to wait.
    Floor(Duration),
}

/// What the manager reports by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenEvent {
    /// A line for the operator, without anything secret.
    Note(String),
    /// A call beside the connection was refused for the token.
    Refused(Fault),
    /// A new token is in use.
    Refreshed {
        /// When it ends, Unix milliseconds, if known.
        expires_at: Option<i64>,
    },
}

/// What is known about an account's token, without the token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenFacts {
    /// Where new tokens come from.
    pub mode: &'static str,
    /// When the token was issued.
    pub issued_at: Option<i64>,
    /// When it ends.
    pub expires_at: Option<i64>,
    /// When it is to be renewed.
    pub renew_at: Option<i64>,
    /// Refreshes that succeeded.
    pub refreshes: u64,
    /// Refreshes that failed.
    pub failures: u64,
    /// When the last refresh ended.
    pub last_refresh_at: Option<i64>,
    /// How the last refresh ended.
    pub last_outcome: Option<&'static str>,
    /// Why the last refresh failed, if it did.
    pub last_error: Option<String>,
    /// What could not be written, and its consequence.
    pub fault: Option<String>,
    /// Path of the manual-login marker, while there is one.
    pub marker: Option<String>,
    /// The server's clock minus ours, if they differ by more than a minute.
    pub clock_skew_ms: Option<i64>,
}

struct State {
    current: Redacted<String>,
    obtained_at: Option<i64>,
    /// Fingerprint of the configuration's token.
    configured: String,
    guard: RefreshGuard,
    /// The server has refused the current token.
    refused: bool,
    /// The refresh that is under way.
    refresh: Option<signal::Receiver<Option<RefreshOutcome>>>,
    /// Fetched, but not persisted yet and so not in use.
    pending: Option<Fetched>,
    /// In use, but not persisted yet.
    unsaved: Option<Fetched>,
    /// Fingerprints of tokens this manager has fetched: the configuration may still offer them.
    issued: VecDeque<String>,
    renew_at: Option<i64>,
    skew_ms: i64,
    facts: TokenFacts,
    stopped: bool,
}

/// One account's token. Shared by its connection, its REST calls and whoever asks.
pub struct TokenManager {
    spec: TokenSpec,
    state: Mutex<State>,
    /// Counts the tokens that were in use.
    swaps: signal::Sender<u64>,
    listener: OnceLock<Box<dyn Fn(TokenEvent) + Send + Sync>>,
}

impl TokenManager {
    /// Knows the configuration's token; [`TokenManager::begin`] looks for a newer one.
    pub fn new(spec: TokenSpec) -> Arc<Self> {
        let configured = fingerprint::hex(spec.token.expose());
        let facts = TokenFacts { mode: spec.mode.name(), ..TokenFacts::default() };
        let state = State {
            current: spec.token.clone(),
            obtained_at: None,
            configured,
            guard: RefreshGuard::default(),
            refused: false,
            refresh: None,
            pending: None,
            unsaved: None,
            issued: VecDeque::new(),
            renew_at: None,
            skew_ms: 0,
            facts,
            stopped: false,
        };
        let manager = Self { spec, state: Mutex::new(state), swaps: signal::Sender::new(0), listener: OnceLock::new() };
        manager.plan();
        Arc::new(manager)
    }

    /// A manager of one token that never changes and about which nothing is known.
    pub fn fixed(
        account: AccountId,
        token: Redacted<String>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn RandomSource>,
    ) -> Arc<Self> {
        Self::new(TokenSpec {
            account,
            login: String::new(),
            server: String::new(),
            user: String::new(),
            token,
            mode: RefreshMode::Off,
            refresher: None,
            store: TokenStore::default(),
            announce: None,
            inspect: Arc::new(Opaque),
            marker: None,
            clock,
            random,
        })
    }

    /// Sets who receives the events. Only the first call counts.
    pub fn listen(&self, listener: impl Fn(TokenEvent) + Send + Sync + 'static) {
        let _ = self.listener.set(Box::new(listener));
    }

    /// The token to use now.
    pub fn current(&self) -> Redacted<String> {
        self.state.lock().current.clone()
    }

    /// Waits until `token` is no longer the one to use.
    pub async fn replaced(&self, token: &Redacted<String>) {
        let mut swaps = self.swaps.subscribe();
        while self.current() == *token {
            // The sender lives as long as the manager.
            let _ = swaps.changed().await;
        }
    }

    /// Records that the server has refused `token`. Counts only for the current one.
    pub fn refuse(&self, token: &Redacted<String>) {
        let mut state = self.state.lock();
        if state.current == *token {
            state.refused = true;
        }
    }

    /// Records that another login took over from `token`: it is never used for a connection again.
    pub fn kick(&self, token: &Redacted<String>) {
        let mut state = self.state.lock();
        state.guard.kick(token.expose());
        if state.current == *token {
            state.refused = true;
        }
    }

    /// Whether another login took over from this token.
    pub fn is_kicked(&self, token: &Redacted<String>) -> bool {
        self.state.lock().guard.is_kicked(token.expose())
    }

    /// Whether one more session may begin after a kick.
    pub fn may_begin_session(&self) -> bool {
        self.state.lock().guard.may_begin(self.now())
    }

    /// Counts a session that begins after a kick.
    pub fn session_begins(&self) {
        let now = self.now();
        self.state.lock().guard.begin(now);
    }

    /// Whether there is anything to fetch a token from.
    pub fn can_renew(&self) -> bool {
        self.spec.refresher.is_some()
    }

    /// Where new tokens come from.
    pub fn mode(&self) -> RefreshMode {
        self.spec.mode
    }

    /// So close to its end that it should be renewed before it is used.
    pub fn is_near_expiry(&self) -> bool {
        let state = self.state.lock();
        self.life(&state).is_near_end(self.now() + state.skew_ms)
    }

    /// The limits, for another manager of the same account.
    pub fn guard(&self) -> RefreshGuard {
        self.state.lock().guard.clone()
    }

    /// Continues with the limits of another manager of the same account.
    pub fn restore(&self, guard: RefreshGuard) {
        self.state.lock().guard = guard;
    }

    /// What is known about the token.
    pub fn facts(&self) -> TokenFacts {
        let state = self.state.lock();
        let life = self.life(&state);
        let marker = self.spec.marker.as_ref().filter(|marker| marker.stands());
        TokenFacts {
            issued_at: life.issued_at,
            expires_at: life.end(),
            renew_at: state.renew_at,
            marker: marker.map(|marker| marker.path().display().to_string()),
            clock_skew_ms: (state.skew_ms != 0).then_some(state.skew_ms),
            ..state.facts.clone()
        }
    }

    /// How far the server's clock is ahead of this machine's, as far as that is known.
    pub fn clock_skew_ms(&self) -> i64 {
        self.state.lock().skew_ms
    }

    /// Begins no more requests. One that is under way ends by itself, so that its token is not lost.
    pub fn stop(&self) {
        self.state.lock().stopped = true;
    }

    /// Removes the manual-login marker: the account works again.
    pub async fn recovered(self: &Arc<Self>) {
        if self.spec.marker.is_none() {
            return;
        }
        let this = self.clone();
        let cleared = tasks::blocking(move || this.spec.marker.as_ref().map(Marker::clear)).await;
        if let Some(Some(Err(error))) = cleared {
            self.note(format!("the manual-login marker could not be removed: {error}"));
        }
    }

    /// Writes the manual-login marker: a person has to bring a token, or should know that the account has none.
    pub async fn call_person(self: &Arc<Self>, reason: &str, retrying: bool) {
        if self.spec.marker.is_none() {
            return;
        }
        let notice = Notice {
            account: self.spec.account.to_string(),
            server: self.spec.server.clone(),
            user: self.spec.user.clone(),
            reason: reason.to_owned(),
            at_ms: self.now(),
            what_to_do: self.advice(),
            retrying,
        };
        let this = self.clone();
        let written = tasks::blocking(move || this.spec.marker.as_ref().map(|marker| marker.write(&notice))).await;
        if let Some(Some(Err(error))) = written {
            self.note(format!("the manual-login marker could not be written: {error}"));
        }
    }

    /// What a person should do about a missing token.
    pub fn advice(&self) -> String {
        let bring = "issue a new token for this user and platform and put it into the account's configuration";
        match self.spec.mode {
            RefreshMode::Off => format!("{bring}; or let tokenRefresh fetch one"),
            RefreshMode::Hook => {
                format!("{bring}; or register a token refresher, or set tokenRefresh.mode to http")
            }
            RefreshMode::Http => format!("{bring}; and look at the endpoint and stateFile of tokenRefresh.http"),
        }
    }

    /// Takes up what the server's clock showed just now.
    pub fn server_time(&self, server_ms: i64) {
        let least = ms(CLOCK_SKEW_NOTED);
        let measured = Some(server_ms - self.now()).filter(|skew| skew.abs() > least).unwrap_or_default();
        let before = {
            let mut state = self.state.lock();
            if (measured - state.skew_ms).abs() <= least {
                return;
            }
            std::mem::replace(&mut state.skew_ms, measured)
        };
        if measured == 0 {
            self.note("this machine's clock agrees with the server's again".into());
        } else if before == 0 {
            let (seconds, side) = (measured.abs() / 1_000, if measured > 0 { "behind" } else { "ahead of" });
            self.note(format!(
                "this machine's clock is {seconds} s {side} the server's: tokens seem to live shorter or longer than they do; set the clock"
            ));
        }
        self.plan();
    }

    fn life(&self, state: &State) -> Life {
        let (issued_at, expires_at) = self.spec.inspect.times(state.current.expose());
        Life { issued_at, expires_at, obtained_at: state.obtained_at }
    }

    /// Plans when the current token is refreshed, if anything can refresh it.
    fn plan(&self) {
        let mut state = self.state.lock();
        let life = self.life(&state);
        // A random number is drawn only when it is used.
        state.renew_at = match life.end() {
            Some(_) if self.can_renew() => life.renew_at(self.spec.random.bits()).map(|at| at - state.skew_ms),
            _ => None,
        };
    }

    fn now(&self) -> i64 {
        self.spec.clock.now_ms()
    }

    fn note(&self, line: String) {
        self.report(TokenEvent::Note(line));
    }

    fn report(&self, event: TokenEvent) {
        if let Some(listener) = self.listener.get() {
            listener(event);
        }
    }

    /// The record of the current token. With it goes what a refresh has fetched and could not write yet.
    fn record(&self, state: &State) -> TokenRecord {
        let unsaved = state.unsaved.as_ref().or(state.pending.as_ref());
        TokenRecord {
            login: self.spec.login.clone(),
            token: state.current.expose().clone(),
            refused: state.refused,
            obtained_at: state.obtained_at,
            replaces: state.configured.clone(),
            guard: state.guard.clone(),
            unsaved_fields: unsaved.map(|unsaved| unsaved.keep.0.clone()).unwrap_or_default(),
        }
    }

    /// Persists the limits on the next attempt. If that fails, they are forgotten at a restart.
    pub(crate) async fn save_guard(&self) {
        let record = self.record(&self.state.lock());
        let _ = self.spec.store.save(self.spec.account.as_str(), record).await;
    }
}

impl Reason {
    /// Whether a failure costs nothing yet.
    const fn is_harmless(&self) -> bool {
        self.is_early() || matches!(self, Self::ConnectFailed(_))
    }
}
