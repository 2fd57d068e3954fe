//! The arguments of `login` and of the constructor: what JavaScript may pass, and how it is read.

use base::{Result, TypeScript};
use openim_client::LoginOptions;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::js_args;
use crate::trace::LogLevel;

/// The argument of `login`. `userID` and `platformID` come from the token where they are left out.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(input)]
pub(crate) struct LoginParams {
    /// The login itself and its connections.
    #[serde(flatten)]
    pub(super) login: LoginOptions,
    /// The account's name in errors and logs; the user's id where it is left out.
    #[serde(default, deserialize_with = "js_args::or_absent")]
    pub(super) account_id: Option<String>,
    /// The directory that keeps what was delivered over restarts; in memory where it is left out.
    #[serde(default, deserialize_with = "js_args::or_absent")]
    pub(super) state_dir: Option<String>,
    /// How many messages of each conversation are delivered on the very first login; none where it is left out.
    #[ts(type = "'skip' | number")]
    #[serde(default)]
    #[allow(dead_code, reason = "the channel reads it from the block")]
    pub(super) first_start: Value,
    /// What happens to messages that were sent while the account was away; all are delivered where it is left out.
    #[ts(type = "{ mode?: 'answer' | 'context' | 'ignore', maxAgeMinutes?: number, maxPerConversation?: number }")]
    #[serde(default)]
    #[allow(dead_code, reason = "the channel reads it from the block")]
    pub(super) offline: Value,
    /// Calls about friends and the black list are refused unless this is `false`.
    #[serde(default, deserialize_with = "js_args::or_absent")]
    pub(super) disable_friend_sdk: Option<bool>,
    /// When the promise resolves.
    pub(super) until: Option<Until>,
    /// How much of what the core does is passed to `onLog`; `off` where it is left out.
    #[serde(default, deserialize_with = "js_args::or_absent")]
    pub(super) log_level: Option<LogLevel>,
    /// How to get a new token, as in the channel's configuration; `docs/tokens.md` has every field.
    #[serde(default)]
    pub(super) token_refresh: Value,
    /// Called instead of `globalThis.__multiOpenimTokenRefresher` in mode `hook`.
    #[ts(type = "TokenRefresher", optional)]
    #[serde(skip_deserializing)]
    #[allow(dead_code, reason = "it is called by its name")]
    token_refresher: Function,
    /// Called with each new token once it is stored. A failure becomes a warning.
    #[ts(type = "(news: NewToken) => void | Promise<void>", optional)]
    #[serde(skip_deserializing)]
    #[allow(dead_code, reason = "it is called by its name")]
    on_token: Function,
}

/// A member that is a function: it stays in JavaScript, where it is called by its name.
type Function = ();

/// When a login is done.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Until {
    #[default]
    Online,
    Started,
}

impl LoginParams {
    /// Reads the argument without the functions in it.
    pub(super) fn read(params: &Map<String, Value>) -> Result<Self> {
        let takes = "an object in which until is \"online\" or \"started\"";
        js_args::read(Value::Object(params.clone()), "login", takes)
    }
}

/// Settings of a client.
#[derive(Default, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(input)]
pub(crate) struct ClientOptions {
    /// `batch` (the default): the promise that `onBatch` returns acknowledges the messages of the batch. `manual`: `ack` and
    /// `nack` do; a callback that throws or rejects refuses what it has not settled.
    pub(super) ack_mode: Option<AckMode>,
    /// Called with lines for the operator's log. The addon never prints anything.
    #[ts(type = "(lines: LogLine[]) => void | Promise<void>", optional)]
    #[serde(skip_deserializing)]
    #[allow(dead_code, reason = "it is called by its name")]
    on_log: Function,
}

/// Who acknowledges the messages of a batch.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
pub(crate) enum AckMode {
    #[default]
    Batch,
    Manual,
}

impl ClientOptions {
    /// Reads the options without the function in them. Anything but an object counts as no options.
    pub(super) fn read(options: Value) -> Result<Self> {
        if !options.is_object() {
            return Ok(Self::default());
        }
        js_args::read(options, "new OpenImClient", "options in which ackMode is \"batch\" or \"manual\"")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn login(params: &Value) -> Result<LoginParams> {
        LoginParams::read(params.as_object().unwrap())
    }

    #[test]
    fn members_of_a_login_that_are_left_out_have_their_defaults() {
        let params = login(&json!({"token": "t", "userID": 7})).unwrap();
        assert!(params.until.unwrap_or_default() == Until::Online && params.account_id.is_none());
        assert_eq!(params.log_level.unwrap_or_default(), LogLevel::Off);
        assert_eq!((params.login.token, params.login.user_id), (json!("t"), json!(7)));
    }

    #[test]
    fn a_word_that_an_option_does_not_know_is_refused_with_those_it_knows() {
        for params in [json!({"until": "never"}), json!({"until": 7})] {
            let text = login(&params).err().unwrap().to_string();
            assert!(text.contains("until is \"online\" or \"started\"") && text.contains("does not fit"), "{text}");
        }
        let error = ClientOptions::read(json!({"ackMode": "auto"})).err().unwrap();
        assert!(error.to_string().contains("ackMode is \"batch\" or \"manual\""));
    }

    #[test]
    fn an_option_of_the_wrong_type_counts_as_absent() {
        let params = login(&json!({"accountId": 7, "stateDir": {}, "disableFriendSdk": "no", "logLevel": 1})).unwrap();
        assert!(params.log_level.is_none());
        assert!(params.account_id.is_none() && params.state_dir.is_none() && params.disable_friend_sdk.is_none());
    }
}
