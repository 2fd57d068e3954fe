//! `RefreshManager`: the token keeper alone, for whoever has a connection of their own.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base::{AccountId, Redacted, Result};
use channel::tokens::{RefreshGuard, TokenEvent};
use channel::{TokenManager, tasks};
use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use openim_client::Login;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::params::RefreshManagerConfig;
use super::{Asker, Callbacks, OfferResult, token_manager};
use crate::dto::TokenStatus;
use crate::limits::PERSIST_MAX;
use crate::outcome::{self, Outcome, Promised};
use crate::{env, js_args};

/// Manages the token of one account: fetches new ones, one at a time and not too often, stores each before it is used,
/// and then asks for a reconnect.
#[napi]
pub struct RefreshManager {
    keeper: Arc<TokenManager>,
    asker: Arc<Asker>,
    reconnects: bool,
    fails: bool,
    running: Mutex<Option<CancellationToken>>,
    gone: CancellationToken,
}

const CALLBACKS: [&str; 6] = ["refresher", "onToken", "persist", "onPermanentFailure", "reconnect", "onLog"];

#[napi]
impl RefreshManager {
    /// Makes a manager. It fetches nothing before `start` or `refresh`.
    #[napi(
        constructor,
        catch_unwind,
        ts_args_type = "config: RefreshManagerConfig, callbacks?: RefreshManagerCallbacks | undefined | null"
    )]
    pub fn new(env: &Env, config: Unknown<'_>, callbacks: Option<Unknown<'_>>) -> napi::Result<Self> {
        outcome::thrown(env, "RefreshManager", || {
            let params = Value::Object(js_args::object(&config, "RefreshManager")?);
            let config = js_args::read(params, "RefreshManager", "an object with a token")?;
            Self::make(env, &config, callbacks.as_ref())
        })
    }

    /// Renews the token ahead of time from now on, until `stop`. First looks for a newer token of an earlier run.
    #[napi(catch_unwind, ts_return_type = "Promise<void>")]
    pub fn start<'env>(&self, env: &'env Env) -> Promised<'env> {
        let stop = self.gone.child_token();
        if let Some(older) = self.running.lock().replace(stop.clone()) {
            older.cancel();
        }
        let (keeper, asker, reconnects) = (self.keeper.clone(), self.asker.clone(), self.reconnects);
        outcome::promise(env, "start", async move {
            keeper.begin().await;
            tasks::spawn(async move {
                let token = keeper.current();
                tokio::select! {
                    biased;
                    () = stop.cancelled() => {}
                    () = reconnecting(&keeper, &asker, token, reconnects) => {}
                    never = keeper.keep() => match never {},
                }
            });
            Ok(())
        })
    }

    /// Stops renewing. A request that is under way completes, so that the token it fetched is stored.
    #[napi(catch_unwind, ts_return_type = "void")]
    pub fn stop(&self) -> Outcome<()> {
        Outcome::of("stop", || {
            self.keeper.stop();
            if let Some(running) = self.running.lock().take() {
                running.cancel();
            }
            Ok(())
        })
    }

    /// Fetches a new token. Concurrent calls share one request.
    #[napi(
        catch_unwind,
        ts_args_type = "reason?: string | undefined | null",
        ts_return_type = "Promise<RefreshResult>"
    )]
    pub fn refresh<'env>(&self, env: &'env Env, reason: Option<Unknown<'env>>) -> Promised<'env> {
        let reason = outcome::caught("refresh", || words(reason.as_ref()));
        let (keeper, asker, fails) = (self.keeper.clone(), self.asker.clone(), self.fails);
        outcome::promise(env, "refresh", async move {
            let result = super::refresh(&keeper, reason?).await;
            if result.outcome == "permanent" && fails {
                // Awaited, as the account must not go on before it is said; what it throws changes nothing.
                let _ = asker.ask("permanent", &json!([result.reason]), PERSIST_MAX).await;
            }
            Ok(result)
        })
    }

    /// Takes a token from outside, if it is newer than the current one.
    #[napi(catch_unwind, ts_args_type = "token: string", ts_return_type = "Promise<OfferResult>")]
    pub fn offer<'env>(&self, env: &'env Env, token: Unknown<'env>) -> Promised<'env> {
        let token = outcome::caught("offer", || offered(&token));
        let keeper = self.keeper.clone();
        outcome::promise(env, "offer", async move { Ok(OfferResult::from(keeper.offer(&token?).await)) })
    }

    /// Returns the token to use now.
    #[napi(catch_unwind, ts_return_type = "string")]
    pub fn current_token(&self) -> Outcome<String> {
        Outcome::of("currentToken", || Ok(self.keeper.current().expose().clone()))
    }

    /// Returns whether the token should be renewed before it is used.
    #[napi(catch_unwind, ts_return_type = "boolean")]
    pub fn is_near_expiry(&self) -> Outcome<bool> {
        Outcome::of("isNearExpiry", || Ok(self.keeper.is_near_expiry()))
    }

    /// Returns the limits on requests as JSON text, for `config.guard` of the next manager. It holds no token.
    #[napi(catch_unwind, ts_return_type = "string")]
    pub fn guard_state(&self) -> Outcome<String> {
        Outcome::of("guardState", || Ok(serde_json::to_string(&self.keeper.guard()).unwrap_or_default()))
    }

    /// Returns the facts about the token, never the token itself.
    #[napi(catch_unwind, ts_return_type = "TokenStatus")]
    pub fn status(&self) -> Outcome<TokenStatus> {
        Outcome::of("status", || Ok(self.keeper.facts().into()))
    }
}

