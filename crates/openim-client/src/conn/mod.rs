//! One connection: dialled, upgraded, held.

pub(crate) mod actor;
mod skipped;
pub(crate) mod upgrade;
