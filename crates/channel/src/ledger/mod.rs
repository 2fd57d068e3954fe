//! The delivery ledger: which messages are settled, kept over restarts. Acknowledgements count in memory at once. One
//! thread writes those of all logins in one durable transaction, at most every 20 ms and when asked to flush. Ids are
//! written with the acknowledgement, never earlier: a message that was only handed over comes again after a crash.

mod conversation;
mod progress;
mod store;
mod tables;
mod upgrade;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use base::Result;
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use progress::Changes;
pub use progress::{DeadLetter, History, LoginProgress};
use store::Store;

use crate::LoginKey;
use crate::limits::{FLUSH_MAX, LEDGER_EVERY, LEDGER_RETRY};

/// The ledger of one state directory, or one that lives in memory only.
pub struct Ledger {
    shared: Arc<Shared>,
    store: Option<Arc<Store>>,
    writer: Option<JoinHandle<()>>,
    /// Where a damaged file was moved when this one was opened.
    pub set_aside: Option<String>,
}

/// One login's part of the ledger.
#[derive(Clone)]
pub struct LoginLedger {
    progress: Arc<Mutex<LoginProgress>>,
    shared: Arc<Shared>,
}

struct Shared {
    /// Whether there is a thread that writes.
    durable: bool,
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    logins: HashMap<u128, Arc<Mutex<LoginProgress>>>,
    dirty: bool,
    flushes: Vec<oneshot::Sender<()>>,
    closing: bool,
    fault: Option<String>,
}

impl Ledger {
    /// A ledger that is lost when the process ends.
    pub fn in_memory() -> Self {
        let shared = Arc::new(Shared { durable: false, state: Mutex::default(), wake: Condvar::new() });
        Self { shared, store: None, writer: None, set_aside: None }
    }

    /// Opens the file and starts the thread that writes it. A damaged file is moved aside; see [`Self::set_aside`].
    pub fn open(path: &Path, now_ms: i64) -> Result<Self> {
        let (store, opened) = Store::open(path, now_ms)?;
        let set_aside = opened.set_aside.map(|path| path.display().to_string());
        let mut ledger = Self::on(store);
        ledger.set_aside = set_aside;
        Ok(ledger)
    }

    /// A ledger on a disk of the caller's making, without a thread: only [`Self::commit`] writes. For tests that control
    /// time and let disks fail.
    pub fn on_disk<D: redb::StorageBackend>(disk: impl Fn() -> std::io::Result<D> + Send + Sync + 'static) -> Self {
        let shared = Arc::new(Shared { durable: false, state: Mutex::default(), wake: Condvar::new() });
        Self { shared, store: Some(Arc::new(Store::on_disk(disk))), writer: None, set_aside: None }
    }

    /// Writes what changed, if no thread does. Returns whether everything is on the disk now.
    pub fn commit(&self) -> bool {
        let Some(store) = &self.store else { return true };
        if !std::mem::take(&mut self.shared.state.lock().dirty) {
            return true;
        }
        let written = write(&self.shared, store);
        let mut state = self.shared.state.lock();
        state.dirty |= written.is_err();
        state.fault = written.err().map(|error| error.to_string());
        state.fault.is_none()
    }

    fn on(store: Store) -> Self {
        let store = Arc::new(store);
        let shared = Arc::new(Shared { durable: true, state: Mutex::default(), wake: Condvar::new() });
        let writer = Some(spawn_writer(shared.clone(), store.clone()));
        Self { shared, store: Some(store), writer, set_aside: None }
    }

    /// The dead letters of a login, the newest last.
    pub fn dead_letters(&self, key: &LoginKey) -> Result<Vec<DeadLetter>> {
        self.store.as_ref().map_or_else(|| Ok(Vec::new()), |store| store.dead_letters(store::login_fingerprint(key)))
    }

    /// Writes what is left and closes the file. Blocks for one write.
    pub fn close(mut self) {
        self.shut();
        if let Some(writer) = self.writer.take() {
            // A thread that panicked has nothing left to write.
            let _ = writer.join();
        }
    }

    fn shut(&self) {
        self.shared.state.lock().closing = true;
        self.shared.wake.notify_all();
    }

    /// The part of one login. The first call reads it from the file. Nothing else waits for the disk meanwhile.
    pub fn login(&self, key: &LoginKey) -> Result<LoginLedger> {
        let print = store::login_fingerprint(key);
        let loaded = self.shared.state.lock().logins.get(&print).cloned();
        let progress = match loaded {
            Some(progress) => progress,
            None => {
                let loaded = Arc::new(Mutex::new(self.load(print)?));
                // Of two that loaded it at the same time, the first one's counts.
                self.shared.state.lock().logins.entry(print).or_insert(loaded).clone()
            }
        };
        Ok(LoginLedger { progress, shared: self.shared.clone() })
    }

    fn load(&self, print: u128) -> Result<LoginProgress> {
        let mut progress = LoginProgress::default();
        if let Some(store) = &self.store {
            store.load(print, &mut progress)?;
        }
        if self.set_aside.is_some() {
            progress.mark_damaged();
        }
        Ok(progress)
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        self.shut();
    }
}

impl LoginLedger {
    /// Looks at the progress.
    pub fn read<T>(&self, look: impl FnOnce(&LoginProgress) -> T) -> T {
        look(&self.progress.lock())
    }

    /// Changes the progress. The change is written within moments.
    pub fn change<T>(&self, change: impl FnOnce(&mut LoginProgress) -> T) -> T {
        let value = change(&mut self.progress.lock());
        let mut state = self.shared.state.lock();
        if !std::mem::replace(&mut state.dirty, true) {
            self.shared.wake.notify_all();
        }
        value
    }