impl RefreshManager {
    fn make(env: &Env, config: &RefreshManagerConfig, callbacks: Option<&Unknown<'_>>) -> Result<Self> {
        let account: AccountId = config.account_id.as_deref().unwrap_or("client").into();
        let login = Login::from_options(account.as_str(), &config.login())?;
        let mut functions = Vec::new();
        for name in CALLBACKS {
            functions.push((name, callbacks.map(|given| js_args::function(given, name)).transpose()?.flatten()));
        }
        let has = |name: &str| functions.iter().any(|(known, given)| *known == name && given.is_some());
        let gone = env::gone(env)?;
        let closed = gone.child_token();
        let asker = Asker::new(env, &functions, &closed, gone.clone())?;
        let callbacks = Callbacks { asker: asker.clone(), tells: has("onToken"), persists: has("persist") };
        let state_dir = config.state_dir.as_ref().map(PathBuf::from);
        let network = login.network(account.as_str())?;
        let (keeper, warnings) =
            token_manager(&account, &login, &network, &config.token_refresh, state_dir.as_deref(), &callbacks)?;
        let guard = config.guard.as_deref().and_then(|text| serde_json::from_str::<RefreshGuard>(text).ok());
        if let Some(guard) = guard {
            keeper.restore(guard);
        }
        if has("onLog") {
            logs(&keeper, &asker, &account, warnings);
        }
        let (reconnects, fails) = (has("reconnect"), has("onPermanentFailure"));
        Ok(Self { keeper, asker, reconnects, fails, running: Mutex::default(), gone })
    }
}

impl Drop for RefreshManager {
    fn drop(&mut self) {
        self.keeper.stop();
        if let Some(running) = self.running.lock().take() {
            running.cancel();
        }
    }
}

/// Lines for the operator's log. A log that fails is not logged.
fn logs(keeper: &Arc<TokenManager>, asker: &Arc<Asker>, account: &AccountId, warnings: Vec<String>) {
    let (asker, account) = (asker.clone(), account.to_string());
    let say = move |line: String| {
        let (asker, line) = (asker.clone(), json!([{ "level": "warn", "accountId": account, "message": line }]));
        napi::bindgen_prelude::spawn(async move {
            let _ = asker.ask("log", &line, Duration::from_secs(1)).await;
        });
    };
    warnings.into_iter().for_each(&say);
    keeper.listen(move |news| {
        if let TokenEvent::Note(line) = news {
            say(line);
        }
    });
}

/// A connection still holds the token that was replaced: whoever owns it is asked to make another.
async fn reconnecting(keeper: &Arc<TokenManager>, asker: &Arc<Asker>, mut token: Redacted<String>, wanted: bool) {
    loop {
        keeper.replaced(&token).await;
        token = keeper.current();
        if wanted {
            let _ = asker.ask("reconnect", &json!([]), PERSIST_MAX).await;
        }
    }
}

/// The reason of a renewal that somebody asks for.
pub(crate) fn words(reason: Option<&Unknown<'_>>) -> Result<String> {
    match reason.map(js_args::plain).transpose()? {
        None | Some(Value::Null) => Ok("manual".into()),
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.trim().chars().take(200).collect()),
        Some(_) => Err(js_args::config("reason is a text")),
    }
}

/// A token as an argument.
pub(crate) fn offered(token: &Unknown<'_>) -> Result<Redacted<String>> {
    match js_args::plain(token)? {
        Value::String(text) => Ok(Redacted::new(text)),
        _ => Err(js_args::config("token is a text")),
    }
}
