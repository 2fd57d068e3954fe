//! Wall-clock time: the machine's, or for tests one that follows tokio's clock, also when that is paused.

use std::sync::atomic::{AtomicI64, Ordering};

use base::Clock;
use tokio::time::Instant;

/// Wall-clock time that starts at a fixed moment and moves with tokio's clock. Under `start_paused`, a test that sleeps
/// for a day moves it by a day.
#[derive(Debug)]
pub struct TestClock {
    start: Instant,
    epoch_ms: i64,
    shift_ms: AtomicI64,
}

impl TestClock {
    /// 2026-11-20 12:00 UTC.
    pub const EPOCH_MS: i64 = 1_795_176_000_000;

    /// A clock that shows [`Self::EPOCH_MS`] now. Create it inside the runtime whose time it follows.
    pub fn new() -> Self {
        Self::starting_at(Self::EPOCH_MS)
    }

    /// A clock that shows `epoch_ms` now.
    pub fn starting_at(epoch_ms: i64) -> Self {
        Self { start: Instant::now(), epoch_ms, shift_ms: AtomicI64::new(0) }
    }

    /// Moves the clock by this much, as when somebody sets it.
    pub fn jump(&self, ms: i64) {
        self.shift_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        let ran = i64::try_from(self.start.elapsed().as_millis()).unwrap_or(i64::MAX / 4);
        self.epoch_ms + ran + self.shift_ms.load(Ordering::Relaxed)
    }
}

/// The machine's wall clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
    fn now_ms(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX / 2)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_test_clock_follows_paused_time() {
        let clock = TestClock::new();
        tokio::time::sleep(Duration::from_secs(86_400)).await;
        assert_eq!(clock.now_ms() - TestClock::EPOCH_MS, 86_400_000);
    }
}
