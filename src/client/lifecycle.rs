//! `login` and `logout`.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;

use base::{AccountId, Error, Kind, Result};
use channel::{Account, AccountSpec, Ledger, OfflinePolicy, TokenManager, Transport, tasks};
use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function, Object, This, Unknown};
use napi_derive::napi;
use openim_client::calls::Calls;
use openim_client::media::Uploader;
use openim_client::system::{SystemClock, SystemRandom};
use openim_client::{ManagedTokens, OpenIm};
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::downloads::Downloads;
use super::params::{LoginParams, Until};
use super::{Core, Login, OpenImClient, REGISTRY, Slot};
use crate::dto::LoginResult;
use crate::limits::LOGOUT_MAX;
use crate::outcome::{self, Promised};
use crate::pump::{Callback, Deliver, Pump};
use crate::refresh::{self, Asker, Callbacks};
use crate::scripts::{self, Script};
use crate::trace::TraceBuffer;
use crate::{js_args, ledgers};

#[napi]
impl OpenImClient {
    /// Logs in and resolves once the server has accepted the login and the first synchronisation is done. Rejects with
    /// a classified error after 20 s at the latest, and then nothing continues. With `until: "started"` it resolves as
    /// soon as the account runs, and connecting continues for as long as it takes.
    #[napi(catch_unwind, ts_args_type = "params: LoginParams", ts_return_type = "Promise<LoginResult>")]
    pub fn login<'env>(&self, env: &'env Env, this: This<'env>, params: Unknown<'env>) -> Promised<'env> {
        let core = self.core.clone();
        let prepared = outcome::caught("login", || Prepared::new(env, &core, &this.object, &params));
        outcome::promise(env, "login", async move { core.log_in(prepared?).await })
    }

    /// Ends the login. No callback runs after this call. Resolves within 5 s, also when it is called again.
    #[napi(catch_unwind, ts_return_type = "Promise<void>")]
    pub fn logout<'env>(&self, env: &'env Env) -> Promised<'env> {
        // Closed on this thread, so that nothing already on its way is handed over after the call.
        let closing = self.core.close();
        outcome::promise(env, "logout", async move {
            closing.wait().await;
            Ok(())
        })
    }
}

/// What has to be read and made on the JavaScript thread before an account can start.
struct Prepared {
    id: AccountId,
    transport: Arc<dyn Transport>,
    tokens: Arc<TokenManager>,
    calls: Arc<Calls>,
    friends: bool,
    uploader: Uploader,
    downloads: Downloads,
    state_dir: Option<PathBuf>,
    offline_policy: OfflinePolicy,
    result: LoginResult,
    pump: Arc<Pump>,
    callback: Callback,
    closed: CancellationToken,
    until_online: bool,
}

impl Prepared {
    fn new(env: &Env, core: &Core, this: &Object<'_>, params: &Unknown<'_>) -> Result<Self> {
        let given = params;
        let block = js_args::object(given, "login")?;
        let params = LoginParams::read(&block)?;
        let (id, login) = identity(&params)?;
        let result =
            LoginResult { account_id: id.to_string(), user_id: login.user_id.clone(), platform_id: login.platform_id };
        let closed = core.gone.child_token();
        let network = login.network(id.as_str())?;
        let state_dir = params.state_dir.map(PathBuf::from);
        let callbacks = callbacks(env, core, given, &closed)?;
        let (tokens, warnings) =
            refresh::token_manager(&id, &login, &network, &params.token_refresh, state_dir.as_deref(), &callbacks)?;
        let downloads = Downloads::new(network.clone(), state_dir.as_ref());
        let wire = OpenIm::new(id.clone(), login, network, Arc::new(SystemRandom));
        let calls = Arc::new(wire.calls(Arc::new(ManagedTokens(tokens.clone())))?);
        let uploader = Uploader::beside(&calls, downloads.network(), Arc::new(SystemRandom));
        let friends = params.disable_friend_sdk == Some(false);
        let transport = transport(wire, &block);
        let trace = TraceBuffer::open(&id, params.log_level.unwrap_or_default());
        let pump = Pump::new(core.acks, trace, closed.clone());
        warnings.into_iter().for_each(|warning| pump.note(warning));
        let callback = pump.callback(&deliverer(env, this, &id, &pump)?)?;
        let offline_policy = OfflinePolicy::default().with(&block);
        // On this thread, so that a logout right after the call finds something to cancel.
        core.reserve(&closed)?;
        Ok(Self {
            id,
            transport,
            calls,
            uploader,
            downloads,
            friends,
            tokens,
            state_dir,
            offline_policy,
            result,
            pump,
            callback,
            closed,
            until_online: params.until.unwrap_or_default() == Until::Online,
        })
    }
}

