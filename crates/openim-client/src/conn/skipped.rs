//! Counts the malformed frames of a connection, so that a server that sends many fills no log.

use std::time::Duration;

use crate::limits::SKIPPED_NOTED_EVERY;

#[derive(Debug, Default)]
pub(crate) struct Skipped {
    unnoted: u64,
    noted_at: Option<Duration>,
}

impl Skipped {
    /// Counts a frame. Returns how many there were since the last line, if one is due.
    pub(crate) fn count(&mut self, now: Duration) -> Option<u64> {
        self.unnoted += 1;
        if self.noted_at.is_some_and(|at| now < at + SKIPPED_NOTED_EVERY) {
            return None;
        }
        self.noted_at = Some(now);
        Some(std::mem::take(&mut self.unnoted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_malformed_frames_make_one_line_a_minute() {
        let mut skipped = Skipped::default();
        let lines: Vec<_> = (0..100_000_u64).filter_map(|n| skipped.count(Duration::from_millis(n))).collect();
        assert_eq!(lines, [1, 60_000]);
    }
}