    /// Waits until every change so far is on disk, but no longer than [`FLUSH_MAX`]. If writing fails, it returns too; see
    /// [`Self::fault`].
    pub async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        {
            let mut state = self.shared.state.lock();
            if !self.shared.durable || state.closing {
                return;
            }
            state.flushes.push(done);
        }
        self.shared.wake.notify_all();
        // An error means that the thread has ended, its last write done.
        if tokio::time::timeout(FLUSH_MAX, flushed).await.is_err() {
            tracing::warn!("acknowledgements were not written in time; the disk does not answer");
        }
    }

    /// Why nothing can be written at the moment, if it cannot.
    pub fn fault(&self) -> Option<String> {
        self.shared.state.lock().fault.clone()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the ledger is the one owner of a thread besides the runtime: its writes block"
)]
fn spawn_writer(shared: Arc<Shared>, store: Arc<Store>) -> JoinHandle<()> {
    std::thread::spawn(move || write_until_closed(&shared, &store))
}

fn write_until_closed(shared: &Shared, store: &Store) {
    loop {
        let (dirty, flushes, closing) = wait(shared);
        let written = if dirty { write(shared, store) } else { Ok(()) };
        let failed = written.is_err();
        let fault = written.err().map(|error| error.to_string());
        let before = std::mem::replace(&mut shared.state.lock().fault, fault.clone());
        report_fault(before.as_deref(), fault.as_deref());
        for flush in flushes {
            let _ = flush.send(());
        }
        if closing {
            return;
        }
        let mut state = shared.state.lock();
        state.dirty |= failed;
        // Acknowledgements that come meanwhile are written together; a flush does not wait for more.
        let pause = if failed { LEDGER_RETRY } else { LEDGER_EVERY };
        if state.flushes.is_empty() && !state.closing {
            pause_for(shared, &mut state, pause);
        }
    }
}

/// Logs the beginning and the end of a fault, not every attempt.
fn report_fault(before: Option<&str>, now: Option<&str>) {
    match (before, now) {
        (None, Some(fault)) => tracing::info!(fault, "acknowledgements cannot be written"),
        (Some(_), None) => tracing::info!("acknowledgements are written again"),
        _ => {}
    }
}

fn pause_for(shared: &Shared, state: &mut parking_lot::MutexGuard<'_, State>, pause: Duration) {
    // The first change after a commit wakes this thread, and so does a flush. Only a flush cuts the pause short.
    let mut left = pause;
    while state.flushes.is_empty() && !state.closing && !left.is_zero() {
        let slice = left.min(LEDGER_EVERY);
        if shared.wake.wait_for(state, slice).timed_out() {
            left = left.saturating_sub(slice);
        }
    }
}

fn wait(shared: &Shared) -> (bool, Vec<oneshot::Sender<()>>, bool) {
    let mut state = shared.state.lock();
    while !state.dirty && state.flushes.is_empty() && !state.closing {
        shared.wake.wait(&mut state);
    }
    (std::mem::take(&mut state.dirty), std::mem::take(&mut state.flushes), state.closing)
}

fn write(shared: &Shared, store: &Store) -> Result<()> {
    let logins: Vec<_> =
        shared.state.lock().logins.iter().map(|(login, progress)| (*login, progress.clone())).collect();
    let changes: Vec<(u128, Changes)> =
        logins.iter().map(|(login, progress)| (*login, progress.lock().take_dirty())).collect();
    if changes.iter().all(|(_, changes)| changes.is_empty()) {
        return Ok(());
    }
    let result = store.write(&changes);
    if result.is_err() {
        for ((_, progress), (_, changes)) in logins.iter().zip(changes) {
            progress.lock().give_back(changes);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// Settles messages while the disk refuses writes, and checks that they are on the disk once it takes them.
    async fn settle_across_a_disk_fault(with: ErrorKind) -> String {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.redb");
        let refuses = Arc::new(AtomicBool::new(false));
        let key = LoginKey::new("http://api", "bot", 5);
        let chat: Arc<str> = "si_a_b".into();
        let ledger = Ledger::on(store::tests::on_a_disk(&path, &refuses, with));
        let login = ledger.login(&key).unwrap();
        login.change(|progress| progress.skip_to(&chat, 5));
        login.flush().await;
        assert_eq!(login.fault(), None);

        refuses.store(true, Ordering::SeqCst);
        login.change(|progress| progress.settle(&chat, 6));
        login.flush().await;
        let fault = login.fault().unwrap();
        assert_eq!(
            login.read(|progress| progress.cursor("si_a_b")),
            Some(6),
            "acknowledgements count in memory all the same"
        );

        refuses.store(false, Ordering::SeqCst);
        login.change(|progress| progress.settle(&chat, 7));
        login.flush().await;
        assert_eq!(login.fault(), None);
        ledger.close();
        let again = Ledger::on(store::tests::on_a_disk(&path, &refuses, with));
        assert_eq!(again.login(&key).unwrap().read(|progress| progress.cursor("si_a_b")), Some(7));
        fault
    }

    #[tokio::test]
    async fn a_full_disk_is_reported_and_written_to_once_there_is_room() {
        let fault = settle_across_a_disk_fault(ErrorKind::StorageFull).await;
        assert!(fault.contains("free disk space"), "{fault}");
    }

    #[tokio::test]
    async fn a_read_only_disk_is_reported_and_written_to_once_it_can_be() {
        let fault = settle_across_a_disk_fault(ErrorKind::ReadOnlyFilesystem).await;
        assert!(fault.contains("read-only") && fault.contains("mend its permissions"), "{fault}");
    }
}
