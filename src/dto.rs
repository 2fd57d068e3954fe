//! The objects that napi makes: the login result, and the status. An absent value crosses as `null`.

use channel::Status;
use channel::status::Phase;
use channel::tokens::TokenFacts;
use napi_derive::napi;

/// The user that is logged in.
#[napi(object, object_from_js = false)]
#[derive(Clone)]
pub struct LoginResult {
    pub account_id: String,
    #[napi(js_name = "userID")]
    pub user_id: String,
    #[napi(js_name = "platformID")]
    pub platform_id: i32,
}

/// A snapshot of a client. Times are Unix milliseconds; counters run from its login on.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct ClientStatus {
    pub account_id: Option<String>,
    #[napi(js_name = "userID")]
    pub user_id: Option<String>,
    #[napi(
        ts_type = "'idle' | 'starting' | 'connecting' | 'syncing' | 'online' | 'backoff' | 'recovering' | 'stopped' | 'failed'"
    )]
    pub state: String,
    pub connected: bool,
    /// Attempts since the last connection.
    pub attempt: u32,
    pub connects: f64,
    pub reconnects: f64,
    pub last_connected_at: Option<f64>,
    pub last_disconnected_at: Option<f64>,
    pub last_transport_activity_at: Option<f64>,
    pub last_inbound_at: Option<f64>,
    pub last_outbound_at: Option<f64>,
    pub last_error: Option<String>,
    pub last_error_code: Option<String>,
    pub received: f64,
    pub duplicates: f64,
    /// Messages that were dropped because a queue was full; they are fetched again.
    pub overflowed: f64,
    pub handed_over: f64,
    pub acked: f64,
    pub refused: f64,
    pub dead_letters: f64,
    pub unacked: f64,
    pub sent: f64,
    pub send_failures: f64,
    pub dropped_events: f64,
    /// Panics that were caught: bugs of the addon.
    pub panics: f64,
    /// Messages that the server acknowledged and did not store. They are lost.
    pub not_stored: f64,
    /// Whether the server checks that messages come from the users they name. With `false`, anyone on the server can
    /// write as anyone. `null` until it was found out.
    pub sender_verified: Option<bool>,
    /// When another program was last seen writing as this account on the same platform.
    pub sent_elsewhere_at: Option<f64>,
    /// Why acknowledgements cannot be written to disk at the moment; `null` while they can.
    pub ledger_fault: Option<String>,
    /// The facts about the token, never the token itself.
    pub token: TokenStatus,
}

/// The facts about an account's token. Times are Unix milliseconds.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct TokenStatus {
    #[napi(ts_type = "'http' | 'hook' | 'off'")]
    pub mode: String,
    pub issued_at: Option<f64>,
    pub expires_at: Option<f64>,
    /// When the token will be renewed.
    pub renew_at: Option<f64>,
    pub refreshes: f64,
    pub failures: f64,
    pub last_refresh_at: Option<f64>,
    #[napi(ts_type = "'success' | 'permanent' | 'transient'")]
    pub last_outcome: Option<String>,
    pub last_error: Option<String>,
    /// What could not be stored, and the consequence.
    pub fault: Option<String>,
    /// The file that tells the operator to log in by hand, while it exists.
    pub marker: Option<String>,
    /// The server's clock minus the clock of this machine, where they differ by more than a minute.
    pub clock_skew_ms: Option<f64>,
}

impl From<TokenFacts> for TokenStatus {
    #[expect(clippy::cast_precision_loss, reason = "times in ms and counters are below 2^53")]
    fn from(facts: TokenFacts) -> Self {
        let time = |time: Option<i64>| time.map(|ms| ms as f64);
        Self {
            mode: if facts.mode.is_empty() { "off" } else { facts.mode }.to_owned(),
            issued_at: time(facts.issued_at),
            expires_at: time(facts.expires_at),
            renew_at: time(facts.renew_at),
            refreshes: facts.refreshes as f64,
            failures: facts.failures as f64,
            last_refresh_at: time(facts.last_refresh_at),
            last_outcome: facts.last_outcome.map(str::to_owned),
            last_error: facts.last_error,
            fault: facts.fault,
            marker: facts.marker,
            clock_skew_ms: time(facts.clock_skew_ms),
        }
    }
}

impl ClientStatus {
    #[expect(clippy::cast_precision_loss, reason = "times in ms and counters are below 2^53")]
    pub(crate) fn of(status: Status, pump_panics: u64) -> Self {
        let time = |time: Option<i64>| time.map(|ms| ms as f64);
        Self {
            account_id: Some(status.account_id.to_string()),
            user_id: Some(status.user_id),
            state: phase(status.state).to_owned(),
            connected: status.connected,
            attempt: status.attempt,
            connects: status.connects as f64,
            reconnects: status.reconnects as f64,
            last_connected_at: time(status.last_connected_at),
            last_disconnected_at: time(status.last_disconnected_at),
            last_transport_activity_at: time(status.last_transport_activity_at),
            last_inbound_at: time(status.last_inbound_at),
            last_outbound_at: time(status.last_outbound_at),
            last_error: status.last_error,
            last_error_code: status.last_error_code.map(str::to_owned),
            received: status.received as f64,
            duplicates: status.duplicates as f64,
            overflowed: status.overflowed as f64,
            handed_over: status.handed_over as f64,
            acked: status.acked as f64,
            refused: status.refused as f64,
            dead_letters: status.dead_letters as f64,
            unacked: status.unacked as f64,
            sent: status.sent as f64,
            send_failures: status.send_failures as f64,
            dropped_events: status.dropped_events as f64,
            panics: (status.panics + pump_panics) as f64,
            not_stored: status.not_stored as f64,
            sender_verified: status.sender_verified,
            sent_elsewhere_at: time(status.sent_elsewhere_at),
            ledger_fault: status.ledger_fault,
            token: status.tokens.into(),
        }
    }
}

const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Connecting => "connecting",
        Phase::Syncing => "syncing",
        Phase::Online => "online",
        Phase::Backoff => "backoff",
        Phase::Recovering => "recovering",
        Phase::Stopped => "stopped",
        Phase::Failed => "failed",
    }
}
