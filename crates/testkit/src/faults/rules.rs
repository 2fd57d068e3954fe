//! Refusal rules: each names requests and says what happens to them instead of, or besides, being served. The first rule
//! that matches a request applies.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::refusal::Refusal;

/// The path by which rules name the websocket upgrade.
pub(crate) const UPGRADE_PATH: &str = "upgrade";

/// What happens to some requests. A rule without `op` and `path` matches every request but the upgrade.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct FaultRule {
    /// A request on a connection, by its number (1003 sends a message).
    pub op: Option<i32>,
    /// A REST call by its path, or `upgrade`.
    pub path: Option<String>,
    /// Only this user's.
    #[serde(rename = "userID")]
    pub user_id: Option<String>,
    /// This many matching requests are served normally first.
    pub after: u32,
    /// The rule applies this often; without it, for ever.
    pub times: Option<u32>,
    /// Not served; answered with this error code.
    pub err_code: Option<i32>,
    /// The error name that goes with the code.
    pub err_msg: Option<String>,
    /// On a connection: not served; answered with this payload (base64).
    pub data: Option<String>,
    /// Not served and never answered, as if the request had been lost on its way.
    pub hang: bool,
    /// Not served; the connection ends.
    pub cut: bool,
    /// Served, but the answer is lost (REST: the connection ends).
    pub lose_answer: bool,
    /// The request is served this much later. On a connection, everything behind it waits as well, pings included. It is
    /// served even if the connection is gone by then.
    pub before_ms: u64,
    /// The answer comes this much later than the service. On a connection, everything behind it waits as well.
    pub delay_ms: u64,
    /// 1003: acknowledged and not stored.
    pub unstored: bool,
    /// 1003: the message gets its sequence at once, but pulls return a placeholder; it is stored and pushed this much
    /// later.
    pub late_ms: Option<u64>,
    /// 1003: as `lateMs`, but the message never appears.
    pub stays_away: bool,
    /// REST: not served; answered with this status.
    pub status: Option<u16>,
    /// REST: additional headers, for example `retry-after`.
    pub headers: BTreeMap<String, String>,
    /// REST: not served; answered with this body, a string as it is and everything else as JSON.
    pub body: Option<Value>,
    /// REST: redirected to the same path, for ever.
    pub redirect: bool,
    /// REST: not served; answered with a body of this many bytes, compressed if `gzip` is set.
    pub bytes: Option<u64>,
    /// Compresses the body of `bytes`.
    pub gzip: bool,
}

impl FaultRule {
    /// For a request on a connection.
    pub fn op(op: i32) -> Self {
        Self { op: Some(op), ..Self::default() }
    }

    /// For a REST call, or `upgrade`.
    pub fn path(path: &str) -> Self {
        Self { path: Some(path.into()), ..Self::default() }
    }

    pub(crate) fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    pub(crate) fn refusal(&self) -> Option<Refusal> {
        let mut refusal = Refusal::new(self.err_code?, "as asked for");
        if let Some(name) = &self.err_msg {
            refusal.name = name.clone().into();
        }
        Some(refusal)
    }
}

#[derive(Debug, Default)]
pub(crate) struct FaultRules(Vec<FaultRule>);

/// The request that a rule is compared with.
#[derive(Clone, Copy)]
pub(crate) enum RequestKind<'a> {
    Op(i32),
    Path(&'a str),
}

impl FaultRules {
    pub(crate) fn set(&mut self, rules: Vec<FaultRule>) {
        self.0 = rules;
    }

    /// The rule that applies to this request, if any. Counts the request.
    pub(crate) fn apply(&mut self, request: RequestKind<'_>, user_id: &str) -> Option<FaultRule> {
        for rule in &mut self.0 {
            let is_named = match request {
                RequestKind::Op(op) => rule.op == Some(op) || (rule.op.is_none() && rule.path.is_none()),
                RequestKind::Path(path) => {
                    rule.path.as_deref() == Some(path)
                        || (rule.op.is_none() && rule.path.is_none() && path != UPGRADE_PATH)
                }
            };
            let is_users = rule.user_id.as_deref().is_none_or(|only| only == user_id);
            if !is_named || !is_users || rule.times == Some(0) {
                continue;
            }
            if rule.after > 0 {
                rule.after -= 1;
                continue;
            }
            rule.times = rule.times.map(|times| times - 1);
            return Some(rule.clone());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_skips_requests_applies_and_runs_out() {
        let mut rules = FaultRules::default();
        let twice = FaultRule { after: 1, times: Some(2), user_id: Some("u".into()), ..FaultRule::op(1003) };
        rules.set(vec![twice, FaultRule { err_code: Some(500), ..FaultRule::path("/a") }]);
        let mut applies = |asked, user| rules.apply(asked, user).is_some();
        assert!(!applies(RequestKind::Op(1003), "u"), "skipped");
        assert!(
            !applies(RequestKind::Op(1003), "v")
                && !applies(RequestKind::Op(1001), "u")
                && !applies(RequestKind::Path("/b"), "u")
        );
        assert!(applies(RequestKind::Op(1003), "u") && applies(RequestKind::Op(1003), "u"));
        assert!(!applies(RequestKind::Op(1003), "u"), "used up");
        assert!(applies(RequestKind::Path("/a"), "") && applies(RequestKind::Path("/a"), ""));
    }
}
