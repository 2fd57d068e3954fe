//! Faults of the object storage. With the defaults the storage works normally.

use std::time::Duration;

use serde::Deserialize;

/// Replaces the storage faults that were set before.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct StorageFaults {
    /// Everything is answered with 503.
    pub down: bool,
    /// New signatures are valid this long.
    pub signature_ms: Option<i64>,
    /// The first one that matches a transfer applies.
    pub failures: Vec<StorageFault>,
}

/// What happens to some transfers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct StorageFault {
    /// `PUT` (a part), `GET` (a content) or `POST` (a form); empty matches all.
    pub method: String,
    /// Only this part.
    pub part_number: Option<u32>,
    /// The fault applies this often; without it, for ever.
    pub times: Option<u32>,
    /// The answer, after the body was read. Nothing is stored then.
    pub status: Option<u16>,
    /// The connection ends after this many bytes of the body.
    pub cut_after: Option<u64>,
    /// The delay before the first byte is read or written.
    pub delay_ms: u64,
    /// The highest rate of bodies.
    pub bytes_per_second: Option<u64>,
}

/// What happens to one transfer.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TransferFault {
    pub(crate) status: Option<u16>,
    pub(crate) cut_after: Option<u64>,
    pub(crate) delay: Duration,
    pub(crate) bytes_per_second: Option<u64>,
}

impl StorageFaults {
    pub(crate) fn apply(&mut self, method: &str, part_number: Option<u32>) -> TransferFault {
        let matches = |failure: &&mut StorageFault| {
            (failure.method.is_empty() || failure.method == method)
                && (failure.part_number.is_none() || failure.part_number == part_number)
                && failure.times != Some(0)
        };
        let Some(failure) = self.failures.iter_mut().find(matches) else { return TransferFault::default() };
        failure.times = failure.times.map(|times| times - 1);
        TransferFault {
            status: failure.status,
            cut_after: failure.cut_after,
            delay: Duration::from_millis(failure.delay_ms),
            bytes_per_second: failure.bytes_per_second.filter(|rate| *rate > 0),
        }
    }
}

impl TransferFault {
    /// The shortest time that this many bytes may take.
    pub(crate) fn pace(&self, bytes: usize) -> Duration {
        match self.bytes_per_second {
            Some(rate) => Duration::from_secs_f64(bytes as f64 / rate as f64),
            None => Duration::ZERO,
        }
    }
}
