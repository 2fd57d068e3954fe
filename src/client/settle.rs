//! `ack` and `nack`.

use std::sync::Arc;

use base::Result;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;

use super::{Core, Login, OpenImClient, Slot};
use crate::js_args;
use crate::limits::DELIVERIES_MAX;
use crate::outcome::Outcome;

#[napi]
impl OpenImClient {
    /// Acknowledges deliveries by their numbers. Numbers that are not outstanding are ignored.
    #[napi(catch_unwind, ts_args_type = "deliveries: number[]", ts_return_type = "void")]
    pub fn ack(&self, deliveries: Unknown<'_>) -> Outcome<()> {
        Outcome::of("ack", || {
            let deliveries = js_args::deliveries(&deliveries, "ack", DELIVERIES_MAX)?;
            self.core.with_login(|login| login.account.ack(&deliveries))
        })
    }

    /// Refuses deliveries: they come again after 1, 2, 5, 15 and 60 s, marked `redelivered`; after eight refusals a
    /// message is put aside and `OnDeadLetter` names it.
    #[napi(catch_unwind, ts_args_type = "deliveries: number[]", ts_return_type = "void")]
    pub fn nack(&self, deliveries: Unknown<'_>) -> Outcome<()> {
        Outcome::of("nack", || {
            let deliveries = js_args::deliveries(&deliveries, "nack", DELIVERIES_MAX)?;
            self.core.with_login(|login| login.account.nack(&deliveries))
        })
    }
}

impl Core {
    /// After the end of a login its deliveries mean nothing: what was not settled comes with the next one.
    fn with_login(&self, settle: impl FnOnce(&Login)) -> Result<()> {
        let login = match &*self.login.lock() {
            Slot::Login(login) => Some(Arc::clone(login)),
            Slot::Idle | Slot::Starting(_) => None,
        };
        if let Some(login) = login {
            settle(&login);
        }
        Ok(())
    }
}
