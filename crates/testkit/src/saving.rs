//! Keeps the model in a directory: one JSON file that only its owner can read, always replaced as a whole.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::time::Instant;

use crate::backend::Backend;
use crate::limits::{SAVE_EVERY, SAVE_SHARE};
use crate::model::SavedModel;

pub(crate) struct DataDirectory {
    file: PathBuf,
    /// Locked while the server runs, so that no second one writes here.
    _lock: File,
}

impl DataDirectory {
    /// Creates the directory if it is missing, locks it, and reads the saved model. The error is one sentence.
    pub(crate) fn open(directory: &Path) -> Result<(Self, Option<SavedModel>), String> {
        let cannot = |error: std::io::Error| format!("the data directory {directory:?} cannot be used: {error}");
        create_private(directory).map_err(cannot)?;
        let lock = open_private(&directory.join("lock")).map_err(cannot)?;
        lock.try_lock().map_err(|_| format!("the data directory {directory:?} is in use: stop the other server"))?;
        let file = directory.join("state.json");
        let saved = match fs::read(&file) {
            Ok(bytes) => {
                let damaged = |error| format!("{file:?} is damaged ({error}): move it away to begin anew");
                Some(serde_json::from_slice(&bytes).map_err(damaged)?)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(cannot(error)),
        };
        Ok((Self { file, _lock: lock }, saved))
    }

    /// The folder of the object storage.
    pub(crate) fn objects(&self) -> PathBuf {
        self.file.with_file_name("objects")
    }

    fn write(&self, bytes: &[u8]) -> Result<(), String> {
        let new_file = self.file.with_extension("json.new");
        let written = open_private(&new_file).and_then(|mut file| {
            file.set_len(0)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&new_file, &self.file)
        });
        written.map_err(|error| format!("{:?} cannot be written: {error}", self.file))
    }
}

/// Writes the model to its directory.
pub(crate) fn save(backend: &Backend, data: &DataDirectory) -> Result<(), String> {
    let bytes = backend.look(|state| serde_json::to_vec(&state.model)).map_err(|error| error.to_string())?;
    data.write(&bytes)
}

/// Saves after changes until the server stops. A failed write is tried again after the next change.
pub(crate) async fn save_after_changes(backend: Arc<Backend>, data: Arc<DataDirectory>) {
    let mut changes = backend.changes();
    // The users and groups of the configuration, and changes before this task ran, have to be saved, too.
    changes.mark_changed();
    let mut pause = SAVE_EVERY;
    loop {
        let changed = async {
            // The sender lives in `backend`, so this ends by a change alone.
            let _ = changes.changed().await;
            tokio::time::sleep(pause).await;
        };
        tokio::select! {
            () = backend.stop.cancelled() => return,
            () = changed => {}
        }
        changes.mark_unchanged();
        let began = Instant::now();
        let (backend, data) = (Arc::clone(&backend), Arc::clone(&data));
        let _ = tokio::task::spawn_blocking(move || save(&backend, &data)).await;
        pause = SAVE_EVERY.max(began.elapsed() * SAVE_SHARE);
    }
}

fn open_private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn create_private(directory: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}
