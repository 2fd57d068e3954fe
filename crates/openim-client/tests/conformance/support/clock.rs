//! Time and randomness that a test controls.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use base::{Clock, RandomSource};
use tokio::time::Instant;

/// The wall clock when a test begins.
pub(crate) const EPOCH_MS: i64 = 1_795_175_096_000;
pub(crate) struct TestClock {
    began: Instant,
    jumped_ms: AtomicI64,
}

impl TestClock {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), jumped_ms: AtomicI64::new(0) }
    }

    /// Somebody sets the clock.
    pub(crate) fn jump(&self, by_ms: i64) {
        self.jumped_ms.fetch_add(by_ms, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        let elapsed = i64::try_from(self.began.elapsed().as_millis()).unwrap();
        EPOCH_MS + elapsed + self.jumped_ms.load(Ordering::Relaxed)
    }
}

/// The same bits in every run: a counter, scrambled.
pub(crate) struct TestRandom(AtomicU64);

impl Default for TestRandom {
    fn default() -> Self {
        Self(AtomicU64::new(1))
    }
}

impl RandomSource for TestRandom {
    fn bits(&self) -> u64 {
        let n = self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
    }
}
