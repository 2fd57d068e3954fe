//! `createChannelPlugin`: gives the descriptor's script (`js/descriptor.ts`) the native functions it is made of.

use napi::bindgen_prelude::{FnArgs, Function, JsObjectValue as _, Object, Unknown};
use napi::{Env, ValueType};
use napi_derive::napi;
use openim_client::Login;
use serde_json::{Map, Value, json};

use crate::client::OpenImClient;
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
            scripts::function(env, Script::Embedded, "createDescriptor")?;
        create.call((natives, ctx).into()).map_err(|error| scripts::broken(&error))
    })
}

/// The functions that `js/native.ts` declares.
fn natives(env: &Env) -> napi::Result<Object<'_>> {
    let mut natives = Object::new(env)?;
    let new_client: Function<'_, (), OpenImClient> =
        env.create_function_from_closure("newClient", |call| OpenImClient::manual(call.env))?;
    natives.set_named_property("newClient", new_client)?;
    let listen: Unknown<'_> = scripts::function(env, Script::Unpack, "remember")
        .map_err(|error| napi::Error::from_reason(error.to_string()))?;
    natives.set_named_property("listen", listen)?;
    let check_login: Function<'_, FnArgs<(String, String)>, String> =
        env.create_function_from_closure("checkLogin", |call| {
            let (account_id, block) = (call.get::<String>(0)?, call.get::<String>(1)?);
            Ok(check_login(&account_id, &block).to_string())
        })?;
    natives.set_named_property("checkLogin", check_login)?;
    Ok(natives)
}

/// Who would log in with an account's block, or why nobody can. Never the token.
fn check_login(account_id: &str, block: &str) -> Value {
    let block: Map<String, Value> = serde_json::from_str(block).unwrap_or_default();
    match Login::read(account_id, &block) {
        Ok(login) => json!({"userID": login.user_id, "platformID": login.platform_id}),
        Err(error) => json!({"problem": error.to_string()}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checked_login_names_its_user_and_never_its_token() {
        let block = json!({"token": "s3cret", "wsAddr": "ws://h:1", "apiAddr": "http://h:2", "userID": "bot"});
        let checked = check_login("a", &block.to_string());
        assert!(!checked.to_string().contains("s3cret"));
        assert_eq!(checked["userID"], "bot");
    }

    #[test]
    fn an_account_that_cannot_log_in_says_why_and_never_its_token() {
        let checked = check_login("b", &json!({"token": "s3cret"}).to_string());
        assert!(!checked.to_string().contains("s3cret"));
        let problem = checked["problem"].as_str().unwrap();
        assert!(problem.starts_with("multi-openim account \"b\" is skipped: wsAddr is missing"));
    }
}
