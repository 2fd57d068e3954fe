//! Small files that hold secrets and that others write, too: replaced as a whole, for the owner alone, under a lock.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::{Instant, sleep};

use crate::limits::{FILE_LOCK_EVERY, FILE_LOCK_WAIT, TOKEN_FILE_MAX};
use crate::tasks;

static WRITES: AtomicU64 = AtomicU64::new(0);

/// The whole file; none where there is none.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(TOKEN_FILE_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > TOKEN_FILE_MAX {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than any file of tokens"));
    }
    Ok(Some(bytes))
}

/// Replaces the file as a whole: a reader, and whoever comes after a crash, finds the old or the new one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays a link: what it leads to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let directory = directory_of(&path);
    make_private(directory)?;
    sweep(&path);
    let beside = beside(&path, &format!("{}-{}.tmp", std::process::id(), WRITES.fetch_add(1, Ordering::Relaxed)));
    let written = write_new(&beside, bytes).and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written?;
    // The rename itself has to reach the disk. Not every file system lets a directory be synced.
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
    Ok(())
}

/// Removes a file; that there is none is as good.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Runs `step` while this process alone may write the file.
pub(super) async fn locked<T: Send + 'static>(
    path: &Path,
    step: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let lock = Lock::wait(&beside(path, "lock"), FILE_LOCK_WAIT).await?;
    let done = tasks::blocking(step).await;
    drop(lock);
    done.unwrap_or_else(|| Err(io::Error::other("writing it failed by a bug")))
}

/// The lock of a file, let go of when dropped, also by the end of the process.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "held, never read")] File);

impl Lock {
    /// Waits for the lock a bounded time.
    pub(super) async fn wait(path: &Path, patience: std::time::Duration) -> io::Result<Self> {
        let until = Instant::now() + patience;
        loop {
            let at = path.to_owned();
            let tried = tasks::blocking(move || Self::take(&at)).await;
            match tried.unwrap_or_else(|| Err(io::Error::other("locking it failed by a bug")))? {
                Some(lock) => return Ok(lock),
                None if Instant::now() >= until => {
                    return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another process keeps it locked"));
                }
                None => sleep(FILE_LOCK_EVERY).await,
            }
        }
    }

    fn take(path: &Path) -> io::Result<Option<Self>> {
        make_private(directory_of(path))?;
        let file = private().create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private().create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// What a write that was killed has left behind.
fn sweep(path: &Path) {
    let prefix = beside(path, "").file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    for entry in fs::read_dir(directory_of(path)).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&prefix) && name.ends_with(".tmp") {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// `.name.<what>` in the same directory.
fn beside(path: &Path, what: &str) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    directory_of(path).join(format!(".{name}.{what}"))
}

fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn make_private(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_for_its_owner_alone_and_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep").join("tokens.json");
        assert!(read(&path).unwrap().is_none());
        replace(&path, b"one").unwrap();
        fs::write(directory.path().join("deep").join(".tokens.json.77-0.tmp"), b"left by a kill").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(read(&path).unwrap().unwrap(), b"two");
        let names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["tokens.json"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let (real, link) = (directory.path().join("real.json"), directory.path().join("link.json"));
        fs::write(&real, b"one").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        replace(&link, b"two").unwrap();
        assert_eq!((fs::read(&real).unwrap(), fs::read_link(&link).unwrap()), (b"two".to_vec(), real));
    }

    #[tokio::test]
    async fn only_one_holds_the_lock_and_the_next_waits_for_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.lock");
        let held = Lock::wait(&path, FILE_LOCK_WAIT).await.unwrap();
        let refused = Lock::wait(&path, std::time::Duration::from_millis(30)).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ResourceBusy);
        let (waiting, ()) = tokio::join!(Lock::wait(&path, FILE_LOCK_WAIT), async {
            sleep(std::time::Duration::from_millis(30)).await;
            drop(held);
        });
        waiting.unwrap();
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x");
        File::create(&path).unwrap().set_len(TOKEN_FILE_MAX + 1).unwrap();
        assert_eq!(read(&path).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }
}
