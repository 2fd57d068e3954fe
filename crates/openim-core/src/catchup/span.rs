//! Counts missing sequences by the runs that are known, so that a gap of millions costs a step for each run.

use super::Known;

/// The end of the known run that holds `seq`.
pub(super) fn known_up_to(known: &dyn Known, id: &str, seq: i64) -> Option<i64> {
    known.run_below(id, seq).map(|(_, end)| end).filter(|end| *end >= seq)
}

/// The highest sequence above `seen` below which at most `limit` are missing up to `max`; `seen` if there are fewer.
pub(super) fn floor(known: &dyn Known, id: &str, seen: i64, max: i64, limit: i64) -> i64 {
    let mut at = max;
    let mut left = limit.max(0);
    while at > seen {
        match known.run_below(id, at) {
            Some((start, end)) if end >= at => at = start.saturating_sub(1),
            below => {
                let gap_below = below.map_or(seen, |(_, end)| end.max(seen));
                let gap = at - gap_below;
                if gap >= left {
                    return at - left;
                }
                left -= gap;
                at = gap_below;
            }
        }
    }
    seen
}

/// How many sequences from `from` to `to` are not known.
pub(super) fn missing(known: &dyn Known, id: &str, from: i64, to: i64) -> i64 {
    let mut at = to;
    let mut missing = 0;
    while at >= from {
        match known.run_below(id, at) {
            Some((start, end)) if end >= at => at = start.saturating_sub(1),
            below => {
                let gap_below = below.map_or(from - 1, |(_, end)| end.max(from - 1));
                missing += at - gap_below;
                at = gap_below;
            }
        }
    }
    missing
}
