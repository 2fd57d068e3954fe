//! One REST call: the caller, the model it works on, and the checks that many calls share.

use serde::de::DeserializeOwned;

use crate::http::api::{Body, Reply};
use crate::limits::LIST_MAX;
use crate::model::Model;
use crate::refusal::Refusal;
use crate::token::Claims;

pub(crate) struct Call<'a> {
    pub(crate) model: &'a mut Model,
    pub(crate) operation_id: &'a str,
    /// The URL by which the caller reaches this server.
    pub(crate) origin: String,
    caller: Option<Claims>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(model: &'a mut Model, caller: Option<Claims>, operation_id: &'a str, origin: String) -> Self {
        Self { model, operation_id, origin, caller }
    }

    /// Reads the body and runs the call with it.
    pub(crate) fn with<T: DeserializeOwned>(&mut self, body: &Body, run: impl FnOnce(&mut Self, &T) -> Reply) -> Reply {
        run(self, &body.json()?)
    }

    /// The calling user's id; empty for calls without a token.
    pub(crate) fn me(&self) -> String {
        self.caller.as_ref().map(|claims| claims.user_id.clone()).unwrap_or_default()
    }

    pub(crate) fn is_admin(&self) -> bool {
        self.caller.as_ref().is_some_and(|claims| self.model.is_admin(&claims.user_id))
    }

    /// Checks that the caller is an admin.
    pub(crate) fn admin(&self) -> Result<(), Refusal> {
        if self.is_admin() { Ok(()) } else { Err(Refusal::no_permission("this needs an admin's token")) }
    }

    /// Checks that the caller may act for the user: everybody for oneself, admins for everybody.
    pub(crate) fn speaks_for(&self, user_id: &str) -> Result<(), Refusal> {
        if self.me() == user_id || self.is_admin() {
            return Ok(());
        }
        Err(Refusal::no_permission("the user is not the caller"))
    }

    /// Checks that the user is registered.
    pub(crate) fn known_user(&self, user_id: &str) -> Result<(), Refusal> {
        if self.model.users.exists(user_id) {
            return Ok(());
        }
        Err(Refusal::not_found(format!("user {user_id:.64?} is not registered")))
    }
}

/// Checks that a list of ids is not too long.
pub(crate) fn bounded(ids: &[String]) -> Result<(), Refusal> {
    if ids.len() <= LIST_MAX { Ok(()) } else { Err(Refusal::args("too many ids")) }
}
