//! Small files that hold secrets and that others write, too: replaced as a whole, for the owner alone, under a lock.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _};
use std::path::Path;

use net::private_file;
use tokio::time::{Instant, sleep};

use crate::limits::{FILE_LOCK_EVERY, FILE_LOCK_WAIT, TOKEN_FILE_MAX};
use crate::tasks;

pub(super) use net::private_file::replace;

/// The whole file; none where there is none.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    // Opening a pipe or a device may wait for ever.
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Err(not_a_file()),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(TOKEN_FILE_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > TOKEN_FILE_MAX {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than any file of tokens"));
    }
    Ok(Some(bytes))
}

fn not_a_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")
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
    let lock = Lock::wait(&private_file::beside(path, "lock"), FILE_LOCK_WAIT).await?;
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
        private_file::make_directory(private_file::directory_of(path))?;
        // A link would have another file locked, and made.
        if fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(not_a_file());
        }
        let file = private_file::options().create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
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

    #[cfg(unix)]
    #[tokio::test]
    async fn a_pipe_is_not_read_and_a_link_is_not_locked() {
        let directory = tempfile::tempdir().unwrap();
        let (pipe, link) = (directory.path().join("pipe"), directory.path().join("link"));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        std::os::unix::fs::symlink(directory.path().join("elsewhere"), &link).unwrap();
        assert_eq!(read(&pipe).unwrap_err().to_string(), "it is not a regular file");
        for path in [&pipe, &link] {
            let refused = Lock::wait(path, FILE_LOCK_WAIT).await.unwrap_err();
            assert_eq!(refused.to_string(), "it is not a regular file");
        }
        assert!(!directory.path().join("elsewhere").exists());
    }
}
