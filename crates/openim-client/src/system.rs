//! The one place that asks the machine for the time of day and for random bits.

use std::time::{SystemTime, UNIX_EPOCH};

use base::{Clock, RandomSource};

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

/// The machine's source of randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl RandomSource for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    fn bits(&self) -> u64 {
        // The operating system's source does not fail on the platforms we ship for; jitter and ids survive a zero.
        getrandom::u64().unwrap_or_default()
    }
}
