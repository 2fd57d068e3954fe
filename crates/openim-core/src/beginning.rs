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
    /// Created since: from its first message.
    Known,
}

/// How a connection begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Where conversations without a cursor begin.
    pub beginning: Beginning,
    /// The account was away: what was missed is marked as offline.
    pub away: bool,
    /// Of a larger gap, this many of the newest messages are fetched.
    pub gap_max: i64,
}

impl From<Beginning> for Start {
    fn from(beginning: Beginning) -> Self {
        Self { beginning, away: true, gap_max: GAP_MAX }
    }
}
