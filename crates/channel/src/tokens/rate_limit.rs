//! What keeps an account from asking too often, remembered over reconnects and restarts. Pure: time is an argument.

use std::time::Duration;

use base::backoff;
use serde::{Deserialize, Serialize};

use super::times::ms;
use crate::fingerprint;
use crate::limits::{
    DEAD_TOKENS_KEPT, KICK_SESSIONS_MAX, KICK_WINDOW, REFRESH_FLOOR, REFRESH_RETRY_AFTER_MAX, REFRESH_RETRY_CAP,
    REFRESH_RETRY_SPREAD,
};

/// Holds no token, only fingerprints of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RefreshGuard {
    /// The token for which a new one was refused for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    latched: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_attempt_at: Option<i64>,
    /// Tokens that were kicked: never connected with again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    kicked: Vec<String>,
    /// When sessions were begun after a kick.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sessions: Vec<i64>,
}

impl RefreshGuard {
    /// Records that a request was refused for good.
    pub fn latch(&mut self, token: &str) {
        self.latched = Some(fingerprint::hex(token));
    }

    /// No second try for the same token.
    pub fn is_latched(&self, token: &str) -> bool {
        self.latched.as_deref() == Some(fingerprint::hex(token).as_str())
    }

    /// Records an attempt.
    pub fn attempt(&mut self, now: i64) {
        self.last_attempt_at = Some(now);
    }

    /// There was nobody to ask: it was no attempt.
    pub fn unasked(&mut self) {
        self.last_attempt_at = None;
    }

    /// How long the floor between two attempts still holds. A clock that was set back does not prolong it.
    pub fn floor(&self, now: i64) -> Option<Duration> {
        let passed = now - self.last_attempt_at?;
        let left = ms(REFRESH_FLOOR) - passed;
        (passed >= 0 && left > 0).then(|| Duration::from_millis(left.unsigned_abs()))
    }

    /// Records that another login took over from a token.
    pub fn kick(&mut self, token: &str) {
        let print = fingerprint::hex(token);
        self.kicked.retain(|known| *known != print);
        self.kicked.push(print);
        let surplus = self.kicked.len().saturating_sub(DEAD_TOKENS_KEPT);
        self.kicked.drain(..surplus);
    }

    /// Whether another login took over from this token.
    pub fn is_kicked(&self, token: &str) -> bool {
        self.kicked.contains(&fingerprint::hex(token))
    }

    /// Whether one more session may follow a kick: three in an hour.
    pub fn may_begin(&self, now: i64) -> bool {
        self.recent(now).count() < KICK_SESSIONS_MAX
    }

    /// A session begins after a kick.
    pub fn begin(&mut self, now: i64) {
        let mut recent: Vec<_> = self.recent(now).collect();
        recent.push(now);
        self.sessions = recent;
    }

    fn recent(&self, now: i64) -> impl Iterator<Item = i64> {
        self.sessions.iter().copied().filter(move |at| (now - at).abs() < ms(KICK_WINDOW))
    }
}

/// How long to wait after the failed attempt number `step`, counted from zero: the floor, and a random share of what is
/// above it, doubling to the cap. An endpoint that names a longer wait gets it, within reason.
pub fn retry_wait(step: u32, bits: u64, asked: Option<Duration>) -> Duration {
    let full = REFRESH_FLOOR.saturating_mul(1 << step.min(8)).min(REFRESH_RETRY_CAP);
    let wait = REFRESH_FLOOR + backoff::part(full - REFRESH_FLOOR + REFRESH_RETRY_SPREAD, bits);
    wait.max(asked.unwrap_or_default().min(REFRESH_RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn the_latch_holds_for_one_token() {
        let mut guard = RefreshGuard::default();
        guard.latch("a");
        assert!(guard.is_latched("a") && !guard.is_latched("b"));
    }

    #[test]
    fn attempts_are_thirty_seconds_apart() {
        let mut guard = RefreshGuard::default();
        assert_eq!(guard.floor(0), None);
        guard.attempt(1_000);
        assert_eq!(guard.floor(1_000), Some(Duration::from_secs(30)));
        assert_eq!(guard.floor(30_999), Some(Duration::from_millis(1)));
        assert_eq!(guard.floor(31_000), None);
        assert_eq!(guard.floor(-HOUR), None, "the clock was set back");
    }

    #[test]
    fn three_sessions_an_hour_follow_kicks() {
        let mut guard = RefreshGuard::default();
        for n in 0..3 {
            assert!(guard.may_begin(n));
            guard.begin(n);
        }
        assert!(!guard.may_begin(3) && !guard.may_begin(HOUR - 1));
        assert!(guard.may_begin(HOUR), "the first is an hour ago");
    }

    #[test]
    fn the_newest_sixteen_kicked_tokens_are_remembered() {
        let mut guard = RefreshGuard::default();
        for n in 0..20 {
            guard.kick(&n.to_string());
        }
        assert!(!guard.is_kicked("3") && guard.is_kicked("4") && guard.is_kicked("19"));
    }

    #[test]
    fn a_guard_survives_its_way_over_a_file_and_holds_no_token() {
        let mut guard = RefreshGuard::default();
        guard.latch("s3cret");
        guard.kick("s3cret");
        guard.attempt(5);
        guard.begin(6);
        let written = serde_json::to_string(&guard).unwrap();
        assert!(!written.contains("s3cret"));
        assert_eq!(serde_json::from_str::<RefreshGuard>(&written).unwrap(), guard);
        assert_eq!(serde_json::from_str::<RefreshGuard>("{}").unwrap(), RefreshGuard::default());
    }

    #[test]
    fn the_waits_begin_at_the_floor_and_double_to_the_cap() {
        let most: Vec<_> = (0..5).map(|step| retry_wait(step, u64::MAX, None).as_secs()).collect();
        let least: Vec<_> = (0..5).map(|step| retry_wait(step, 0, None).as_secs()).collect();
        assert_eq!((most, least), (vec![33, 63, 123, 123, 123], vec![30; 5]));
    }

    #[test]
    fn an_endpoint_may_ask_for_more_within_reason() {
        assert_eq!(retry_wait(0, 0, Some(Duration::from_secs(90))).as_secs(), 90);
        assert_eq!(retry_wait(0, 0, Some(Duration::from_secs(5))).as_secs(), 30);
        assert_eq!(retry_wait(0, 0, Some(Duration::MAX)), REFRESH_RETRY_AFTER_MAX);
    }
}
