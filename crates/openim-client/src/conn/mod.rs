//! One connection: dialled, upgraded, held.

pub(crate) mod actor;
pub(crate) mod dial;
pub(crate) mod tls;
pub(crate) mod upgrade;
