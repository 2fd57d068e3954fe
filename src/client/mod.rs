//! `OpenImClient`: one object, one login at a time. Its methods are split by concern over this folder.
//!
//! The object belongs to JavaScript, the [`Core`] to both sides. A client that is logged in keeps itself alive like an
//! open socket; one that is not can be collected, also when its callback refers to it.

pub(crate) mod calls;
mod create;
mod download;
mod downloads;
mod lifecycle;
mod listen;
mod media;
pub(crate) mod params;
pub(crate) mod send;
mod settle;
mod status;
mod tokens;

use std::sync::{Arc, LazyLock, Weak};

use base::{BoxFuture, Error, Kind, Result};
use channel::{Account, Registry};
use napi::bindgen_prelude::{Either, FnArgs, Function, Null, Object, This, Unknown};
use napi::{Env, ValueType};
use napi_derive::napi;
use openim_client::calls::Calls;
use openim_client::media::{Attachments, Uploader};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use self::downloads::Downloads;
use self::params::{AckMode, ClientOptions};
use crate::env::{self, Resident};
use crate::js_args::{self, config};
use crate::outcome;
use crate::pump::Pump;
use crate::scripts::{self, Script};

/// One live login per server, user and platform, over all environments of this copy of the addon.
pub(crate) static REGISTRY: LazyLock<Arc<Registry>> = LazyLock::new(Arc::default);

/// A connection to OpenIM for one user.
#[napi]
pub struct OpenImClient {
    core: Arc<Core>,
}

/// What the methods, the pump and the environment's hook share.
pub(crate) struct Core {
    /// Whether the promise of a batch settles its messages.
    acks: bool,
    gone: CancellationToken,
    login: Mutex<Slot>,
    /// Messages that are made of files and not sent yet.
    attachments: Attachments,
}

/// Where the client's login stands.
enum Slot {
    Idle,
    /// The account is being started; an older run of it may have to end first.
    Starting(CancellationToken),
    /// Running, or the last one that ran.
    Login(Arc<Login>),
}

/// One login.
pub(crate) struct Login {
    account: Arc<Account>,
    calls: Arc<Calls>,
    /// Whether calls about friends and the black list are made.
    friends: bool,
    uploader: Uploader,
    downloads: Downloads,
    pump: Arc<Pump>,
    /// Nothing is handed over any more.
    closed: CancellationToken,
    /// Nothing of it runs any more.
    ended: CancellationToken,
}

impl Login {
    fn is_over(&self) -> bool {
        self.closed.is_cancelled() || self.account.status().state.is_terminal()
    }

    /// Does work on the account's connections. A logout and an account that ends take it along, and that is what is told.
    async fn until_closed<T>(&self, op: &'static str, work: impl Future<Output = Result<T>>) -> Result<T> {
        let ended = || Err(Error::new(Kind::Cancelled, "the account has ended"));
        let done = tokio::select! {
            biased;
            () = self.closed.cancelled() => ended(),
            () = self.ended.cancelled() => ended(),
            done = work => done,
        };
        done.map_err(|error| if error.kind() == Kind::Cancelled { self.closing_error(error, op) } else { error })
    }

    /// A logout comes first: it ends the account as well.
    fn closing_error(&self, error: Error, op: &'static str) -> Error {
        if self.closed.is_cancelled() {
            let text = format!("{op} was cancelled by logout");
            return Error::new(Kind::Cancelled, text).account(self.account.id().clone());
        }
        self.account.closing_error().map_or(error, |closed| closed.op(op))
    }
}

impl Core {
    /// The login that runs, or why there is none.
    fn running(&self) -> Result<Arc<Login>> {
        match &*self.login.lock() {
            Slot::Login(login) if !login.closed.is_cancelled() => Ok(login.clone()),
            _ => Err(Error::new(Kind::Closed, "the client is not logged in; call login first")),
        }
    }
}

