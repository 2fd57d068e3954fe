//! One refresh at a time, shared by all who ask for one: fetch, check, persist, then swap.

use std::sync::Arc;

use base::{Error, Redacted};
use serde_json::Map;
use tokio::sync::watch as signal;

use super::{RefreshOutcome, SkipReason, State, TokenEvent, TokenManager};
use crate::event::Fault;
use crate::fingerprint;
use crate::limits::{ANNOUNCE_MAX, CLOCK_SKEW_NOTED, LAST_ERROR_CHARS, TOKEN_MAX_BYTES};
use crate::tasks;
use crate::tokens::store::TokenRecord;
use crate::tokens::times::ms;
use crate::tokens::traits::{FetchFailure, Fetched, Reason};

impl TokenManager {
    /// Refreshes the token. Concurrent callers share one request.
    pub async fn refresh(self: &Arc<Self>, reason: Reason) -> RefreshOutcome {
        let mut refresh = match self.join_refresh(reason) {
            Ok(refresh) => refresh,
            Err(skip) => return RefreshOutcome::Skipped(skip),
        };
        match refresh.wait_for(Option::is_some).await.map(|outcome| outcome.clone()) {
            Ok(Some(outcome)) => outcome,
            // The runtime ends.
            _ => RefreshOutcome::Skipped(SkipReason::Stopped),
        }
    }

    /// Takes up that a call beside the connection was refused for its token. Starts a refresh if it can, without waiting.
    pub fn reported(self: &Arc<Self>, token: &Redacted<String>, reason: Reason, why: &Error) {
        let mut state = self.state.lock();
        // While a renewal is under way the server may have retired the token it replaces already.
        if state.current != *token || state.refresh.is_some() || state.stopped {
            return;
        }
        let is_first = !state.refused;
        state.refused = true;
        let kicked = reason == Reason::Kicked;
        let now = self.now();
        let allowed = !kicked || state.guard.may_begin(now);
        if kicked && is_first {
            state.guard.kick(token.expose());
            state.guard.begin(now);
        }
        drop(state);
        if is_first {
            self.report(TokenEvent::Refused(Fault::from(why)));
        }
        if allowed && matches!(self.join_refresh(reason), Err(SkipReason::Off)) && is_first {
            self.note(format!(
                "{why}; the connection stands until it is lost, and then there is no other: {}",
                self.advice()
            ));
        }
    }

    /// Waits for the refresh that is under way, if there is one. Returns whether another token than this one is in use now.
    pub async fn renewed(&self, token: &Redacted<String>) -> bool {
        let refresh = self.state.lock().refresh.clone();
        if let Some(mut refresh) = refresh {
            // The runtime ends.
            let _ = refresh.wait_for(Option::is_some).await;
        }
        self.current() != *token
    }

    fn join_refresh(self: &Arc<Self>, reason: Reason) -> Result<signal::Receiver<Option<RefreshOutcome>>, SkipReason> {
        let mut state = self.state.lock();
        if state.stopped {
            return Err(SkipReason::Stopped);
        }
        if let Some(refresh) = &state.refresh {
            return Ok(refresh.clone());
        }
        if self.spec.refresher.is_none() {
            return Err(SkipReason::Off);
        }
        if state.pending.is_none()
            && let Some(wait) = state.guard.floor(self.now())
        {
            return Err(SkipReason::Floor(wait));
        }
        let (finish, refresh) = signal::channel(None);
        state.refresh = Some(refresh.clone());
        let this = self.clone();
        tasks::spawn(async move {
            let outcome = match tasks::caught("the token manager", this.refresh_once(&reason)).await {
                Ok(outcome) => outcome,
                Err(panic) => RefreshOutcome::Transient { why: panic.to_string(), retry_after: None },
            };
            this.state.lock().refresh = None;
            finish.send_replace(Some(outcome));
        });
        Ok(refresh)
    }

    async fn refresh_once(self: &Arc<Self>, reason: &Reason) -> RefreshOutcome {
        // If the turn cannot be had, as on a read-only directory, the refresh goes on all the same: better twice than never.
        let _turn = self.spec.store.turn(self.spec.account.as_str()).await;
        let pending = self.state.lock().pending.is_some();
        if !pending && self.adopt_stored().await {
            self.swapped(None);
            return self.count(RefreshOutcome::Success, reason);
        }
        let outcome = match self.fetched(reason).await {
            Ok(fetched) => self.use_token(fetched, reason).await,
            Err(outcome) => outcome,
        };
        self.count(outcome, reason)
    }

