//! The state in a directory: one JSON file, written as a whole, atomically, for its owner alone.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::time::Instant;

use crate::limits::{SAVE_EVERY, SAVE_SHARE};
use crate::server::Shared;
use crate::state::Kept;

pub(crate) struct Data {
    file: PathBuf,
    /// Held while the server lives: no second one writes here.
    _lock: File,
}

impl Data {
    /// Makes the directory where it is missing, takes it, and reads what is there. The error is one sentence.
    pub(crate) fn open(directory: &Path) -> Result<(Self, Option<Kept>), String> {
        let cannot = |error: std::io::Error| format!("the data directory {directory:?} cannot be used: {error}");
        make_private(directory).map_err(cannot)?;
        let lock = private(&directory.join("lock")).map_err(cannot)?;
        lock.try_lock().map_err(|_| format!("the data directory {directory:?} is in use: stop the other server"))?;
        let file = directory.join("state.json");
        let kept = match fs::read(&file) {
            Ok(bytes) => {
                let damaged = |error| format!("{file:?} is damaged ({error}): move it away to begin anew");
                Some(serde_json::from_slice(&bytes).map_err(damaged)?)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(cannot(error)),
        };
        Ok((Self { file, _lock: lock }, kept))
    }

    /// Where stored files are.
    pub(crate) fn objects(&self) -> PathBuf {
        self.file.with_file_name("objects")
    }

    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), String> {
        let beside = self.file.with_extension("json.new");
        let written = private(&beside).and_then(|mut file| {
            file.set_len(0)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&beside, &self.file)
        });
        written.map_err(|error| format!("{:?} cannot be written: {error}", self.file))
    }
}

/// Writes after changes until the server stops. What cannot be written now is tried again with the next change.
pub(crate) async fn keep_written(shared: Arc<Shared>) {
    let mut changes = shared.changes();
    // What the configuration brought, and what happened before this ran.
    changes.mark_changed();
    let mut pause = SAVE_EVERY;
    loop {
        let changed = async {
            // The sender lives in `shared`: this ends by a change alone.
            let _ = changes.changed().await;
            tokio::time::sleep(pause).await;
        };
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = changed => {}
        }
        changes.mark_unchanged();
        let began = Instant::now();
        let writer = Arc::clone(&shared);
        let _ = tokio::task::spawn_blocking(move || writer.save()).await;
        pause = SAVE_EVERY.max(began.elapsed() * SAVE_SHARE);
    }
}

fn private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn make_private(directory: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}
