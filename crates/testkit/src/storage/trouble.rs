//! How the storage misbehaves. Nothing set is a good storage.

use std::time::Duration;

use serde::Deserialize;

/// Replaces what was set before.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct StorageTrouble {
    /// Everything is answered with 503.
    pub down: bool,
    /// Signatures made from now on live so long.
    pub signature_ms: Option<i64>,
    /// The first one that fits strikes.
    pub failures: Vec<StorageFailure>,
}

/// What happens to transfers of one kind.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct StorageFailure {
    /// `PUT` (a part), `GET` (a content) or `POST` (a form); empty fits all.
    pub method: String,
    /// Only this part.
    pub part_number: Option<u32>,
    /// So often, then no more; without it, for ever.
    pub times: Option<u32>,
    /// The answer, after the body was read. Nothing is stored then.
    pub status: Option<u16>,
    /// The connection ends after so many bytes of the body.
    pub cut_after: Option<u64>,
    /// Before the first byte is read or written.
    pub delay_ms: u64,
    /// Bodies run no faster.
    pub bytes_per_second: Option<u64>,
}

/// What strikes one transfer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Strike {
    pub(super) status: Option<u16>,
    pub(super) cut_after: Option<u64>,
    pub(super) delay: Duration,
    pub(super) bytes_per_second: Option<u64>,
}

impl StorageTrouble {
    pub(super) fn strike(&mut self, method: &str, part_number: Option<u32>) -> Strike {
        let fits = |failure: &&mut StorageFailure| {
            (failure.method.is_empty() || failure.method == method)
                && (failure.part_number.is_none() || failure.part_number == part_number)
                && failure.times != Some(0)
        };
        let Some(failure) = self.failures.iter_mut().find(fits) else { return Strike::default() };
        failure.times = failure.times.map(|times| times - 1);
        Strike {
            status: failure.status,
            cut_after: failure.cut_after,
            delay: Duration::from_millis(failure.delay_ms),
            bytes_per_second: failure.bytes_per_second.filter(|rate| *rate > 0),
        }
    }
}

impl Strike {
    /// How long so many bytes take at the least.
    pub(super) fn pace(&self, bytes: usize) -> Duration {
        match self.bytes_per_second {
            Some(rate) => Duration::from_secs_f64(bytes as f64 / rate as f64),
            None => Duration::ZERO,
        }
    }
}
