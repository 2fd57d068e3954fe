//! One live login per server, user and platform in this process. A newer start of the same account takes over from an
//! older one; another account with the same login is refused by name.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use base::{AccountId, Error, Kind, Result};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::limits::TAKEOVER_GRACE;
use crate::transport::LoginKey;

/// One run of an account, as others see it: whose it is, how to stop it, and when it has ended.
pub(crate) struct Run {
    pub(crate) id: AccountId,
    pub(crate) login: LoginKey,
    pub(crate) stop: CancellationToken,
    pub(crate) ended: CancellationToken,
}

impl Run {
    pub(crate) fn new(id: AccountId, login: LoginKey) -> Self {
        Self { id, login, stop: CancellationToken::new(), ended: CancellationToken::new() }
    }
}

/// The accounts that run.
#[derive(Default)]
pub struct Registry {
    running: Mutex<HashMap<LoginKey, Weak<Run>>>,
}

impl Registry {
    /// Makes `newcomer` the one run of its login, once an older run of the same account has ended.
    pub(crate) async fn claim(&self, newcomer: &Arc<Run>) -> Result<()> {
        loop {
            let Some(older) = self.enter(newcomer) else {
                return Ok(());
            };
            if older.id != newcomer.id {
                let (older, newcomer) = (&older.id, &newcomer.id);
                let text = format!(
                    "accounts \"{older}\" and \"{newcomer}\" use the same login; give each its own user or platform, or disable one"
                );
                return Err(Error::new(Kind::AlreadyRunning, text));
            }
            older.stop.cancel();
            if tokio::time::timeout(TAKEOVER_GRACE, older.ended.cancelled()).await.is_err() {
                let id = &newcomer.id;
                let text = format!("an older run of account \"{id}\" does not end; restart the gateway");
                return Err(Error::new(Kind::AlreadyRunning, text));
            }
            self.leave(&older);
        }
    }

    /// Gives the login up, if it is still this run's.
    pub(crate) fn leave(&self, run: &Arc<Run>) {
        let mut running = self.running.lock();
        if running.get(&run.login).is_some_and(|holder| holder.as_ptr() == Arc::as_ptr(run)) {
            running.remove(&run.login);
        }
    }

    /// Takes the login if it is free, or returns the run that has it.
    fn enter(&self, newcomer: &Arc<Run>) -> Option<Arc<Run>> {
        let mut running = self.running.lock();
        let holder = running.get(&newcomer.login).and_then(Weak::upgrade).filter(|holder| !holder.ended.is_cancelled());
        if holder.is_none() {
            running.insert(newcomer.login.clone(), Arc::downgrade(newcomer));
        }
        holder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(id: &str, user: &str) -> Arc<Run> {
        Arc::new(Run::new(id.into(), LoginKey::new("http://im", user, 5)))
    }

    /// A run that ends as soon as it is told to stop.
    fn obedient(id: &str) -> Arc<Run> {
        let run = run(id, "bot");
        let this = run.clone();
        tokio::spawn(async move {
            this.stop.cancelled().await;
            this.ended.cancel();
        });
        run
    }

    #[tokio::test]
    async fn a_newer_start_takes_over_once_the_older_run_has_ended() {
        let registry = Registry::default();
        let (older, newer) = (obedient("a"), run("a", "bot"));
        registry.claim(&older).await.unwrap();
        registry.claim(&newer).await.unwrap();
        assert!(older.stop.is_cancelled() && older.ended.is_cancelled() && !newer.stop.is_cancelled());
        registry.leave(&older);
        let error = registry.claim(&run("b", "bot")).await.unwrap_err();
        assert_eq!(error.kind(), Kind::AlreadyRunning, "the older run gave up nothing of the newer");
    }

    #[tokio::test]
    async fn another_account_with_the_same_login_is_refused_by_name() {
        let registry = Registry::default();
        let holder = obedient("a");
        registry.claim(&holder).await.unwrap();
        let error = registry.claim(&run("b", "bot")).await.unwrap_err();
        assert!(error.message().contains("accounts \"a\" and \"b\" use the same login"), "{error}");
        assert!(!holder.stop.is_cancelled());
        registry.claim(&run("b", "another")).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_does_not_end_keeps_its_login() {
        let registry = Registry::default();
        let stuck = run("a", "bot");
        registry.claim(&stuck).await.unwrap();
        let error = registry.claim(&run("a", "bot")).await.unwrap_err();
        assert!(error.message().contains("restart the gateway"), "{error}");
        assert!(stuck.stop.is_cancelled());
    }

    #[tokio::test]
    async fn a_login_is_free_after_its_run_left_or_vanished() {
        let registry = Registry::default();
        let first = run("a", "bot");
        registry.claim(&first).await.unwrap();
        registry.leave(&first);
        let second = run("b", "bot");
        registry.claim(&second).await.unwrap();
        drop(second);
        registry.claim(&run("c", "bot")).await.unwrap();
    }
}
