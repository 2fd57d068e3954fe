//! One live login per server, user and platform in this process. A newer start of the same account takes over from an
//! older one; another account with the same login is refused by name.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use base::{Error, Kind, Result};
use parking_lot::Mutex;

use crate::LoginKey;
use crate::account::Shared;
use crate::limits::TAKEOVER_GRACE;

/// The accounts that run.
#[derive(Default)]
pub struct Registry {
    running: Mutex<HashMap<LoginKey, Weak<Shared>>>,
}

impl Registry {
    /// Makes `newcomer` the one run of its login, once an older run of the same account has ended.
    pub(crate) async fn claim(&self, newcomer: &Arc<Shared>) -> Result<()> {
        loop {
            let Some(older) = self.enter(newcomer) else {
                return Ok(());
            };
            if older.id() != newcomer.id() {
                return Err(Error::new(
                    Kind::AlreadyRunning,
                    format!(
                        "accounts \"{}\" and \"{}\" use the same login; give each its own user or platform, or disable one",
                        older.id(),
                        newcomer.id()
                    ),
                ));
            }
            older.stop_token().cancel();
            if tokio::time::timeout(TAKEOVER_GRACE, older.ended()).await.is_err() {
                return Err(Error::new(
                    Kind::AlreadyRunning,
                    format!("an older run of account \"{}\" does not end; restart the gateway", newcomer.id()),
                ));
            }
            self.leave(&older);
        }
    }

    /// Gives the place up, if it is still this run's.
    pub(crate) fn leave(&self, account: &Arc<Shared>) {
        let mut running = self.running.lock();
        if running.get(account.login()).is_some_and(|holder| holder.as_ptr() == Arc::as_ptr(account)) {
            running.remove(account.login());
        }
    }

    /// Takes the place where it is free, or returns who holds it.
    fn enter(&self, newcomer: &Arc<Shared>) -> Option<Arc<Shared>> {
        let mut running = self.running.lock();
        let holder = running.get(newcomer.login()).and_then(Weak::upgrade).filter(|holder| !holder.has_ended());
        if holder.is_none() {
            running.insert(newcomer.login().clone(), Arc::downgrade(newcomer));
        }
        holder
    }
}
