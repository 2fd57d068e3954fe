//! `status`.

use base::AccountId;
use channel::Status;
use napi_derive::napi;

use super::{Core, OpenImClient, Slot};
use crate::dto::ClientStatus;
use crate::outcome::Outcome;

#[napi]
impl OpenImClient {
    /// Where the client stands, with nothing secret in it.
    #[napi(catch_unwind, ts_return_type = "ClientStatus")]
    pub fn status(&self) -> Outcome<ClientStatus> {
        Outcome::of("status", || Ok(self.core.status()))
    }
}

impl Core {
    fn status(&self) -> ClientStatus {
        match &*self.login.lock() {
            Slot::Idle => ClientStatus::before_login("idle"),
            Slot::Starting(_) => ClientStatus::before_login("starting"),
            Slot::Login(login) => ClientStatus::of(login.account.status(), login.pump.panics()),
        }
    }
}

impl ClientStatus {
    fn before_login(state: &str) -> Self {
        let empty = Status::new(AccountId::from(""), String::new());
        Self { account_id: None, user_id: None, state: state.to_owned(), ..Self::of(empty, 0) }
    }
}
