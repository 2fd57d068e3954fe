//! When a token is renewed: from what it says of itself, before it ends, and never all accounts at once.

use std::time::Duration;

use crate::limits::{REFRESH_JITTER, REFRESH_LEAD_MAX, REFRESH_LEAD_MIN, TOKEN_LIFE_ASSUMED};

/// What is known of a token's life. Unix milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Life {
    /// When it was issued, as it says.
    pub issued_at: Option<i64>,
    /// When it ends, as it says.
    pub expires_at: Option<i64>,
    /// When it was fetched; none for one from the configuration.
    pub obtained_at: Option<i64>,
}

impl Life {
    /// What the token says; else a day from when it was fetched; else nobody knows.
    pub fn end(&self) -> Option<i64> {
        self.expires_at.or_else(|| self.obtained_at.map(|at| at + ms(TOKEN_LIFE_ASSUMED)))
    }

    /// `max(30 min, min(2 h, a quarter of the life))`. A token that lives less than an hour is renewed half-way: otherwise it
    /// would be due from its first moment on.
    fn lead(&self) -> Option<i64> {
        let begun = self.issued_at.or(self.obtained_at);
        let life = begun.map_or(ms(TOKEN_LIFE_ASSUMED), |begun| self.end().unwrap_or(begun) - begun).max(0);
        self.end()?;
        Some((life / 4).min(ms(REFRESH_LEAD_MAX)).max(ms(REFRESH_LEAD_MIN)).min(life / 2))
    }

    /// When to renew it; none where nobody knows its end. `bits` moves it by up to five minutes either way.
    pub fn renew_at(&self, bits: u64) -> Option<i64> {
        let lead = self.lead()?;
        let spread = ms(REFRESH_JITTER).min(lead / 6);
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a share of minutes")]
        let moved = ((bits as f64 / u64::MAX as f64 * 2.0 - 1.0) * spread as f64) as i64;
        Some(self.end()? - lead + moved)
    }

    /// So close to its end that it is renewed before it is used.
    pub fn is_near_end(&self, now: i64) -> bool {
        self.end().zip(self.lead()).is_some_and(|(end, lead)| now >= end - lead)
    }

    /// Whether its time is over.
    pub fn has_ended(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }
}

pub(super) fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;
    const MIDDLE: u64 = u64::MAX / 2;

    fn life(issued: i64, expires: i64) -> Life {
        Life { issued_at: Some(issued), expires_at: Some(expires), obtained_at: None }
    }

    #[test]
    fn the_lead_is_a_quarter_of_the_life_between_half_an_hour_and_two() {
        let table = [
            (90 * 24 * HOUR, 2 * HOUR),
            (8 * HOUR, 2 * HOUR),
            (4 * HOUR, HOUR),
            (2 * HOUR, 30 * MINUTE),
            (HOUR, 30 * MINUTE),
            (40 * MINUTE, 20 * MINUTE),
            (MINUTE, MINUTE / 2),
            (0, 0),
        ];
        for (length, lead) in table {
            assert_eq!(life(0, length).lead(), Some(lead), "{length}");
            let middle = life(0, length).renew_at(MIDDLE).unwrap();
            assert!((length - lead - middle).abs() <= 1, "{length}: {middle}");
        }
    }

    #[test]
    fn the_jitter_is_five_minutes_either_way_and_less_for_short_lives() {
        let long = life(0, 24 * HOUR);
        assert_eq!(long.renew_at(0), Some(22 * HOUR - 5 * MINUTE));
        assert_eq!(long.renew_at(u64::MAX), Some(22 * HOUR + 5 * MINUTE));
        let short = life(0, 12 * MINUTE);
        assert_eq!((short.renew_at(0), short.renew_at(u64::MAX)), (Some(5 * MINUTE), Some(7 * MINUTE)));
    }

    #[test]
    fn a_life_without_a_beginning_counts_as_a_day() {
        let token = Life { expires_at: Some(100 * HOUR), ..Life::default() };
        assert_eq!(token.lead(), Some(2 * HOUR));
    }

    #[test]
    fn a_fetched_token_without_an_end_lives_a_day_any_other_is_kept() {
        let fetched = Life { obtained_at: Some(0), ..Life::default() };
        assert_eq!((fetched.end(), fetched.renew_at(0)), (Some(24 * HOUR), Some(22 * HOUR - 5 * MINUTE)));
        assert_eq!((Life::default().end(), Life::default().renew_at(0)), (None, None));
        assert!(!Life::default().is_near_end(i64::MAX / 4));
    }

    #[test]
    fn near_its_end_is_told_without_jitter() {
        let token = life(0, 24 * HOUR);
        assert!(!token.is_near_end(22 * HOUR - 1) && token.is_near_end(22 * HOUR));
        assert!(!token.has_ended(24 * HOUR - 1) && token.has_ended(24 * HOUR));
    }

    #[test]
    fn a_life_that_ends_before_it_begins_is_due_and_nothing_overflows() {
        assert_eq!(life(10 * HOUR, 0).renew_at(0), Some(0));
        assert!(life(10 * HOUR, 0).is_near_end(0));
    }
}