/// The functions of a login that have to do with its token.
fn callbacks(env: &Env, core: &Core, given: &Unknown<'_>, closed: &CancellationToken) -> Result<Callbacks> {
    let refresher = js_args::function(given, "tokenRefresher")?;
    let on_token = js_args::function(given, "onToken")?;
    let tells = on_token.is_some();
    let asker = Asker::new(env, &[("refresher", refresher), ("onToken", on_token)], closed, core.gone.clone())?;
    Ok(Callbacks { asker, tells, persists: false })
}

/// The account's name and its login. Without a name for the account, the user is the name.
fn identity(params: &LoginParams) -> Result<(AccountId, openim_client::Login)> {
    let named = params.account_id.as_deref();
    let user_id = params.login.user_id.as_str().filter(|id| !id.is_empty());
    let called = named.or(user_id).unwrap_or("client");
    let login = openim_client::Login::from_options(called, &params.login)?;
    let id = named.map_or_else(|| login.user_id.as_str().into(), Into::into);
    Ok((id, login))
}

#[cfg_attr(not(feature = "probes"), expect(unused_variables, reason = "probes read a member of their own"))]
fn transport(wire: Arc<OpenIm>, params: &Map<String, Value>) -> Arc<dyn Transport> {
    #[cfg(feature = "probes")]
    let wire = crate::probes::transport(wire, params);
    wire
}

/// The function of the script that unpacks for this client, with the way back for settled batches.
fn deliverer<'env>(env: &'env Env, this: &Object<'_>, id: &AccountId, pump: &Arc<Pump>) -> Result<Deliver<'env>> {
    type Settle<'env> = Function<'env, FnArgs<(u32, bool)>, ()>;
    let pump = pump.clone();
    let settle: napi::Result<Settle<'env>> = env.create_function_from_closure("settle", move |call| {
        if let (Ok(number), Ok(taken)) = (call.get::<u32>(0), call.get::<bool>(1)) {
            pump.settle(number, taken);
        }
        Ok(())
    });
    let settle = settle.map_err(|error| scripts::broken(&error))?;
    let make: Function<'_, FnArgs<(Object<'_>, String, Settle<'_>)>, Deliver<'env>> =
        scripts::function(env, Script::Unpack, "deliverer")?;
    make.call((*this, id.to_string(), settle).into()).map_err(|error| scripts::broken(&error))
}

impl Login {
    /// From the first batch to the last word of the account.
    async fn run(self: Arc<Self>, callback: Callback, ledger: Arc<Ledger>) {
        tokio::select! {
            () = self.pump.clone().run(self.account.clone(), callback) => {}
            never = self.follow_self() => match never {},
        }
        self.account.stop().await;
        ledgers::close(ledger).await;
        // JavaScript may hold the client for long; sockets go now.
        self.downloads.network().close();
        self.ended.cancel();
    }
}

impl Login {
    /// Keeps known how the account shows itself, once it is online.
    async fn follow_self(&self) -> Infallible {
        while let Err(error) = self.account.online().await {
            if error.kind() != Kind::Timeout {
                return std::future::pending().await;
            }
        }
        self.calls.follow_self().await
    }
}

