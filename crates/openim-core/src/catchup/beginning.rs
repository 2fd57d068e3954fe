//! Where catching up begins on a new connection.

use std::collections::BTreeMap;

use crate::limits::GAP_MAX;

/// Where a conversation without a cursor begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beginning {
    /// The account has never run: the newest messages count, the rest is history.
    FirstStart {
        /// How many messages count.
        newest: i64,
    },
    /// What was known is lost: from where the server says this user has read.
    ReadPosition(BTreeMap<String, i64>),
    /// Created since: from its first message. A group begins where this user came in.
    Known,
}

/// How a connection begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Where conversations without a cursor begin.
    pub beginning: Beginning,
    /// The account was away: what was missed is marked as offline. Counts for the first answer of a connection only.
    pub away: bool,
    /// Of a larger gap, this many of the newest missing messages are fetched.
    pub gap_max: i64,
    /// The server's time when the connection began, a little earlier: what was sent before it in a conversation that
    /// nobody knew is no live message. Unix milliseconds.
    pub since_ms: i64,
}

impl From<Beginning> for Start {
    fn from(beginning: Beginning) -> Self {
        Self { beginning, away: true, gap_max: GAP_MAX, since_ms: 0 }
    }
}

/// Where one conversation begins, by what the first answer tells.
#[derive(Clone, Copy)]
pub(super) struct Begins<'a> {
    pub(super) start: &'a Start,
    /// The oldest push that came before the first answer.
    pub(super) early: Option<i64>,
    /// This is the first answer of the connection.
    pub(super) is_first: bool,
}

impl Begins<'_> {
    /// The cursor of a conversation that has none.
    pub(super) fn at(self, conversation: &str, max: i64) -> i64 {
        let at = match &self.start.beginning {
            Beginning::Known => 0,
            Beginning::FirstStart { newest } => max.saturating_sub(*newest).max(0),
            // Notifications have no read position.
            Beginning::ReadPosition(read) => read.get(conversation).copied().unwrap_or(max).clamp(0, max),
        };
        self.early.map_or(at, |seq| at.min(seq - 1)).max(0)
    }

    /// Whether what was missed before this answer counts as sent while the account was away.
    pub(super) const fn is_after_absence(self) -> bool {
        self.is_first && self.start.away
    }

    /// How many missing messages are fetched of a conversation that is met now.
    pub(super) fn gap_max(self) -> i64 {
        if self.is_after_absence() { self.start.gap_max.min(GAP_MAX) } else { GAP_MAX }
    }

    /// Up to where messages of a conversation that is met now may count as offline.
    pub(super) fn offline_to(self, max: i64) -> i64 {
        self.early.map_or(max, |seq| max.min(seq - 1))
    }
}
