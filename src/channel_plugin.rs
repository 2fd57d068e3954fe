//! `createChannelPlugin`: gives the script of the descriptor the native functions it is made of.

use base::Result;
use channel::Target;
use channel::config::{AccountConfig, ChannelConfig};
use napi::bindgen_prelude::{Either, FnArgs, Function, JsObjectValue as _, Null, Object, Unknown};
use napi::{Env, ValueType};
use napi_derive::napi;
use openim_client::{LOGIN_MEMBERS, Login};
use serde_json::{Map, Value, json};

use crate::client::OpenImClient;
use crate::dto::{Nullable, ParsedTarget};
use crate::functions::to_dto;
use crate::js_args::config;
use crate::outcome::Outcome;
use crate::scripts::{self, Script};

/// Makes the channel's descriptor for a host. `ctx.channel` is the resolved block `channels["multi-openim"]`,
/// `ctx.logger` has `info`, `warn` and `error`; everything else has a default.
#[napi(
    js_name = "createChannelPlugin",
    catch_unwind,
    ts_args_type = "ctx: ChannelPluginContext",
    ts_return_type = "ChannelDescriptor"
)]
pub fn create_channel_plugin<'env>(env: &'env Env, ctx: Unknown<'env>) -> Outcome<Object<'env>> {
    Outcome::of("createChannelPlugin", || {
        if ctx.get_type().ok() != Some(ValueType::Object) {
            return Err(config("createChannelPlugin takes a context with the channel's block and a logger"));
        }
        let natives = natives(env).map_err(|error| scripts::broken(&error))?;
        let create: Function<'_, FnArgs<(Object<'_>, Unknown<'_>)>, Object<'env>> =
            scripts::function(env, Script::Channel, "createDescriptor")?;
        create.call((natives, ctx).into()).map_err(|error| scripts::broken(&error))
    })
}

fn natives(env: &Env) -> napi::Result<Object<'_>> {
    let mut natives = Object::new(env)?;
    let read: Function<'_, FnArgs<(String,)>, String> = env.create_function_from_closure("readConfig", |call| {
        let block = serde_json::from_str(&call.get::<String>(0)?).unwrap_or_default();
        Ok(read_config(&block).to_string())
    })?;
    natives.set_named_property("readConfig", read)?;
    let is_login: Function<'_, FnArgs<(String,)>, bool> = env.create_function_from_closure("isLogin", |call| {
        let account: Map<String, Value> = serde_json::from_str(&call.get::<String>(0)?).unwrap_or_default();
        Ok(Login::read("", &account).is_ok())
    })?;
    natives.set_named_property("isLogin", is_login)?;
    let parse: Function<'_, FnArgs<(String,)>, Nullable<ParsedTarget>> =
        env.create_function_from_closure("parseTarget", |call| {
            let target = Target::parse(&call.get::<String>(0)?);
            Ok(target.map_or(Either::B(Null), |target| Either::A(to_dto(&target))))
        })?;
    natives.set_named_property("parseTarget", parse)?;
    let new_client: Function<'_, (), OpenImClient> =
        env.create_function_from_closure("newClient", |call| OpenImClient::manual(call.env))?;
    natives.set_named_property("newClient", new_client)?;
    let remember: Unknown<'_> = scripts::function(env, Script::Unpack, "remember")
        .map_err(|error| napi::Error::from_reason(error.to_string()))?;
    natives.set_named_property("remember", remember)?;
    let run = scripts::object(env, Script::Run).map_err(|error| napi::Error::from_reason(error.to_string()))?;
    natives.set_named_property("run", run)?;
    Ok(natives)
}

/// The channel's block as the descriptor shows it: no token, and for each account whether it can log in or why not.
fn read_config(block: &Value) -> Value {
    let config = ChannelConfig::read(block, &LOGIN_MEMBERS);
    let accounts: Vec<_> = config.accounts.iter().map(|account| resolved(account, config.enabled)).collect();
    json!({
        "enabled": config.enabled,
        "healthCheckIntervalMinutes": config.health_check_interval_minutes,
        "warnings": config.warnings,
        "accounts": accounts,
    })
}

fn resolved(account: &AccountConfig, channel_enabled: bool) -> Value {
    let login: Result<Login> = Login::read(&account.id, &account.raw);
    let (user_id, platform_id, problem) = match &login {
        Ok(login) => (Some(&login.user_id), Some(login.platform_id), None),
        Err(error) => (None, None, Some(error.to_string())),
    };
    let offline_policy = account.offline_policy.to_members();
    json!({
        "accountId": account.id,
        "enabled": channel_enabled && account.enabled,
        "configured": login.is_ok(),
        "userID": user_id,
        "platformID": platform_id,
        "wsAddr": account.raw.get("wsAddr"),
        "apiAddr": account.raw.get("apiAddr"),
        "requireMention": account.require_mention,
        "inboundWhitelist": account.inbound_whitelist,
        "disableFriendSdk": account.disable_friend_sdk,
        "firstStart": offline_policy["firstStart"],
        "offline": offline_policy["offline"],
        "problem": problem,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resolved_account_says_why_it_cannot_log_in_and_never_its_token() {
        let read = read_config(&json!({"accounts": {
            "a": {"token": "s3cret", "wsAddr": "ws://h:1", "apiAddr": "http://h:2", "userID": "bot"},
            "b": {"token": "s3cret"}}}));
        assert!(!read.to_string().contains("s3cret"));
        assert_eq!(read["accounts"][0]["configured"], true);
        assert_eq!(read["accounts"][0]["userID"], "bot");
        let problem = read["accounts"][1]["problem"].as_str().unwrap();
        assert!(problem.starts_with("multi-openim account \"b\" is skipped: wsAddr is missing"));
    }

    #[test]
    fn a_disabled_channel_disables_its_accounts() {
        let read = read_config(&json!({"enabled": false, "accounts": {"a": {}}}));
        assert_eq!(read["accounts"][0]["enabled"], false);
    }
}
