//! The settings of a `RefreshManager`.

use base::TypeScript;
use openim_client::{ConnectionOptions, LoginOptions};
use serde::Deserialize;
use serde_json::Value;

use crate::js_args;

/// The settings of a `RefreshManager`.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(input)]
pub(crate) struct RefreshManagerConfig {
    /// An OpenIM user token.
    #[ts(type = "string", required)]
    #[serde(default)]
    token: Value,
    /// The account's name in requests, files, logs and callbacks; `client` where it is left out.
    #[serde(default, deserialize_with = "js_args::or_absent")]
    pub(super) account_id: Option<String>,
    /// Taken from the token where it is left out.
    #[serde(rename = "userID", default)]
    #[ts(type = "string")]
    user_id: Value,
    /// Taken from the token where it is left out.
    #[serde(rename = "platformID", default)]
    #[ts(type = "number")]
    platform_id: Value,
    /// As in the channel's configuration; `docs/tokens.md` has every field.
    #[serde(default)]
    pub(super) token_refresh: Value,
    /// The directory that keeps the newest token over restarts; in memory where it is left out.
    #[serde(default, deserialize_with = "js_args::or_absent")]
    pub(super) state_dir: Option<String>,
    /// The text that `guardState` of an earlier manager returned.
    #[serde(default, deserialize_with = "js_args::or_absent")]
    pub(super) guard: Option<String>,
    /// The server that the token is for, where one account name is used with several servers.
    #[serde(default, deserialize_with = "js_args::or_absent")]
    api_addr: Option<String>,
    /// The options of the connections to the endpoint that issues tokens.
    #[serde(flatten)]
    connections: ConnectionOptions,
}

impl RefreshManagerConfig {
    /// The login whose token is managed. A manager needs no addresses; a login does.
    pub(super) fn login(&self) -> LoginOptions {
        LoginOptions {
            token: self.token.clone(),
            user_id: self.user_id.clone(),
            platform_id: self.platform_id.clone(),
            ws_addr: "ws://none.invalid:1".into(),
            api_addr: self.api_addr.as_deref().unwrap_or("http://none.invalid:1").into(),
            connections: self.connections.clone(),
            ..LoginOptions::default()
        }
    }
}
