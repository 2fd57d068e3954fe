//! The environments (the main thread, worker threads, a second load of the file) and the clients that live in them.
//!
//! A client belongs to the environment that made it. When the environment ends, its cleanup hook stops the clients without
//! waiting and without touching JavaScript. Every environment gets one hook with data of its own: Node aborts when the same
//! hook is registered twice.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Weak};

use base::{BoxFuture, Error, Kind, Result};
use napi::Env;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::scripts;

static ENVIRONMENTS: LazyLock<Mutex<HashMap<usize, Environment>>> = LazyLock::new(Mutex::default);

/// A client as its environment sees it.
pub(crate) trait Resident: Send + Sync {
    /// Stops the client without waiting: the environment ends.
    fn abandon(&self);

    /// Logs the client out at once; the future resolves when it has ended.
    fn close(&self) -> BoxFuture<'static, ()>;
}

#[derive(Default)]
struct Environment {
    gone: CancellationToken,
    clients: Vec<Weak<dyn Resident>>,
}

/// Cancelled when the environment ends.
pub(crate) fn gone(env: &Env) -> Result<CancellationToken> {
    let key = env.raw() as usize;
    if let Some(known) = ENVIRONMENTS.lock().get(&key) {
        return Ok(known.gone.clone());
    }
    env.add_env_cleanup_hook(key, end).map_err(|error| {
        Error::new(
            Kind::Internal,
            format!("the environment takes no cleanup hook: {}; please report this", error.reason),
        )
    })?;
    Ok(ENVIRONMENTS.lock().entry(key).or_default().gone.clone())
}

/// Remembers a client until it is dropped.
pub(crate) fn enter(env: &Env, client: Weak<dyn Resident>) {
    let mut environments = ENVIRONMENTS.lock();
    let clients = &mut environments.entry(env.raw() as usize).or_default().clients;
    clients.retain(|client| client.strong_count() > 0);
    clients.push(client);
}

/// Every client of this copy of the addon, in all environments.
pub(crate) fn clients() -> Vec<Arc<dyn Resident>> {
    let environments = ENVIRONMENTS.lock();
    let clients = environments.values().flat_map(|environment| &environment.clients);
    clients.filter_map(Weak::upgrade).collect()
}

/// Runs on the environment's thread while it is torn down: no JavaScript, no waiting, no new tasks.
fn end(key: usize) {
    let ended = ENVIRONMENTS.lock().remove(&key);
    scripts::forget(key);
    let Some(ended) = ended else { return };
    ended.gone.cancel();
    for client in ended.clients.iter().filter_map(Weak::upgrade) {
        client.abandon();
    }
}
