//! Work that waits for the disk or hashes: on threads that may wait, a few at a time for all uploads of the process.

use base::{Error, Kind, Result};
use channel::tasks;
use tokio::sync::Semaphore;

use crate::limits::UPLOAD_THREADS;

static ROOM: Semaphore = Semaphore::const_new(UPLOAD_THREADS);

pub(super) async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let lost = |why: &str| Error::new(Kind::Internal, format!("an upload lost its work: {why}; please report this"));
    let room = ROOM.acquire().await.map_err(|_| lost("no room"))?;
    // The room is taken along: a caller who has gone leaves it to the work that still runs.
    let done = tasks::blocking(move || {
        let done = work();
        drop(room);
        done
    });
    done.await.ok_or_else(|| lost("it panicked, or the process ends"))
}
