//! The policy for messages that were sent while the account was away, and for those from before its first start.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::Inbound;
use crate::limits::{OFFLINE_MAX_AGE, OFFLINE_MAX_PER_CONVERSATION};

/// What happens to messages that were sent while the account was away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OfflineMode {
    /// They are answered.
    #[default]
    Answer,
    /// They are handed over for the record and not answered.
    Context,
    /// They are skipped.
    Ignore,
}

/// An account's rules for messages sent while it was away.
///
/// ```
/// use channel::OfflinePolicy;
/// use channel::offline::OfflineMode;
/// use serde_json::json;
///
/// // What an account says replaces what its channel says, member by member.
/// let block = json!({"offline": {"mode": "context"}});
/// let policy = OfflinePolicy::of_a_channel().with(block.as_object().unwrap());
/// assert_eq!(policy.mode, OfflineMode::Context);
/// assert_eq!(policy.max_age, OfflinePolicy::of_a_channel().max_age);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfflinePolicy {
    /// Messages of each conversation that count on the very first start; the rest is history.
    pub first_start: i64,
    /// What happens to them.
    pub mode: OfflineMode,
    /// Older ones are skipped. `None`: no limit.
    pub max_age: Option<Duration>,
    /// If there are more in one conversation, only the newest count.
    pub max_per_conversation: i64,
}

impl Default for OfflinePolicy {
    /// Everything that was missed, and no history.
    fn default() -> Self {
        Self { first_start: 0, mode: OfflineMode::Answer, max_age: None, max_per_conversation: i64::MAX }
    }
}

impl OfflinePolicy {
    /// The default of a channel: the newest of the last hour, and no history.
    pub const fn of_a_channel() -> Self {
        Self {
            first_start: 0,
            mode: OfflineMode::Answer,
            max_age: Some(OFFLINE_MAX_AGE),
            max_per_conversation: OFFLINE_MAX_PER_CONVERSATION,
        }
    }

    /// Takes over the members `firstStart` and `offline` of a block, each on its own.
    #[must_use]
    pub fn with(mut self, block: &Map<String, Value>) -> Self {
        match block.get("firstStart") {
            Some(Value::Number(count)) => self.first_start = count.as_i64().unwrap_or_default().max(0),
            Some(_) => self.first_start = 0,
            None => {}
        }
        let offline = |name: &str| block.get("offline").and_then(|offline| offline.get(name));
        match offline("mode").and_then(Value::as_str) {
            Some("context") => self.mode = OfflineMode::Context,
            Some("ignore") => self.mode = OfflineMode::Ignore,
            Some(_) => self.mode = OfflineMode::Answer,
            None => {}
        }
        if let Some(minutes) = offline("maxAgeMinutes").and_then(Value::as_u64) {
            self.max_age = Some(Duration::from_secs(minutes.saturating_mul(60)));
        }
        if let Some(count) = offline("maxPerConversation").and_then(Value::as_i64) {
            self.max_per_conversation = count.max(0);
        }
        self
    }

    /// The two members as a block would hold them.
    pub fn to_members(&self) -> Value {
        let mode = match self.mode {
            OfflineMode::Answer => "answer",
            OfflineMode::Context => "context",
            OfflineMode::Ignore => "ignore",
        };
        let mut offline = json!({ "mode": mode });
        if let Some(age) = self.max_age {
            offline["maxAgeMinutes"] = (age.as_secs() / 60).into();
        }
        if self.max_per_conversation != i64::MAX {
            offline["maxPerConversation"] = self.max_per_conversation.into();
        }
        json!({ "firstStart": self.first_start, "offline": offline })
    }

    /// Whether a message is delivered. Live messages always are.
    pub(crate) fn takes(&self, message: &Inbound, now_ms: i64) -> bool {
        let age = u64::try_from(now_ms.saturating_sub(message.sent_at)).unwrap_or_default();
        let young = self.max_age.is_none_or(|max| Duration::from_millis(age) <= max);
        !message.offline || (self.mode != OfflineMode::Ignore && young)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unacked::tests::message;

    fn with(offline_policy: OfflinePolicy, block: &Value) -> OfflinePolicy {
        offline_policy.with(block.as_object().unwrap())
    }

    #[test]
    fn a_channel_answers_the_last_hour_and_no_history() {
        let offline_policy = with(OfflinePolicy::of_a_channel(), &json!({"firstStart": "skip"}));
        assert_eq!(offline_policy, OfflinePolicy::of_a_channel());
        assert_eq!(
            offline_policy.to_members(),
            json!({"firstStart": 0, "offline": {"mode": "answer", "maxAgeMinutes": 60, "maxPerConversation": 200}})
        );
    }

    #[test]
    fn an_account_overrides_its_channel_member_by_member() {
        let channel = with(
            OfflinePolicy::of_a_channel(),
            &json!({"firstStart": 5, "offline": {"mode": "ignore", "maxAgeMinutes": 10}}),
        );
        let offline_policy = with(channel, &json!({"offline": {"mode": "context", "maxPerConversation": 3}}));
        assert_eq!(
            (offline_policy.first_start, offline_policy.mode, offline_policy.max_per_conversation),
            (5, OfflineMode::Context, 3)
        );
        assert_eq!(offline_policy.max_age, Some(Duration::from_secs(600)));
        assert_eq!(with(OfflinePolicy::default(), &offline_policy.to_members()), offline_policy);
    }

    #[test]
    fn age_and_mode_touch_only_what_was_sent_while_away() {
        let hour = 3_600_000;
        let at = |sent_at, offline| Inbound { sent_at, offline, ..message("c", 1) };
        let answer = OfflinePolicy::of_a_channel();
        let ignore = OfflinePolicy { mode: OfflineMode::Ignore, ..answer.clone() };
        assert!(answer.takes(&at(hour, true), 2 * hour) && !answer.takes(&at(hour - 1, true), 2 * hour));
        assert!(answer.takes(&at(0, false), 2 * hour), "live, whatever its clock says");
        assert!(answer.takes(&at(9 * hour, true), 2 * hour), "a clock ahead of ours is no reason to drop");
        assert!(!ignore.takes(&at(2 * hour, true), 2 * hour) && ignore.takes(&at(0, false), 2 * hour));
    }
}
