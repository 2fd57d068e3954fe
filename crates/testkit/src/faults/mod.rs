//! Injected faults, as values: what goes wrong, how often, and for which requests. Other layers ask them and act.

pub(crate) mod listener;
pub(crate) mod rates;
pub(crate) mod rules;
pub(crate) mod storage;

use std::sync::Arc;

use base::RandomSource;

use self::rates::FaultRates;
use self::rules::FaultRules;
use self::storage::StorageFaults;

/// The faults of a running server.
pub(crate) struct Faults {
    pub(crate) rates: FaultRates,
    pub(crate) rules: FaultRules,
    pub(crate) storage: StorageFaults,
    random: Arc<dyn RandomSource>,
}

impl Faults {
    /// No faults. Random faults will be drawn from `random`.
    pub(crate) fn none(random: Arc<dyn RandomSource>) -> Self {
        Self { rates: FaultRates::default(), rules: FaultRules::default(), storage: StorageFaults::default(), random }
    }

    /// Whether a fault of this percentage happens now.
    pub(crate) fn happens(&self, percent: u8) -> bool {
        percent > 0 && self.random.bits() % 100 < u64::from(percent)
    }
}
