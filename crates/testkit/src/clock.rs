//! Time and chance for tests: wall-clock time that follows tokio's (also when paused), and a seeded generator.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use base::{Clock, RandomSource};
use tokio::time::Instant;

/// Wall-clock time that starts at a fixed moment and moves with tokio's clock: under `start_paused` a test that sleeps
/// a day sees the day pass.
#[derive(Debug)]
pub struct TestClock {
    start: Instant,
    epoch_ms: i64,
    shift_ms: AtomicI64,
}

impl TestClock {
    /// 2026-11-20 12:00 UTC.
    pub const EPOCH_MS: i64 = 1_795_176_000_000;

    /// A clock that shows [`Self::EPOCH_MS`] now. Make it inside the runtime whose time it follows.
    pub fn new() -> Self {
        Self::starting_at(Self::EPOCH_MS)
    }

    /// A clock that shows `epoch_ms` now.
    pub fn starting_at(epoch_ms: i64) -> Self {
        Self { start: Instant::now(), epoch_ms, shift_ms: AtomicI64::new(0) }
    }

    /// Somebody set the clock: it jumps by so much, and goes on from there.
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

/// The same numbers for the same seed (splitmix64).
#[derive(Debug)]
pub struct SeededChance(AtomicU64);

impl SeededChance {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

    /// A generator that begins at `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl RandomSource for SeededChance {
    fn bits(&self) -> u64 {
        let mut z = self.0.fetch_add(Self::STEP, Ordering::Relaxed).wrapping_add(Self::STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
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

    #[test]
    fn one_seed_gives_one_series() {
        let series = |seed| {
            let random = SeededChance::new(seed);
            [random.bits(), random.bits(), random.bits()]
        };
        assert_eq!(series(7), series(7));
        assert_ne!(series(7), series(8));
    }
}
