//! Whether the peer is alive, judged by what arrives and not by what the socket claims. A value; `now` is any
//! monotonic time.

use std::time::Duration;

use crate::limits::{HEARTBEAT_EVERY, SILENCE_MAX};

/// What has to happen now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Nothing has to happen.
    Nothing,
    /// A heartbeat has to be written.
    Heartbeat,
    /// Silent for too long: the connection is to be given up.
    Dead,
}

/// Two deadlines: our next heartbeat, and the end of the peer's silence. Any frame of the peer's counts as life; our
/// own traffic does not put a heartbeat off, for it proves nothing about the peer.
///
/// ```
/// use openim_core::limits::{HEARTBEAT_EVERY, SILENCE_MAX};
/// use openim_core::liveness::{Due, Liveness};
/// use std::time::Duration;
///
/// let mut liveness = Liveness::new(Duration::ZERO);
/// assert_eq!(liveness.check(HEARTBEAT_EVERY), Due::Heartbeat);
/// liveness.heard(HEARTBEAT_EVERY);
/// assert_eq!(liveness.check(HEARTBEAT_EVERY + SILENCE_MAX), Due::Dead);
/// ```
#[derive(Debug, Clone)]
pub struct Liveness {
    heartbeat_at: Duration,
    heard_at: Duration,
}

impl Liveness {
    /// The connection has just been made.
    pub fn new(now: Duration) -> Self {
        Self { heartbeat_at: now + HEARTBEAT_EVERY, heard_at: now }
    }

    /// Something arrived, whatever it was.
    pub const fn heard(&mut self, now: Duration) {
        self.heard_at = now;
    }

    /// What has to happen now; counts a heartbeat as written.
    pub fn check(&mut self, now: Duration) -> Due {
        if now >= self.heard_at + SILENCE_MAX {
            return Due::Dead;
        }
        if now >= self.heartbeat_at {
            self.heartbeat_at = now + HEARTBEAT_EVERY;
            return Due::Heartbeat;
        }
        Due::Nothing
    }

    /// When to check again.
    pub fn deadline(&self) -> Duration {
        self.heartbeat_at.min(self.heard_at + SILENCE_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn case_14_two_unanswered_heartbeats_mean_death_at_22_seconds() {
        let mut liveness = Liveness::new(secs(0));
        let mut seen = Vec::new();
        loop {
            let now = liveness.deadline();
            seen.push((now.as_secs(), liveness.check(now)));
            if liveness.check(now) == Due::Dead {
                break;
            }
        }
        assert_eq!(seen, [(10, Due::Heartbeat), (20, Due::Heartbeat), (22, Due::Dead)]);
    }

    #[test]
    fn case_14_any_frame_counts_as_life() {
        let mut liveness = Liveness::new(secs(0));
        liveness.heard(secs(21));
        assert_eq!(liveness.check(secs(42)), Due::Heartbeat);
        assert_eq!(liveness.check(secs(43)), Due::Dead);
    }

    #[test]
    fn a_late_check_sends_one_heartbeat_not_many() {
        let mut liveness = Liveness::new(secs(0));
        liveness.heard(secs(35));
        assert_eq!(liveness.check(secs(35)), Due::Heartbeat);
        assert_eq!(liveness.check(secs(36)), Due::Nothing);
    }
}
