//! Starting tasks, and catching their panics so that they are named instead of dying in silence.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use base::{BoxFuture, Error, Kind};
use futures_util::FutureExt as _;
pub use net::blocking;

/// Starts a task. It is boxed, so that the runtime's machinery around a task is compiled once and not for each of them.
pub fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    let task: BoxFuture<'static, ()> = Box::pin(task);
    tokio::spawn(task);
}

/// Runs a future to its end, a panic included.
pub(crate) async fn caught<T>(what: &'static str, future: impl Future<Output = T>) -> Result<T, Error> {
    AssertUnwindSafe(future).catch_unwind().await.map_err(|panic| {
        Error::new(Kind::Internal, format!("{what} panicked: {}; please report this", reason(&*panic))).op(what)
    })
}

fn reason(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no reason given").chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_an_error_that_names_the_task() {
        let error = caught("the reader", async { panic!("boom") as () }).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Internal);
        assert!(error.to_string().contains("the reader panicked: boom"));
        assert_eq!(caught("fine", async { 5 }).await.unwrap(), 5);
    }
}
