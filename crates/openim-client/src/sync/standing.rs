//! Where the conversations stand: 1001, and 1006 by name for those that 1001 leaves out or when it fails.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base::Result;
use channel::ledger::History;
use channel::limits::AWAY_AFTER;
use openim_core::catchup::{Beginning, Found, Start};
use openim_core::limits::{NEWEST_RETRY, NEWEST_RETRY_MAX, POSITIONS_AT_ONCE, POSITIONS_MAX, SEQ_MAX};

use super::Syncer;
use crate::requests::Requests;

/// Failures of 1001 after which an account that knows its conversations asks for them by name.
const FAILURES_BEFORE_NAMES: u32 = 2;

/// How long to wait after this many failures in a row.
pub(super) fn retry_wait(failures: u32) -> Duration {
    NEWEST_RETRY.saturating_mul(1 << failures.saturating_sub(1).min(6)).min(NEWEST_RETRY_MAX)
}

impl Syncer<'_> {
    /// One attempt at the first sync.
    pub(super) async fn first_sync(&self, requests: &Requests, failures: u32) -> Result<()> {
        let is_known = self.link.journal.history() == History::Known;
        let maxima = if is_known && failures >= FAILURES_BEFORE_NAMES {
            let names = self.link.journal.conversations().iter().map(ToString::to_string).collect();
            self.positions_of(requests, names).await?
        } else {
            self.newest(requests).await?
        };
        let beginning = self.beginning(requests).await?;
        self.stand_at(maxima, beginning);
        Ok(())
    }

    /// Where all conversations stand, as far as the server lists them.
    pub(super) async fn newest(&self, requests: &Requests) -> Result<BTreeMap<String, i64>> {
        self.catchup.lock().asking();
        let mut maxima = requests.max_seqs().await?;
        maxima.retain(|_, seq| (0..=SEQ_MAX).contains(seq));
        let mut known = self.link.journal.conversations();
        known.sort_unstable();
        let unlisted = known.iter().filter(|id| !maxima.contains_key(&***id)).map(ToString::to_string);
        *self.unlisted.lock() = unlisted.take(POSITIONS_MAX).collect();
        Ok(maxima)
    }

    /// The list leaves out what another device has deleted; asked by name the server knows it.
    pub(super) async fn ask_for_unlisted(&self, requests: &Requests) {
        let names = std::mem::take(&mut *self.unlisted.lock());
        if names.is_empty() {
            return;
        }
        self.catchup.lock().asking();
        match self.positions_of(requests, names).await {
            Ok(maxima) => self.stand_at(maxima, Beginning::Known),
            // They are few, and the next list leaves them out again.
            Err(error) => tracing::debug!(%error, "conversations that are not listed could not be asked for"),
        }
    }

    /// Where these conversations stand.
    async fn positions_of(&self, requests: &Requests, names: Vec<String>) -> Result<BTreeMap<String, i64>> {
        let mut maxima = BTreeMap::new();
        for names in names.chunks(POSITIONS_AT_ONCE) {
            let positions = requests.positions(names.to_vec()).await?;
            let asked = positions.into_iter().filter(|(id, _)| names.contains(id));
            maxima.extend(asked.map(|(id, seqs)| (id, seqs.max_seq)).filter(|(_, max)| (1..=SEQ_MAX).contains(max)));
        }
        Ok(maxima)
    }

    /// Where conversations without a cursor begin.
    async fn beginning(&self, requests: &Requests) -> Result<Beginning> {
        match self.link.journal.history() {
            History::Known => Ok(Beginning::Known),
            History::FirstRun => Ok(Beginning::FirstStart { newest: self.link.offline_policy.first_start }),
            History::Damaged => {
                let positions = requests.positions(Vec::new()).await?;
                let read = positions.into_iter().map(|(id, seqs)| (id, seqs.has_read_seq));
                Ok(Beginning::ReadPosition(read.collect()))
            }
        }
    }

    pub(super) fn stand_at(&self, maxima: BTreeMap<String, i64>, beginning: Beginning) {
        let lasted = self.now() + AWAY_AFTER;
        let lasted_ms = i64::try_from(lasted.as_millis()).unwrap_or(i64::MAX);
        let start = Start {
            beginning,
            away: self.link.away,
            gap_max: self.link.offline_policy.max_per_conversation,
            // A moment before the connection: what was sent earlier in a chat that nobody knew is no live message.
            since_ms: self.link.journal.server_ms().saturating_sub(lasted_ms),
        };
        let mut catchup = self.catchup.lock();
        let offer = &mut |id: &Arc<str>, seq: i64, found: Found| self.offer(id, seq, found);
        catchup.newest(maxima, &start, &self.known(), self.now(), offer);
        self.follow_up(catchup);
    }
}
