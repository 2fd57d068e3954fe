//! Whether to hand over at once or gather for a moment: one crossing for many messages pays only when many come.

use std::time::Duration;

use crate::limits::GATHER_ABOVE_PER_SECOND;

/// The recent rate of messages, from the counts of the current and the previous tenth of a second.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    window: u64,
    current: u32,
    previous: u32,
}

const WINDOW: Duration = Duration::from_millis(100);

impl Rate {
    pub(crate) fn count(&mut self, now: Duration) {
        self.roll(now);
        self.current = self.current.saturating_add(1);
    }

    pub(crate) fn is_high(&mut self, now: Duration) -> bool {
        self.roll(now);
        self.current.max(self.previous) > GATHER_ABOVE_PER_SECOND / 10
    }

    fn roll(&mut self, now: Duration) {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a process's life fit")]
        let window = (now.as_millis() / WINDOW.as_millis()) as u64;
        match window - self.window.min(window) {
            0 => {}
            1 => (self.previous, self.current) = (self.current, 0),
            _ => (self.previous, self.current) = (0, 0),
        }
        self.window = window;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delay_starts_above_a_thousand_a_second_and_ends_when_quiet() {
        let mut rate = Rate::default();
        for n in 0..100 {
            rate.count(Duration::from_millis(n));
        }
        assert!(!rate.is_high(Duration::from_millis(99)), "exactly at the threshold");
        rate.count(Duration::from_millis(99));
        assert!(rate.is_high(Duration::from_millis(99)));
        assert!(rate.is_high(Duration::from_millis(150)), "the last tenth still counts");
        assert!(!rate.is_high(Duration::from_millis(300)));
    }
}
