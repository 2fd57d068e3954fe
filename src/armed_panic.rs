//! For tests only: a panic that is armed once, for the boundaries that a probe cannot call. Compiled under the feature `probes`.

use std::sync::atomic::{AtomicBool, Ordering};

/// Panics if the flag is set, and clears it.
#[expect(clippy::panic, reason = "to see what becomes of a panic")]
pub(crate) fn panic_if(armed: &AtomicBool, place: &str) {
    if armed.swap(false, Ordering::SeqCst) {
        panic!("a panic in the {place}");
    }
}