impl Resident for Core {
    fn abandon(&self) {
        match std::mem::replace(&mut *self.login.lock(), Slot::Idle) {
            Slot::Idle => {}
            Slot::Starting(closed) => closed.cancel(),
            Slot::Login(login) => {
                login.closed.cancel();
                login.account.cancel();
            }
        }
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        Box::pin(Self::close(self).wait())
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        self.abandon();
    }
}

#[napi]
impl OpenImClient {
    /// Makes a client. The network is not used before `login`.
    ///
    /// `onBatch` gets messages and events in order. The promise that it returns is flow control: at most two batches
    /// are unsettled at once. In `ackMode` `batch`, the default, it also acknowledges the messages; a rejected batch
    /// comes again. In `manual`, every delivery waits for `ack` or `nack`. `onBatch` may be left out if listeners are
    /// added by `on`.
    #[napi(
        constructor,
        catch_unwind,
        ts_args_type = "onBatch?: ((batch: Batch) => void | Promise<void>) | undefined | null, options?: ClientOptions | undefined | null"
    )]
    pub fn new(env: &Env, this: This<'_>, on_batch: Unknown<'_>, options: Unknown<'_>) -> napi::Result<Self> {
        outcome::thrown(env, "constructor", || {
            let kind = on_batch.get_type().unwrap_or(ValueType::Unknown);
            if !matches!(kind, ValueType::Function | ValueType::Undefined | ValueType::Null) {
                return Err(config("new OpenImClient takes a function that is called with batches"));
            }
            let on_batch = if kind == ValueType::Function { Either::A(on_batch) } else { Either::B(Null) };
            let settings = Settings::read(&options)?;
            let remember: Remember<'_> = scripts::function(env, Script::Unpack, "remember")?;
            let on_log = settings.on_log.map_or(Either::B(Null), Either::A);
            remember.call((this.object, on_batch, on_log).into()).map_err(|error| scripts::broken(&error))?;
            Self::with(env, settings.acks)
        })
    }
}

impl OpenImClient {
    /// A client for the descriptor's script, which tells the callbacks itself.
    pub(crate) fn manual(env: &Env) -> napi::Result<Self> {
        outcome::thrown(env, "constructor", || Self::with(env, false))
    }

    fn with(env: &Env, acks: bool) -> Result<Self> {
        let core = Arc::new(Core {
            acks,
            gone: env::gone(env)?,
            login: Mutex::new(Slot::Idle),
            attachments: Attachments::default(),
        });
        let resident: Weak<dyn Resident> = Arc::downgrade(&core) as _;
        env::enter(env, resident);
        Ok(Self { core })
    }
}

#[cfg(feature = "probes")]
impl OpenImClient {
    pub(crate) fn panic_pump(&self) {
        if let Ok(login) = self.core.running() {
            login.pump.panic_next.store(true, std::sync::atomic::Ordering::SeqCst);
        }
    }
}

/// The client, what it calls with batches, and what with log lines.
type Remember<'env> =
    Function<'env, FnArgs<(Object<'env>, Either<Unknown<'env>, Null>, Either<Unknown<'env>, Null>)>, ()>;

struct Settings<'env> {
    acks: bool,
    on_log: Option<Unknown<'env>>,
}

impl<'env> Settings<'env> {
    fn read(options: &Unknown<'env>) -> Result<Self> {
        let on_log = js_args::member(options, "onLog")?;
        if on_log.as_ref().is_some_and(|on_log| !is_function(on_log)) {
            return Err(config("onLog is a function that is called with log lines"));
        }
        let ack_mode = ClientOptions::read(js_args::plain(options)?)?.ack_mode.unwrap_or_default();
        Ok(Self { acks: ack_mode == AckMode::Batch, on_log })
    }
}

fn is_function(value: &Unknown<'_>) -> bool {
    value.get_type().is_ok_and(|kind| kind == ValueType::Function)
}
