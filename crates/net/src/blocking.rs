//! Work that waits for the disk, on a thread that may wait.

use std::sync::Arc;

use parking_lot::Mutex;

/// None where the work panicked or the process ends. It is boxed, so that the runtime's machinery around it is compiled once
/// and not for each piece of work there is.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let done = Arc::new(Mutex::new(None));
    let place = done.clone();
    let work: Box<dyn FnOnce() + Send> = Box::new(move || {
        let value = work();
        *place.lock() = Some(value);
    });
    tokio::task::spawn_blocking(work).await.ok()?;
    done.lock().take()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn blocking_work_has_a_result_unless_it_panics() {
        assert_eq!(blocking(|| 5).await, Some(5));
        assert_eq!(blocking(|| panic!("boom") as u8).await, None);
    }
}
