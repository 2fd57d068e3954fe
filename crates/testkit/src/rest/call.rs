//! One REST call: who calls, what with, and the checks that many calls share.

use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderMap};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::fault::Fault;
use crate::state::State;
use crate::token::Claims;

/// `data`, none where the result has no members.
pub(crate) type Reply = Result<Option<Value>, Fault>;

pub(crate) struct Body {
    bytes: Bytes,
    /// `application/x-protobuf`.
    pub(crate) is_protobuf: bool,
}

impl Body {
    pub(crate) fn new(bytes: Bytes, headers: &HeaderMap) -> Self {
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self { bytes, is_protobuf: kind.starts_with("application/x-protobuf") }
    }

    pub(crate) fn is_json_object(&self) -> bool {
        serde_json::from_slice::<Map<String, Value>>(&self.bytes).is_ok()
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        // By way of an object: serde would read the fields of a struct from a bare list, too.
        let object: Map<String, Value> =
            serde_json::from_slice(&self.bytes).map_err(|_| Fault::args("the body is not a JSON object"))?;
        serde_json::from_value(object.into()).map_err(|error| Fault::args(error.to_string()))
    }

    /// In whichever of its two forms the message came.
    pub(crate) fn message<M: prost::Message + Default + DeserializeOwned>(&self) -> Result<M, Fault> {
        if self.is_protobuf {
            M::decode(self.bytes.clone()).map_err(|_| Fault::args("the body is not the expected protobuf message"))
        } else {
            self.json()
        }
    }
}

pub(crate) struct Call<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) operation_id: &'a str,
    /// Where the caller reaches this server.
    pub(crate) origin: String,
    caller: Option<Claims>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(state: &'a mut State, caller: Option<Claims>, operation_id: &'a str, origin: String) -> Self {
        Self { state, operation_id, origin, caller }
    }

    /// Reads the body and does the call.
    pub(crate) fn with<T: DeserializeOwned>(&mut self, body: &Body, run: impl FnOnce(&mut Self, &T) -> Reply) -> Reply {
        run(self, &body.json()?)
    }

    /// The calling user's id; empty for the calls that need no token.
    pub(crate) fn me(&self) -> String {
        self.caller.as_ref().map(|claims| claims.user_id.clone()).unwrap_or_default()
    }

    pub(crate) fn is_admin(&self) -> bool {
        self.caller.as_ref().is_some_and(|claims| self.state.is_admin(&claims.user_id))
    }

    pub(crate) fn admin(&self) -> Result<(), Fault> {
        if self.is_admin() { Ok(()) } else { Err(Fault::no_permission("this needs an admin's token")) }
    }

    /// Callers speak for themselves, admins for everybody.
    pub(crate) fn speaks_for(&self, user_id: &str) -> Result<(), Fault> {
        if self.me() == user_id || self.is_admin() {
            return Ok(());
        }
        Err(Fault::no_permission("the user is not the caller"))
    }

    pub(crate) fn known_user(&self, user_id: &str) -> Result<(), Fault> {
        if self.state.users.exists(user_id) {
            return Ok(());
        }
        Err(Fault::not_found(format!("user {user_id:.64?} is not registered")))
    }
}

/// Lists of ids have a bound.
pub(crate) fn bounded(ids: &[String]) -> Result<(), Fault> {
    if ids.len() <= crate::limits::LIST_MAX { Ok(()) } else { Err(Fault::args("too many ids")) }
}
