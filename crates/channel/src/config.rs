//! The channel's block of the host's configuration: which accounts there are and what applies to each. What a wire
//! needs to log in stays raw for its transport.

use serde_json::{Map, Value};

use crate::OfflinePolicy;

/// Bounds and defaults of the original options.
pub const HEALTH_CHECK_MINUTES: f64 = 30.0;

/// The block, read leniently: one broken account never hides another.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelConfig {
    pub enabled: bool,
    pub health_check_interval_minutes: f64,
    pub disable_friend_sdk: bool,
    pub accounts: Vec<AccountConfig>,
    /// One sentence per thing that was ignored, with the remedy.
    pub warnings: Vec<String>,
}

/// One named account.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountConfig {
    pub id: String,
    pub enabled: bool,
    pub require_mention: bool,
    pub inbound_whitelist: Vec<String>,
    pub disable_friend_sdk: bool,
    pub offline_policy: OfflinePolicy,
    /// The whole account block, for the wire's own members.
    pub raw: Map<String, Value>,
}

impl ChannelConfig {
    /// Reads the block. `wire_members` are the wire's login members, which mean nothing at channel level.
    pub fn read(block: &Value, wire_members: &[&str]) -> Self {
        let empty = Map::new();
        let block = block.as_object().unwrap_or(&empty);
        let disable_friend_sdk = flag(block, "disableFriendSdk", true);
        let minutes = block.get("healthCheckIntervalMinutes").and_then(Value::as_f64);
        let mut warnings = misplaced(block, wire_members);
        let offline_policy = OfflinePolicy::of_a_channel().with(block);
        let mut accounts = Vec::new();
        for (id, raw) in block.get("accounts").and_then(Value::as_object).unwrap_or(&empty) {
            match raw.as_object() {
                Some(raw) if !id.trim().is_empty() => {
                    accounts.push(account(id, raw, disable_friend_sdk, offline_policy.clone()))
                }
                _ => warnings.push(format!("account \"{id}\" is skipped: it must be an object under a name")),
            }
        }
        Self {
            enabled: flag(block, "enabled", true),
            health_check_interval_minutes: minutes.filter(|m| *m >= 1.0).unwrap_or(HEALTH_CHECK_MINUTES),
            disable_friend_sdk,
            accounts,
            warnings,
        }
    }

    /// Strict: an account that is not named in the configuration does not exist, and there is no default one.
    pub fn account(&self, id: &str) -> Option<&AccountConfig> {
        self.accounts.iter().find(|account| account.id == id)
    }
}

fn account(
    id: &str,
    raw: &Map<String, Value>,
    disable_friend_sdk: bool,
    offline_policy: OfflinePolicy,
) -> AccountConfig {
    AccountConfig {
        id: id.to_owned(),
        enabled: flag(raw, "enabled", true),
        require_mention: flag(raw, "requireMention", true),
        inbound_whitelist: strings(raw.get("inboundWhitelist")),
        disable_friend_sdk: flag(raw, "disableFriendSdk", disable_friend_sdk),
        offline_policy: offline_policy.with(raw),
        raw: raw.clone(),
    }
}

fn misplaced(block: &Map<String, Value>, wire_members: &[&str]) -> Vec<String> {
    let found: Vec<_> = wire_members.iter().filter(|member| block.contains_key(**member)).copied().collect();
    if found.is_empty() {
        return Vec::new();
    }
    let list = found.join(", ");
    vec![format!("{list} at channel level is ignored: there is no default account; move it to accounts.<name>")]
}

fn flag(block: &Map<String, Value>, name: &str, default: bool) -> bool {
    block.get(name).and_then(Value::as_bool).unwrap_or(default)
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|item| match item {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
    .filter(|text| !text.is_empty())
    .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_are_the_originals() {
        let config = ChannelConfig::read(&json!({"accounts": {"a": {}}}), &[]);
        assert!(config.enabled && config.disable_friend_sdk);
        assert!((config.health_check_interval_minutes - 30.0).abs() < f64::EPSILON);
        let account = config.account("a").unwrap();
        assert!(account.enabled && account.require_mention && account.disable_friend_sdk);
        assert!(account.inbound_whitelist.is_empty());
        assert!(config.account("A").is_none() && config.account("default").is_none());
    }

    #[test]
    fn an_account_overrides_the_channel() {
        let block = json!({"disableFriendSdk": false, "accounts": {
            "a": {"disableFriendSdk": true, "enabled": false, "requireMention": false, "inboundWhitelist": ["alice", " ", 7, null]},
            "b": {}}});
        let config = ChannelConfig::read(&block, &[]);
        let a = config.account("a").unwrap();
        assert!(a.disable_friend_sdk && !a.enabled && !a.require_mention);
        assert_eq!(a.inbound_whitelist, ["alice", "7"]);
        assert!(!config.account("b").unwrap().disable_friend_sdk);
    }

    #[test]
    fn login_members_at_channel_level_are_named_in_one_warning() {
        let block = json!({"token": "t", "wsAddr": "ws://x", "accounts": {}});
        let config = ChannelConfig::read(&block, &["token", "wsAddr", "apiAddr"]);
        assert_eq!(config.warnings.len(), 1);
        assert!(config.warnings[0].starts_with("token, wsAddr at channel level is ignored"));
    }

    #[test]
    fn a_broken_account_is_skipped_and_the_others_stay() {
        let config = ChannelConfig::read(&json!({"accounts": {"a": 5, "b": {}, " ": {}}}), &[]);
        assert_eq!(config.accounts.iter().map(|a| a.id.as_str()).collect::<Vec<_>>(), ["b"]);
        assert_eq!(config.warnings.len(), 2);
        for odd in [json!(null), json!([]), json!({"accounts": []}), json!("x")] {
            assert!(ChannelConfig::read(&odd, &[]).accounts.is_empty());
        }
    }
}
