//! One connection: dialled, upgraded, held.

pub(crate) mod actor;
pub(crate) mod upgrade;
