//! The binding: the only place that may say `napi`.
