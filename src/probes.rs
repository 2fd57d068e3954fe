//! For tests only: exports that panic on purpose, one for each boundary. Compiled under the feature `probes`, which no
//! shipped addon has.
#![expect(clippy::panic, reason = "to see what becomes of a panic")]

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use channel::{BoxFuture, Ending, Link, LoginKey, Outgoing, Receipt, Transport};
use napi::Env;
use napi_derive::napi;
use serde_json::{Map, Value};

use crate::armed_panic::panic_if;
use crate::client::OpenImClient;
use crate::js_args;
use crate::outcome::{self, Outcome, Promised};

/// Panics in a synchronous export.
#[napi(catch_unwind, ts_return_type = "void")]
pub fn probe_sync() -> Outcome<()> {
    Outcome::of("probeSync", || panic!("a panic in a synchronous export"))
}

/// Panics in an asynchronous export.
#[napi(catch_unwind, ts_return_type = "Promise<void>")]
pub fn probe_async(env: &Env) -> Promised<'_> {
    outcome::promise::<()>(env, "probeAsync", async { panic!("a panic in an asynchronous export") })
}

#[napi]
impl OpenImClient {
    /// Makes the pump panic with the next batch in hand.
    #[napi(catch_unwind)]
    pub fn probe_pump(&self) {
        self.panic_pump();
    }
}

/// A wire that panics in its first connection, where the login says `probe: "connection"`.
pub(crate) fn transport(wire: Arc<dyn Transport>, params: &Map<String, Value>) -> Arc<dyn Transport> {
    if js_args::text(params, "probe") != Some("connection") {
        return wire;
    }
    Arc::new(Panicking { wire, armed: AtomicBool::new(true) })
}

struct Panicking {
    wire: Arc<dyn Transport>,
    armed: AtomicBool,
}

impl Transport for Panicking {
    fn login(&self) -> LoginKey {
        self.wire.login()
    }

    fn self_id(&self) -> &str {
        self.wire.self_id()
    }

    fn connect(&self, link: Link) -> BoxFuture<'_, Ending> {
        Box::pin(async move {
            panic_if(&self.armed, "connection");
            self.wire.connect(link).await
        })
    }

    fn ended(&self) {
        self.wire.ended();
    }

    fn send(&self, message: Outgoing) -> BoxFuture<'static, base::Result<Receipt>> {
        self.wire.send(message)
    }
}
