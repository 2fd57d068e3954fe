//! How far an upload is: counted per attempt, told at most a few times a second, never backwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::limits::PROGRESS_EVERY;

/// Bytes on their way or through, and all there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub sent: u64,
    pub total: u64,
}

/// Called from any thread; must not wait.
pub type Watch = Arc<dyn Fn(Progress) + Send + Sync>;

/// The count of one upload. Cheap to clone.
#[derive(Clone)]
pub(super) struct Meter(Arc<Inner>);

struct Inner {
    total: u64,
    sent: AtomicU64,
    told: Mutex<(Option<Instant>, u64)>,
    watch: Option<Watch>,
}

/// What one attempt at a part has moved.
pub(super) struct Attempt {
    meter: Meter,
    moved: Arc<AtomicU64>,
}

impl Meter {
    pub(super) fn new(total: u64, watch: Option<Watch>) -> Self {
        Self(Arc::new(Inner { total, sent: AtomicU64::new(0), told: Mutex::new((None, 0)), watch }))
    }

    /// From the beginning; what was told stays told.
    pub(super) fn restart(&self) {
        self.0.sent.store(0, Ordering::Relaxed);
    }

    pub(super) fn attempt(&self) -> Attempt {
        Attempt { meter: self.clone(), moved: Arc::default() }
    }

    /// Everything is through, sent or known before.
    pub(super) fn done(&self) {
        self.0.sent.store(self.0.total, Ordering::Relaxed);
        let mut told = self.0.told.lock();
        if told.1 < self.0.total {
            told.1 = self.0.total;
            self.tell(self.0.total);
        }
    }

    fn moved(&self, bytes: u64) {
        let sent = self.0.sent.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes).min(self.0.total);
        let mut told = self.0.told.lock();
        let (at, before) = *told;
        // The end is told once the server has put the file together.
        if sent <= before || sent == self.0.total || at.is_some_and(|at| at.elapsed() < PROGRESS_EVERY) {
            return;
        }
        *told = (Some(Instant::now()), sent);
        self.tell(sent);
    }

    fn tell(&self, sent: u64) {
        if let Some(watch) = &self.0.watch {
            watch(Progress { sent, total: self.0.total });
        }
    }
}

impl Attempt {
    /// Called with each block.
    pub(super) fn each(&self) -> Arc<dyn Fn(u64) + Send + Sync> {
        let (meter, moved) = (self.meter.clone(), self.moved.clone());
        Arc::new(move |bytes| {
            moved.fetch_add(bytes, Ordering::Relaxed);
            meter.moved(bytes);
        })
    }

    /// The attempt was for nothing.
    pub(super) fn undo(&self) {
        let moved = self.moved.swap(0, Ordering::Relaxed);
        let _ = self
            .meter
            .0
            .sent
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |sent| Some(sent.saturating_sub(moved)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(total: u64) -> (Meter, Arc<Mutex<Vec<u64>>>) {
        let told = Arc::new(Mutex::new(Vec::new()));
        let seen = told.clone();
        (Meter::new(total, Some(Arc::new(move |progress| seen.lock().push(progress.sent)))), told)
    }

    #[tokio::test(start_paused = true)]
    async fn progress_is_told_at_most_once_in_a_while_and_its_end_once() {
        let (meter, told) = meter(100);
        let attempt = meter.attempt();
        for _ in 0..100 {
            attempt.each()(1);
            tokio::time::advance(PROGRESS_EVERY / 10).await;
        }
        meter.done();
        meter.done();
        let told = told.lock();
        assert!(told.len() <= 12 && told.is_sorted(), "{told:?}");
        assert_eq!(told.last(), Some(&100));
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_for_nothing_takes_nothing_back_that_was_told() {
        let (meter, told) = meter(100);
        for _ in 0..2 {
            let attempt = meter.attempt();
            attempt.each()(40);
            attempt.undo();
            tokio::time::advance(PROGRESS_EVERY).await;
        }
        meter.attempt().each()(60);
        meter.done();
        assert_eq!(*told.lock(), [40, 60, 100]);
    }
}
