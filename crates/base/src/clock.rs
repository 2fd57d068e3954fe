//! The traits for wall-clock time and random bits. Pure code takes the values as arguments; code that does I/O holds these.

/// Wall-clock time. Durations are never measured with it: it may jump.
pub trait Clock: Send + Sync {
    /// Milliseconds since the Unix epoch.
    fn now_ms(&self) -> i64;
}

/// Random bits.
pub trait RandomSource: Send + Sync {
    fn bits(&self) -> u64;
}
