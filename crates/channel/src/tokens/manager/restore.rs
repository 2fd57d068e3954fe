//! Decides which token counts: the configured one, the one stored by an earlier run, or one that a person offers.

use std::sync::Arc;

use base::Redacted;

use super::{State, TokenManager};
use crate::fingerprint;
use crate::limits::DEAD_TOKENS_KEPT;
use crate::tokens::store::TokenRecord;
use crate::tokens::times::Life;
use crate::tokens::traits::{Fetched, Secrets};

/// What became of an offered token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offered {
    /// In use from now on.
    Taken,
    /// It is in use already.
    Known,
    /// The one in use is newer.
    Older,
    /// It cannot be used, and why.
    Refused(String),
}

impl TokenManager {
    /// Looks at what an earlier run has left: the valid token with the newest time of issue wins, the configuration's on a
    /// tie. What guards the next attempt is taken over in any case.
    pub async fn begin(&self) {
        let loaded = match self.spec.store.load(self.spec.account.as_str()).await {
            Ok(loaded) => loaded,
            Err(error) => {
                let place = self.spec.store.place();
                return self.fault(format!("{place} cannot be read: {error}; the configuration's token is used"));
            }
        };
        let Some(record) = loaded.filter(|record| record.login == self.spec.login) else { return };
        self.take_over(record);
        self.plan();
        // A run that ended in between has left what the next request needs.
        self.save_again().await;
    }

    fn take_over(&self, record: TokenRecord) {
        let token = Redacted::new(record.token.clone());
        let mut state = self.state.lock();
        state.guard = record.guard.clone();
        if record.token == *state.current.expose() {
            state.obtained_at = record.obtained_at;
        } else if !record.token.is_empty() && self.is_better(&record, &state) {
            state.current = token.clone();
            state.obtained_at = record.obtained_at;
        }
        // If a person has logged in anew meanwhile, the state file has the fields of that login.
        let is_current = record.token == *state.current.expose() || record.replaces == state.configured;
        if is_current && !record.unsaved_fields.is_empty() {
            state.unsaved = Some(Fetched { token, keep: Secrets(record.unsaved_fields), ..Fetched::default() });
        }
    }

    /// A token from the configuration, or from a person. Takes effect at once where it is newer than the one in use.
    pub async fn offer(self: &Arc<Self>, token: &Redacted<String>) -> Offered {
        let text = token.expose().trim();
        if text.is_empty() {
            return Offered::Refused("it is empty".into());
        }
        if let Err(why) = self.spec.inspect.check(text, None) {
            return Offered::Refused(why);
        }
        let taken = self.judge_offer(text);
        if taken == Offered::Taken {
            self.save_guard().await;
            self.swapped(None);
        }
        taken
    }

    fn judge_offer(&self, text: &str) -> Offered {
        let now = self.now();
        let print = fingerprint::hex(text);
        let mut state = self.state.lock();
        if state.current.expose() == text {
            state.configured = print;
            return Offered::Known;
        }
        if state.guard.is_kicked(text) {
            return Offered::Refused("another login took over from it; issue a new one".into());
        }
        let (life, current) = (self.life_of(text, None), self.life(&state));
        if life.issued_at.or(life.expires_at).is_none() && current.issued_at.or(current.expires_at).is_some() {
            return Offered::Refused("it is not a whole token: nothing in it says when it was issued".into());
        }
        if life.has_ended(now + state.skew_ms) {
            return Offered::Refused("its time is over; issue a new one".into());
        }
        let own = state.issued.contains(&print);
        let older = match (life.issued_at, current.issued_at) {
            (Some(offered), Some(current)) => offered < current,
            _ => false,
        };
        if !state.refused && (own || older) {
            return Offered::Older;
        }
        state.current = Redacted::new(text.to_owned());
        state.configured = print;
        state.obtained_at = None;
        state.refused = false;
        // A token that was fetched meanwhile is not needed any more, but what came with it is.
        let pending = state.pending.take();
        state.unsaved = pending.or(state.unsaved.take()).filter(|fetched| !fetched.keep.0.is_empty());
        Offered::Taken
    }

    /// Whether a record's token is to be preferred to the configuration's.
    fn is_better(&self, record: &TokenRecord, state: &State) -> bool {
        let now = self.now();
        if record.refused {
            return false;
        }
        let usable = |token: &str, life: &Life| {
            !state.guard.is_kicked(token) && !life.has_ended(now) && self.spec.inspect.check(token, None).is_ok()
        };
        let (kept, configured) = (self.life_of(&record.token, record.obtained_at), self.life(state));
        match (usable(&record.token, &kept), usable(state.current.expose(), &configured)) {
            (true, false) => true,
            (false, true) => false,
            _ => match (kept.issued_at, configured.issued_at) {
                (Some(kept), Some(configured)) => kept > configured,
                // They do not say. While the configuration is what it was, the fetched one is the newer.
                _ => record.replaces == state.configured,
            },
        }
    }

    /// Another run of this account may have fetched a token while this one waited for its turn.
    pub(super) async fn adopt_stored(&self) -> bool {
        let Ok(Some(record)) = self.spec.store.load(self.spec.account.as_str()).await else { return false };
        let now = self.now();
        let mut state = self.state.lock();
        let known =
            record.login != self.spec.login || record.token.is_empty() || record.token == *state.current.expose();
        if known || record.refused || state.guard.is_kicked(&record.token) {
            return false;
        }
        let newer = record.obtained_at.unwrap_or(i64::MIN) > state.obtained_at.unwrap_or(i64::MIN);
        if !newer || self.life_of(&record.token, record.obtained_at).has_ended(now) {
            return false;
        }
        if record.replaces != state.configured || self.spec.inspect.check(&record.token, None).is_err() {
            return false;
        }
        state.current = Redacted::new(record.token);
        state.obtained_at = record.obtained_at;
        state.refused = false;
        true
    }

    pub(super) fn remember_issued(state: &mut State, token: &str) {
        if state.issued.len() == DEAD_TOKENS_KEPT {
            state.issued.pop_front();
        }
        state.issued.push_back(fingerprint::hex(token));
    }

    pub(super) fn life_of(&self, token: &str, obtained_at: Option<i64>) -> Life {
        let (issued_at, expires_at) = self.spec.inspect.times(token);
        Life { issued_at, expires_at, obtained_at }
    }

    pub(super) fn fault(&self, text: String) {
        self.state.lock().facts.fault = Some(text.clone());
        self.note(text);
    }
}
