//! Faults by command: rules that name a request and say what becomes of it. The first rule that fits strikes.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::fault::Fault;

/// The path under which rules know the upgrade to a websocket.
pub(crate) const AT_UPGRADE: &str = "upgrade";

/// What becomes of some requests. Without `op` and `path` it fits every one.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Rule {
    /// A request on a connection, by its number (1003 sends a message).
    pub op: Option<i32>,
    /// A REST call by its path, or `upgrade`.
    pub path: Option<String>,
    /// Only this user's.
    #[serde(rename = "userID")]
    pub user_id: Option<String>,
    /// So many are spared first.
    pub after: u32,
    /// So often, then no more; left out: for ever.
    pub times: Option<u32>,
    /// Answered with this code, not served.
    pub err_code: Option<i32>,
    /// The name that goes with the code.
    pub err_msg: Option<String>,
    /// On a connection: answered with this payload (base64), not served.
    pub data: Option<String>,
    /// Not served, never answered.
    pub hang: bool,
    /// The connection ends; not served.
    pub cut: bool,
    /// Served, but the answer is lost (REST: the connection ends).
    pub lose_answer: bool,
    /// The answer comes so much later. Answers behind it do not wait.
    pub delay_ms: u64,
    /// 1003: acknowledged and not stored.
    pub unstored: bool,
    /// 1003: the message has its sequence at once, is a placeholder for pulls, and is there and pushed so much later.
    pub late_ms: Option<u64>,
    /// 1003: as `lateMs`, for ever.
    pub stays_away: bool,
    /// REST: this status, not served.
    pub status: Option<u16>,
    /// REST: further headers, for example `retry-after`.
    pub headers: BTreeMap<String, String>,
    /// REST: this body, a text as it is, everything else as JSON; not served.
    pub body: Option<Value>,
    /// REST: moved to itself, for ever.
    pub redirect: bool,
    /// REST: a body of so many bytes, packed as gzip where `gzip` is set; not served.
    pub bytes: Option<u64>,
    /// See `bytes`.
    pub gzip: bool,
}

impl Rule {
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

    pub(crate) fn fault(&self) -> Option<Fault> {
        let mut fault = Fault::new(self.err_code?, "as asked for");
        if let Some(name) = &self.err_msg {
            fault.name = name.clone().into();
        }
        Some(fault)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Rules(Vec<Rule>);

/// What a request is, for a rule.
#[derive(Clone, Copy)]
pub(crate) enum Asked<'a> {
    Op(i32),
    Path(&'a str),
}

impl Rules {
    pub(crate) fn set(&mut self, rules: Vec<Rule>) {
        self.0 = rules;
    }

    pub(crate) fn strike(&mut self, asked: Asked<'_>, user_id: &str) -> Option<Rule> {
        for rule in &mut self.0 {
            let names_it = match asked {
                Asked::Op(op) => rule.op == Some(op) || (rule.op.is_none() && rule.path.is_none()),
                Asked::Path(path) => {
                    rule.path.as_deref() == Some(path)
                        || (rule.op.is_none() && rule.path.is_none() && path != AT_UPGRADE)
                }
            };
            let theirs = rule.user_id.as_deref().is_none_or(|only| only == user_id);
            if !names_it || !theirs || rule.times == Some(0) {
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

/// How the server's doors stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Door {
    /// Connections are accepted.
    #[default]
    Open,
    /// Nobody listens.
    Refuse,
    /// Connections are accepted and nothing is read.
    Hang,
    /// Connections are accepted and end at once.
    Drop,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_spares_strikes_and_ends() {
        let mut rules = Rules::default();
        let twice = Rule { after: 1, times: Some(2), user_id: Some("u".into()), ..Rule::op(1003) };
        rules.set(vec![twice, Rule { err_code: Some(500), ..Rule::path("/a") }]);
        let mut strikes = |asked, user| rules.strike(asked, user).is_some();
        assert!(!strikes(Asked::Op(1003), "u"), "spared");
        assert!(!strikes(Asked::Op(1003), "v") && !strikes(Asked::Op(1001), "u") && !strikes(Asked::Path("/b"), "u"));
        assert!(strikes(Asked::Op(1003), "u") && strikes(Asked::Op(1003), "u"));
        assert!(!strikes(Asked::Op(1003), "u"), "used up");
        assert!(strikes(Asked::Path("/a"), "") && strikes(Asked::Path("/a"), ""));
    }
}
