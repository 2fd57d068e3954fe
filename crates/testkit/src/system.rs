//! The one place where real time and real chance enter this crate.

use base::{Clock, RandomSource};

/// The machine's wall clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock the others are given")]
    fn now_ms(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX / 2)
    }
}

/// The machine's random source.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemChance;

impl RandomSource for SystemChance {
    #[expect(clippy::disallowed_methods, reason = "this is the chance the others are given")]
    fn bits(&self) -> u64 {
        // A development server without a random source still has to give distinct message ids.
        getrandom::u64().unwrap_or_else(|_| SystemClock.now_ms().unsigned_abs())
    }
}