    /// The token that was fetched before and could not be persisted, or a new one.
    async fn fetched(self: &Arc<Self>, reason: &Reason) -> Result<Fetched, RefreshOutcome> {
        if let Some(pending) = self.state.lock().pending.take() {
            return Ok(pending);
        }
        let Some(refresher) = self.spec.refresher.clone() else { return Err(RefreshOutcome::Skipped(SkipReason::Off)) };
        let account = self.spec.account.as_str();
        let request = format!("{}\n{}", self.current().expose(), refresher.key(account).await);
        {
            let mut state = self.state.lock();
            if state.stopped {
                return Err(RefreshOutcome::Skipped(SkipReason::Stopped));
            }
            if state.guard.is_latched(&request) && !reason.is_asked() {
                return Err(RefreshOutcome::Skipped(SkipReason::Latched));
            }
            let now = self.now();
            state.guard.attempt(now);
        }
        let failure = match refresher.fetch(account, reason).await {
            Ok(fetched) => match self.judge(&fetched) {
                Ok(()) => return Ok(fetched),
                Err(why) => FetchFailure::transient(why),
            },
            Err(failure) => failure,
        };
        Err(self.failed(failure, &request, reason).await)
    }

    async fn failed(self: &Arc<Self>, failure: FetchFailure, request: &str, reason: &Reason) -> RefreshOutcome {
        let outcome = match failure {
            FetchFailure::Permanent(why) => {
                self.state.lock().guard.latch(request);
                self.call_person(&why, false).await;
                RefreshOutcome::Permanent(why)
            }
            // Nothing was asked: the next one need not wait.
            FetchFailure::Absent => {
                self.state.lock().guard.unasked();
                return RefreshOutcome::Skipped(SkipReason::Off);
            }
            FetchFailure::Nobody(why) if reason.is_harmless() => RefreshOutcome::Transient { why, retry_after: None },
            // Not latched: the next time there may be one.
            FetchFailure::Nobody(why) => RefreshOutcome::Permanent(why),
            FetchFailure::Transient { why, retry_after, call_person } => {
                if call_person && !reason.is_harmless() {
                    self.call_person(&why, true).await;
                }
                RefreshOutcome::Transient { why, retry_after }
            }
        };
        self.save_guard().await;
        outcome
    }

    /// Checks whether the fetched token can be this account's next one.
    fn judge(&self, fetched: &Fetched) -> Result<(), String> {
        let token = fetched.token.expose();
        if token.is_empty() || token.len() > TOKEN_MAX_BYTES || token.chars().any(|c| c.is_control() || c == ' ') {
            return Err("what came back is no token".into());
        }
        if let Some(server) = fetched.server_ms {
            self.server_time(server);
        } else if let (Some(issued), _) = self.spec.inspect.times(token)
            && issued > self.now() + ms(CLOCK_SKEW_NOTED)
        {
            // Issued in our future: it is our clock that is behind.
            self.server_time(issued);
        }
        self.spec.inspect.check(token, fetched.user_id.as_deref())?;
        let now = self.now();
        let state = self.state.lock();
        if state.current.expose() == token {
            return Err("the token that came back is the one in use".into());
        }
        if state.guard.is_kicked(token) {
            return Err("the token that came back was taken over by another login before".into());
        }
        if self.life_of(token, None).has_ended(now + state.skew_ms) {
            return Err("the time of the token that came back is over".into());
        }
        Ok(())
    }

    async fn use_token(self: &Arc<Self>, fetched: Fetched, reason: &Reason) -> RefreshOutcome {
        let account = self.spec.account.as_str();
        if let Err(why) = self.persist(&fetched).await {
            let refused = self.state.lock().refused;
            let what = if refused { "it is used all the same" } else { "the old one is kept in use" };
            let text = format!(
                "a new token was fetched but cannot be written down: {why}; {what}, and writing is tried again"
            );
            self.fault(text.clone());
            if !refused {
                self.state.lock().pending = Some(fetched);
                return RefreshOutcome::Transient { why: text, retry_after: None };
            }
            self.state.lock().unsaved = Some(fetched.clone());
        }
        self.announce(&fetched).await;
        {
            let mut state = self.state.lock();
            let token = fetched.token.expose();
            Self::remember_issued(&mut state, token);
            state.current = fetched.token.clone();
            state.obtained_at = Some(self.now());
            state.refused = false;
        }
        self.swapped(Some(reason));
        if let Some(refresher) = &self.spec.refresher {
            for line in refresher.done(account).await {
                self.note(line);
            }
        }
        RefreshOutcome::Success
    }

