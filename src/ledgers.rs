//! The ledgers of this copy of the addon: one per state directory, open while an account uses it, closed with the last.
//!
//! Without a state directory the ledger lives in memory: a client that logs in again in the same process goes on where
//! it was, a new process begins with what comes then.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Weak};

use base::{Clock as _, Error, Kind, Result};
use channel::{Ledger, tasks};
use openim_client::system::SystemClock;
use parking_lot::Mutex;
use tokio::time::{Instant, sleep};

use crate::limits::{LEDGER_RETRY_EVERY, LEDGER_WAIT};

static IN_MEMORY: LazyLock<Arc<Ledger>> = LazyLock::new(|| Arc::new(Ledger::in_memory()));
static OPEN: LazyLock<Mutex<HashMap<PathBuf, Weak<Ledger>>>> = LazyLock::new(Mutex::default);

/// The ledger of a state directory, opened if need be. One that another copy of the addon is about to let go of is
/// waited for.
pub(crate) async fn open(state_dir: Option<PathBuf>) -> Result<Arc<Ledger>> {
    let Some(state_dir) = state_dir else { return Ok(IN_MEMORY.clone()) };
    let path = state_dir.join("multi-openim").join("ledger.redb");
    let patience = Instant::now() + LEDGER_WAIT;
    loop {
        let file = path.clone();
        let opened = tasks::blocking(move || open_once(&file)).await;
        match opened.unwrap_or_else(|| Err(Error::new(Kind::Internal, "opening the ledger failed by a bug"))) {
            Err(error) if error.kind() == Kind::AlreadyRunning && Instant::now() < patience => {
                sleep(LEDGER_RETRY_EVERY).await;
            }
            other => return other,
        }
    }
}

/// Two that ask at once get the same one.
fn open_once(path: &Path) -> Result<Arc<Ledger>> {
    let mut open = OPEN.lock();
    if let Some(ledger) = open.get(path).and_then(Weak::upgrade) {
        return Ok(ledger);
    }
    let ledger = Arc::new(Ledger::open(path, SystemClock.now_ms())?);
    open.retain(|_, ledger| ledger.strong_count() > 0);
    open.insert(path.to_owned(), Arc::downgrade(&ledger));
    Ok(ledger)
}

/// Gives a ledger back; the last one to do so closes the file.
pub(crate) async fn close(ledger: Arc<Ledger>) {
    if let Some(ledger) = Arc::into_inner(ledger) {
        // A panic in it has nothing more to write.
        let _ = tasks::blocking(move || ledger.close()).await;
    }
}
