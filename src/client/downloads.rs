//! Where an account's downloads go, and by which network they come.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use channel::tasks;
use openim_client::system::SystemRandom;
use openim_client::{Network, new_message_id, sweep_downloads};

/// The network and the directory of an account's downloads.
pub(super) struct Downloads {
    pub(super) network: Network,
    pub(super) dir: PathBuf,
    is_swept: AtomicBool,
}

impl Downloads {
    /// Beside the ledger, or in a directory whose name nobody can have guessed and taken before.
    pub(super) fn new(network: Network, state_dir: Option<&PathBuf>) -> Self {
        let dir = match state_dir {
            Some(dir) => dir.join("multi-openim").join("downloads"),
            None => std::env::temp_dir().join(format!("multi-openim-{}", new_message_id(&SystemRandom))),
        };
        Self { network, dir, is_swept: AtomicBool::new(false) }
    }

    pub(super) fn network(&self) -> Network {
        self.network.clone()
    }

    /// Before the first download: removes the files of killed processes that nobody has claimed for a day.
    pub(super) async fn sweep(&self) {
        if !self.is_swept.swap(true, Ordering::Relaxed) {
            let dir = self.dir.clone();
            // The directory may not be there yet. What cannot be removed now is tried again after the next login.
            let _ = tasks::blocking(move || sweep_downloads(&dir)).await;
        }
    }
}
