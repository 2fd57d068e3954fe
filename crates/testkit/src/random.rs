//! Random numbers: the machine's, or a seeded series for tests.

use std::sync::atomic::{AtomicU64, Ordering};

use base::{Clock as _, RandomSource};

use crate::clock::SystemClock;

/// The same numbers for the same seed (splitmix64).
#[derive(Debug)]
pub struct SeededRandom(AtomicU64);

impl SeededRandom {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

    /// A generator that begins at `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl RandomSource for SeededRandom {
    fn bits(&self) -> u64 {
        let mut z = self.0.fetch_add(Self::STEP, Ordering::Relaxed).wrapping_add(Self::STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// The machine's random source.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemRandom;

impl RandomSource for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's random source")]
    fn bits(&self) -> u64 {
        // Without a random source a development server still needs distinct message ids.
        getrandom::u64().unwrap_or_else(|_| SystemClock.now_ms().unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_series() {
        let series = |seed| {
            let random = SeededRandom::new(seed);
            [random.bits(), random.bits(), random.bits()]
        };
        assert_eq!(series(7), series(7));
        assert_ne!(series(7), series(8));
    }
}
