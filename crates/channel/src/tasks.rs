//! Starting tasks, and catching their panics so that they are named instead of dying in silence.

use std::future::Future;
use std::panic::AssertUnwindSafe;

use base::{BoxFuture, Error, Kind, panic_text};
use futures_util::FutureExt as _;

/// Starts a task. It is boxed, so that the runtime's machinery around a task is compiled once and not for each of them.
pub fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    let task: BoxFuture<'static, ()> = Box::pin(task);
    tokio::spawn(task);
}

/// Runs work that waits for the disk, on a thread that may wait. None where the work panicked or the process ends.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

/// Runs a future to its end, a panic included.
pub(crate) async fn caught<T>(what: &'static str, future: impl Future<Output = T>) -> Result<T, Error> {
    AssertUnwindSafe(future).catch_unwind().await.map_err(|panic| {
        Error::new(Kind::Internal, format!("{what} panicked: {}; please report this", panic_text(&*panic))).op(what)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn blocking_work_has_a_result_unless_it_panics() {
        assert_eq!(blocking(|| 5).await, Some(5));
        assert_eq!(blocking(|| panic!("boom") as u8).await, None);
    }

    #[tokio::test]
    async fn a_panic_becomes_an_error_that_names_the_task() {
        let error = caught("the reader", async { panic!("boom") as () }).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Internal);
        assert!(error.to_string().contains("the reader panicked: boom"));
        assert_eq!(caught("fine", async { 5 }).await.unwrap(), 5);
    }
}