    /// Writes our own record, then what the next request needs.
    async fn persist(&self, fetched: &Fetched) -> Result<(), String> {
        let account = self.spec.account.as_str();
        let record = {
            let state = self.state.lock();
            let mut record = self.record(&state);
            record.token = fetched.token.expose().clone();
            record.refused = false;
            record.obtained_at = Some(self.now());
            record.unsaved_fields = fetched.keep.0.clone();
            record
        };
        let own = self.spec.store.save(account, record.clone()).await;
        let theirs = match &self.spec.refresher {
            Some(refresher) => refresher.keep(account, fetched).await,
            None => Ok(()),
        };
        if own.is_ok() && theirs.is_ok() && !record.unsaved_fields.is_empty() {
            // Written twice at worst, should this not reach the disk.
            let _ = self.spec.store.save(account, TokenRecord { unsaved_fields: Map::new(), ..record }).await;
        }
        // Both are tried: each of them may be the only one that survives.
        own.map_err(|error| format!("{}: {error}", self.spec.store.place()))?;
        theirs.map_err(|error| error.to_string())?;
        let mut state = self.state.lock();
        state.facts.fault = None;
        state.unsaved = None;
        Ok(())
    }

    /// Writes the token into the host's configuration. A failure is only a warning: the configuration is a mirror.
    async fn announce(&self, fetched: &Fetched) {
        let Some(announce) = &self.spec.announce else { return };
        let print = fingerprint::hex(fetched.token.expose());
        let telling = announce.announce(self.spec.account.as_str(), &fetched.token, &self.spec.user);
        let why = match tokio::time::timeout(ANNOUNCE_MAX, telling).await {
            // From now on the configuration holds this one.
            Ok(Ok(())) => {
                self.state.lock().configured = print;
                self.save_announced(fetched).await;
                return;
            }
            Ok(Err(why)) => why,
            Err(_) => format!("it did not happen within {} s", ANNOUNCE_MAX.as_secs()),
        };
        self.note(format!("the new token is in use but not in the configuration: {why}"));
    }

    async fn save_announced(&self, fetched: &Fetched) {
        let mut record = self.record(&self.state.lock());
        record.token = fetched.token.expose().clone();
        record.refused = false;
        record.obtained_at = Some(self.now());
        let _ = self.spec.store.save(self.spec.account.as_str(), record).await;
    }

    /// Announces that a new token is in use. A connection with the old one makes room.
    pub(super) fn swapped(&self, renewed: Option<&Reason>) {
        self.plan();
        let expires_at = {
            let state = self.state.lock();
            self.life(&state).end()
        };
        self.swaps.send_modify(|count| *count += 1);
        self.report(TokenEvent::Refreshed { expires_at });
        if let Some(reason) = renewed {
            self.note(format!("a new token is in use ({})", reason.words()));
        }
    }

    fn count(&self, outcome: RefreshOutcome, reason: &Reason) -> RefreshOutcome {
        let now = self.now();
        let mut state = self.state.lock();
        let (name, why) = match &outcome {
            RefreshOutcome::Success => ("success", None),
            RefreshOutcome::Permanent(why) => ("permanent", Some(why.clone())),
            RefreshOutcome::Transient { why, .. } => ("transient", Some(why.clone())),
            RefreshOutcome::Skipped(_) => return outcome,
        };
        tracing::info!(account = %self.spec.account, outcome = name, why, "a token refresh ended");
        let facts = &mut state.facts;
        facts.refreshes += u64::from(why.is_none());
        facts.failures += u64::from(why.is_some());
        facts.last_refresh_at = Some(now);
        facts.last_outcome = Some(name);
        let again = facts.last_error == why;
        facts.last_error = why.map(|why| why.chars().take(LAST_ERROR_CHARS).collect());
        let line = facts.last_error.clone().filter(|_| !again);
        drop(state);
        if let Some(why) = line {
            self.note(format!("no new token ({}): {why}", reason.words()));
        }
        outcome
    }
}

impl State {
    /// Whether a refresh is under way.
    pub(super) fn is_renewing(&self) -> bool {
        self.refresh.is_some()
    }
}
