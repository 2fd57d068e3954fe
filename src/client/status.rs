//! `status`.

use base::AccountId;
use channel::Status;
use napi_derive::napi;

use super::{Core, OpenImClient, Slot};
use crate::dto::ClientStatus;
use crate::outcome::Outcome;

#[napi]
impl OpenImClient {
    /// Returns the state of the client, with nothing secret in it.
    #[napi(catch_unwind, ts_return_type = "ClientStatus")]
    pub fn status(&self) -> Outcome<ClientStatus> {
        Outcome::of("status", || Ok(self.core.status()))
    }

    /// Returns the login status as the JS SDK counts it: 1 logged out, 2 logging in, 3 logged in.
    #[napi(catch_unwind, ts_return_type = "1 | 2 | 3")]
    pub fn get_login_status(&self) -> Outcome<u32> {
        Outcome::of("getLoginStatus", || Ok(self.core.login_status()))
    }
}

impl Core {
    fn login_status(&self) -> u32 {
        match &*self.login.lock() {
            Slot::Idle => 1,
            Slot::Starting(_) => 2,
            Slot::Login(login) if login.is_over() => 1,
            // A connection that is lost later is made again without another login.
            Slot::Login(login) if login.account.status().connects > 0 => 3,
            Slot::Login(_) => 2,
        }
    }

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
