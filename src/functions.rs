//! The exports that belong to no client.

use base::Result;
use futures_util::future::join_all;
use napi::Env;
use napi::bindgen_prelude::{Function, Unknown};
use napi_derive::napi;
use serde_json::Value;
use std::time::Duration;

use crate::limits::{GRACE_MAX, LOGOUT_MAX};
use crate::outcome::{self, Outcome, Promised};
use crate::scripts::{self, Script};
use crate::{env, js_args};

/// Returns the version of this addon. It must equal the version of the package.
#[napi(catch_unwind, ts_return_type = "string")]
pub fn addon_version() -> Outcome<&'static str> {
    Outcome::of("addonVersion", || Ok(env!("CARGO_PKG_VERSION")))
}

/// Reads `user:<id>` or `group:<id>`; `null` for anything else.
#[napi(catch_unwind, ts_args_type = "to: string", ts_return_type = "ParsedTarget | null")]
pub fn parse_target<'env>(env: &'env Env, to: Unknown<'env>) -> Outcome<Unknown<'env>> {
    Outcome::of("parseTarget", || {
        let parse: Function<'_, Unknown<'_>, Unknown<'env>> = scripts::function(env, Script::Embedded, "parseTarget")?;
        parse.call(to).map_err(|error| scripts::broken(&error))
    })
}

/// Logs out every client of this copy of the addon, in all threads. Resolves when they have ended, after `graceMs` at
/// the latest.
#[napi(
    js_name = "shutdownAll",
    catch_unwind,
    ts_args_type = "graceMs?: number | undefined | null",
    ts_return_type = "Promise<void>"
)]
pub fn shutdown_all<'env>(env: &'env Env, grace_ms: Option<Unknown<'env>>) -> Promised<'env> {
    let grace = outcome::caught("shutdownAll", || grace(grace_ms.as_ref()));
    let closing: Vec<_> = match &grace {
        Ok(_) => env::clients().iter().map(|client| client.close()).collect(),
        Err(_) => Vec::new(),
    };
    outcome::promise(env, "shutdownAll", async move {
        let waiting = join_all(closing);
        let _ = tokio::time::timeout(grace?, waiting).await;
        Ok(())
    })
}

fn grace(grace_ms: Option<&Unknown<'_>>) -> Result<Duration> {
    let refused = || js_args::config("graceMs is a number of milliseconds, not negative");
    match grace_ms.map(js_args::plain).transpose()? {
        None | Some(Value::Null) => Ok(LOGOUT_MAX),
        Some(Value::Number(number)) => {
            let ms = number.as_f64().filter(|ms| *ms >= 0.0).ok_or_else(refused)?;
            Ok(Duration::from_secs_f64(ms / 1_000.0_f64).min(GRACE_MAX))
        }
        Some(_) => Err(refused()),
    }
}