impl Core {
    async fn log_in(&self, prepared: Prepared) -> Result<LoginResult> {
        let closed = prepared.closed.clone();
        let (result, until_online) = (prepared.result.clone(), prepared.until_online);
        let cancelled = || {
            let error = Error::new(Kind::Cancelled, "the login was cancelled by logout");
            error.account(result.account_id.as_str().into())
        };
        let started = tokio::select! {
            () = closed.cancelled() => Err(cancelled()),
            started = self.start(prepared) => started,
        };
        let login = started.inspect_err(|_| self.vacate(&closed))?;
        if !until_online {
            return Ok(result);
        }
        let online = tokio::select! {
            () = closed.cancelled() => Err(cancelled()),
            online = login.account.online() => online,
        };
        // What has ended by itself still has its last events to tell; what goes on trying is ended here.
        if online.as_ref().is_err_and(|error| error.kind() == Kind::Timeout) {
            closed.cancel();
            login.account.cancel();
        }
        online.map(|()| result)
    }

    async fn start(&self, prepared: Prepared) -> Result<Arc<Login>> {
        let Prepared {
            id,
            transport,
            calls,
            uploader,
            downloads,
            friends,
            tokens,
            state_dir,
            offline_policy,
            pump,
            callback,
            closed,
            ..
        } = prepared;
        let ledger = ledgers::open(state_dir).await?;
        if let Some(aside) = &ledger.set_aside {
            pump.note(format!("the record of what was delivered was damaged and is put aside as {aside}"));
        }
        let spec = AccountSpec {
            id,
            transport,
            tokens,
            ledger: ledger.clone(),
            offline_policy,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        };
        let account = match Account::start(spec, &REGISTRY).await {
            Ok(account) => Arc::new(account),
            Err(error) => {
                ledgers::close(ledger).await;
                return Err(error);
            }
        };
        let login = Arc::new(Login {
            account,
            calls,
            uploader,
            downloads,
            friends,
            pump,
            closed,
            ended: CancellationToken::new(),
        });
        // A logout that came in between has cancelled `closed`: the pump then stops the account.
        tasks::spawn(login.clone().run(callback, ledger));
        *self.login.lock() = Slot::Login(login.clone());
        Ok(login)
    }

    /// One login at a time.
    fn reserve(&self, closed: &CancellationToken) -> Result<()> {
        let mut slot = self.login.lock();
        let free = match &*slot {
            Slot::Idle => true,
            Slot::Starting(_) => false,
            Slot::Login(login) => login.is_over(),
        };
        if !free {
            let text = "the client is logged in already; call logout first or make another client";
            return Err(Error::new(Kind::AlreadyRunning, text));
        }
        *slot = Slot::Starting(closed.clone());
        Ok(())
    }

    /// Gives the place up after a start that failed.
    fn vacate(&self, closed: &CancellationToken) {
        // A logout has made room already, and another login may hold it.
        if closed.is_cancelled() {
            return;
        }
        *self.login.lock() = Slot::Idle;
    }

    /// Ends the login without waiting; [`Closing::wait`] does the waiting.
    pub(super) fn close(&self) -> Closing {
        let mut slot = self.login.lock();
        match &*slot {
            Slot::Idle => Closing(None),
            Slot::Starting(closed) => {
                closed.cancel();
                *slot = Slot::Idle;
                Closing(None)
            }
            Slot::Login(login) => {
                login.closed.cancel();
                login.account.cancel();
                Closing(Some(login.clone()))
            }
        }
    }
}

/// A login on its way out.
pub(super) struct Closing(Option<Arc<Login>>);

impl Closing {
    pub(super) async fn wait(self) {
        let Some(login) = self.0 else { return };
        let _ = tokio::time::timeout(LOGOUT_MAX, login.ended.cancelled()).await;
    }
}
