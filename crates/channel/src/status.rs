//! What can be said about an account at any moment, without anything secret.

use base::AccountId;
use serde::Serialize;

use crate::limits::LAST_ERROR_CHARS;
use crate::tokens::TokenFacts;

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// Making a connection.
    Connecting,
    /// Connected, fetching missed messages.
    Syncing,
    /// Connected and caught up.
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
    /// Whether the account has ended.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Stopped | Self::Failed)
    }
}

/// A snapshot. Times are Unix milliseconds; counters run from the start of the account.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The account's name in the configuration.
    pub account_id: AccountId,
    /// The account's own id on the server.
    #[serde(rename = "userID")]
    pub user_id: String,
    /// The phase of the account.
    pub state: Phase,
    /// Whether there is a connection.
    pub connected: bool,
    /// Attempts since the last connection that worked.
    pub attempt: u32,
    /// Connections that were accepted.
    pub connects: u64,
    /// Accepted connections after the first.
    pub reconnects: u64,
    /// When a connection was accepted last.
    pub last_connected_at: Option<i64>,
    /// When an accepted connection ended last.
    pub last_disconnected_at: Option<i64>,
    /// When the server showed a sign of life last.
    pub last_transport_activity_at: Option<i64>,
    /// When a message was taken last.
    pub last_inbound_at: Option<i64>,
    /// When a message was sent last.
    pub last_outbound_at: Option<i64>,
    /// The last error, until a connection is accepted.
    pub last_error: Option<String>,
    /// The code of the last error.
    pub last_error_code: Option<&'static str>,
    /// Messages offered by the transport, repeats included.
    pub received: u64,
    /// Repeats that were dropped.
    pub duplicates: u64,
    /// Messages there was no room for.
    pub overflowed: u64,
    /// Messages that were sent while the account was away and are not to be answered: too old, or not wanted.
    pub passed_over: u64,
    /// Messages handed over, repeats after a refusal included.
    pub handed_over: u64,
    /// Messages acknowledged.
    pub acked: u64,
    /// Refusals.
    pub refused: u64,
    /// Messages that were refused too often.
    pub dead_letters: u64,
    /// Messages not acknowledged yet.
    pub unacked: usize,
    /// Messages sent.
    pub sent: u64,
    /// Messages that could not be sent.
    pub send_failures: u64,
    /// Events and notes that were dropped for lack of room.
    pub dropped_events: u64,
    /// Connections that ended by a panic.
    pub panics: u64,
    /// Messages that the server acknowledged and did not store.
    pub not_stored: u64,
    /// Whether the server checks that messages come from the users they name; none until it was found out.
    pub sender_verified: Option<bool>,
    /// When another program was last seen writing as this account with the same login, Unix milliseconds.
    pub sent_elsewhere_at: Option<i64>,
    /// Why acknowledgements cannot be written to disk at the moment.
    pub ledger_fault: Option<String>,
    /// What is known of the token; never the token.
    pub tokens: TokenFacts,
}

impl Status {
    /// The status of an account that starts.
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
            not_stored: 0,
            sender_verified: None,
            sent_elsewhere_at: None,
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
