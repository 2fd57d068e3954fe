//! What can be said about an account at any moment, without anything secret.

use base::AccountId;
use serde::Serialize;

use crate::limits::LAST_ERROR_CHARS;
use crate::tokens::TokenFacts;

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    Connecting,
    Syncing,
    Online,
    /// Waiting for the next attempt.
    Backoff,
    /// Without a token that works; a new one is being fetched.
    Recovering,
    /// Stopped by whoever started it.
    Stopped,
    /// Ended for good: a kick or a rejected token. Only a new start helps.
    Failed,
}

impl Phase {
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Stopped | Self::Failed)
    }
}

/// A snapshot. Times are Unix milliseconds; counters run from the start of the account.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    pub account_id: AccountId,
    #[serde(rename = "userID")]
    pub user_id: String,
    pub state: Phase,
    pub connected: bool,
    pub attempt: u32,
    pub connects: u64,
    pub reconnects: u64,
    pub last_connected_at: Option<i64>,
    pub last_disconnected_at: Option<i64>,
    pub last_transport_activity_at: Option<i64>,
    pub last_inbound_at: Option<i64>,
    pub last_outbound_at: Option<i64>,
    pub last_error: Option<String>,
    pub last_error_code: Option<&'static str>,
    pub received: u64,
    pub duplicates: u64,
    /// Messages there was no room for.
    pub overflowed: u64,
    /// Messages that were sent while the account was away and are not to be answered: too old, or not wanted.
    pub passed_over: u64,
    pub handed_over: u64,
    pub acked: u64,
    pub refused: u64,
    pub dead_letters: u64,
    pub unacked: usize,
    pub sent: u64,
    pub send_failures: u64,
    pub dropped_events: u64,
    pub panics: u64,
    /// Why acknowledgements cannot be written to disk at the moment.
    pub ledger_fault: Option<String>,
    /// What is known of the token; never the token.
    pub tokens: TokenFacts,
}

impl Status {
    pub fn new(account_id: AccountId, user_id: String) -> Self {
        Self {
            account_id,
            user_id,
            state: Phase::Connecting,
            connected: false,
            attempt: 0,
            connects: 0,
            reconnects: 0,
            last_connected_at: None,
            last_disconnected_at: None,
            last_transport_activity_at: None,
            last_inbound_at: None,
            last_outbound_at: None,
            last_error: None,
            last_error_code: None,
            received: 0,
            duplicates: 0,
            overflowed: 0,
            passed_over: 0,
            handed_over: 0,
            acked: 0,
            refused: 0,
            dead_letters: 0,
            unacked: 0,
            sent: 0,
            send_failures: 0,
            dropped_events: 0,
            panics: 0,
            ledger_fault: None,
            tokens: TokenFacts::default(),
        }
    }

    /// Keeps an error for people to read, cut to a readable length.
    pub fn remember(&mut self, error: &base::Error) {
        self.last_error = Some(error.to_string().chars().take(LAST_ERROR_CHARS).collect());
        self.last_error_code = Some(error.kind().code());
    }
}

#[cfg(test)]
mod tests {
    use base::{Error, Kind};

    use super::*;

    #[test]
    fn a_long_error_is_cut_at_500_characters() {
        let mut status = Status::new("a".into(), "bot".into());
        status.remember(&Error::new(Kind::Offline, "ü".repeat(600)));
        assert_eq!(status.last_error.unwrap().chars().count(), 500);
    }
}
