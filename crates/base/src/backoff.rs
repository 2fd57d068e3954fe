//! The waits between attempts. Elapsed time and random bits are arguments, so that a test can state exact waits.

use std::time::Duration;

use crate::limits::{
    RECONNECT_AT_ONCE_EVERY, RECONNECT_AT_ONCE_SPREAD, RECONNECT_BASE, RECONNECT_CAP_EARLY, RECONNECT_CAP_LATE,
    RECONNECT_EARLY, RECONNECT_RESET_AFTER,
};

/// The reconnect schedule of one account. `now` is any monotonic time, counted from one origin.
///
/// The first attempt of an outage comes at once; after that `d = min(cap, 1 s * 2^n)` and the wait is
/// `d/2 + random(0, d/2)`: half of it fixed, so that no attempt comes too soon, half random, so that many accounts do not
/// return at the same moment.
///
/// ```
/// use std::time::Duration;
///
/// use base::backoff::Reconnect;
///
/// let second = Duration::from_secs(1);
/// let mut reconnect = Reconnect::default();
/// reconnect.online(Duration::ZERO);
/// // The connection is lost after a minute: the first attempt comes at once, the next ones after 1 and 2 seconds.
/// assert_eq!(reconnect.next_wait(60 * second, 0), Duration::ZERO);
/// assert_eq!(reconnect.next_wait(60 * second, u64::MAX), second);
/// assert_eq!(reconnect.next_wait(61 * second, u64::MAX), 2 * second);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Reconnect {
    outage_began: Option<Duration>,
    online_since: Option<Duration>,
    last_at_once: Option<Duration>,
    step: u32,
}

impl Reconnect {
    /// The account is online.
    pub const fn online(&mut self, now: Duration) {
        self.online_since = Some(now);
    }

    /// An attempt failed or a connection was lost: how long to wait before the next attempt.
    pub fn next_wait(&mut self, now: Duration, bits: u64) -> Duration {
        self.settle(now);
        let began = *self.outage_began.get_or_insert(now);
        if self.may_try_at_once(now) {
            self.last_at_once = Some(now);
            return part(RECONNECT_AT_ONCE_SPREAD, bits);
        }
        let cap = if now.saturating_sub(began) < RECONNECT_EARLY { RECONNECT_CAP_EARLY } else { RECONNECT_CAP_LATE };
        let full = RECONNECT_BASE.saturating_mul(1 << self.step.min(16)).min(cap);
        self.step += 1;
        half_random(full, bits)
    }

    /// A connection that held for a while ends the outage before it.
    fn settle(&mut self, now: Duration) {
        let Some(since) = self.online_since.take() else { return };
        if now.saturating_sub(since) >= RECONNECT_RESET_AFTER {
            self.outage_began = None;
            self.step = 0;
        }
    }

    fn may_try_at_once(&self, now: Duration) -> bool {
        let first = self.step == 0;
        first && self.last_at_once.is_none_or(|last| now.saturating_sub(last) >= RECONNECT_AT_ONCE_EVERY)
    }
}

/// The wait after the failed attempt number `attempt`, counted from one: doubling from `base`, half of it random.
///
/// ```
/// use std::time::Duration;
///
/// use base::backoff::doubled;
///
/// let base = Duration::from_millis(100);
/// assert_eq!(doubled(base, 1, u64::MAX), base);
/// assert_eq!(doubled(base, 3, u64::MAX), 4 * base);
/// assert_eq!(doubled(base, 3, 0), 2 * base);
/// ```
pub fn doubled(base: Duration, attempt: u32, bits: u64) -> Duration {
    half_random(base.saturating_mul(1 << attempt.saturating_sub(1).min(8)), bits)
}

/// `d/2 + random(0, d/2)`.
fn half_random(full: Duration, bits: u64) -> Duration {
    full / 2 + part(full / 2, bits)
}

/// `bits` as a share of `whole`.
pub fn part(whole: Duration, bits: u64) -> Duration {
    #[expect(clippy::cast_precision_loss, reason = "a share needs no 64 bits")]
    let share = bits as f64 / u64::MAX as f64;
    whole.mul_f64(share)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn the_first_attempt_comes_at_once_then_the_waits_double_to_the_cap() {
        let mut reconnect = Reconnect::default();
        let waits: Vec<_> = (0..6).map(|n| reconnect.next_wait(secs(n), u64::MAX)).collect();
        assert_eq!(waits, [Duration::from_millis(250), secs(1), secs(2), secs(4), secs(4), secs(4)]);
    }

    #[test]
    fn half_of_a_wait_is_fixed() {
        let mut reconnect = Reconnect::default();
        let waits: Vec<_> = (0..4).map(|n| reconnect.next_wait(secs(n), 0)).collect();
        assert_eq!(waits, [secs(0), Duration::from_millis(500), secs(1), secs(2)]);
    }

    #[test]
    fn after_two_minutes_the_cap_rises_to_thirty_seconds() {
        let mut reconnect = Reconnect::default();
        for n in 0..8 {
            reconnect.next_wait(secs(n), 0);
        }
        assert_eq!(reconnect.next_wait(secs(119), u64::MAX), secs(4));
        assert_eq!(reconnect.next_wait(secs(120), u64::MAX), secs(30));
    }

    #[test]
    fn thirty_seconds_online_end_the_outage_and_less_does_not() {
        let mut reconnect = Reconnect::default();
        for n in 0..4 {
            reconnect.next_wait(secs(n), 0);
        }
        reconnect.online(secs(10));
        assert_eq!(reconnect.next_wait(secs(39), 0), secs(2), "29 s online: the schedule goes on");
        reconnect.online(secs(40));
        assert_eq!(reconnect.next_wait(secs(70), 0), secs(0), "30 s online: a new outage begins at once");
    }

    #[test]
    fn at_once_happens_at_most_once_in_ten_seconds() {
        let mut reconnect = Reconnect::default();
        assert_eq!(reconnect.next_wait(secs(0), 0), secs(0));
        reconnect.online(secs(0));
        assert_eq!(reconnect.next_wait(secs(9), 0), Duration::from_millis(500));
    }

    #[test]
    fn waits_double_and_half_of_each_is_fixed() {
        let second = Duration::from_secs(1);
        assert_eq!(doubled(second, 1, 0), second / 2);
        assert_eq!(doubled(second, 3, u64::MAX), second * 4);
    }

    proptest! {
        #[test]
        fn no_wait_is_ever_longer_than_the_cap(bits: u64, steps in 0_u64..200) {
            let mut reconnect = Reconnect::default();
            for n in 0..steps {
                prop_assert!(reconnect.next_wait(secs(n * 30), bits) <= secs(30));
            }
        }
    }
}
