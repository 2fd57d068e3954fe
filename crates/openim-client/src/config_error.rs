//! The error for an account whose configuration cannot be used.

use base::{Error, Kind};

/// Names the account; `why` names the option and the remedy.
pub(crate) fn refuse(account_id: &str, why: &str) -> Error {
    Error::new(Kind::Config, format!("multi-openim account \"{account_id}\" is skipped: {why}"))
        .account(account_id.into())
        .op("config")
}
