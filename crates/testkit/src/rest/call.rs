//! One REST call: the caller, the model it works on, and the checks that many calls share.

use serde::de::DeserializeOwned;

use crate::http::api::{Body, Reply};
use crate::limits::LIST_MAX;
use crate::model::Model;
use crate::model::conversations::UserConversation;
use crate::model::notices::Notice;
use crate::records::Conversation;
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

    /// What the user has of a conversation. It is an error if the user is not in it.
    pub(super) fn conversation_mut(&mut self, user_id: &str, id: &str) -> Result<&mut UserConversation, Refusal> {
        let found = self.model.conversations.get_mut(user_id, id);
        found.ok_or_else(|| Refusal::not_found("the conversation is not the user's"))
    }

    /// Sends a notification to everybody in the conversation: the members of the group, or the peer and the user.
    pub(super) fn notify_conversation(&mut self, from: &str, conversation: &Conversation, notice: &Notice) {
        if conversation.group_id.is_empty() {
            self.model.notify_user(from, &conversation.user_id, notice, self.operation_id);
        } else {
            self.model.notify_group(&conversation.group_id, from, notice, &[], self.operation_id);
        }
    }

    /// Checks that the user is registered.
    pub(crate) fn known_user(&self, user_id: &str) -> Result<(), Refusal> {
        if self.model.users.exists(user_id) {
            return Ok(());
        }
        Err(Refusal::not_found(format!("user {user_id:.64?} is not registered")))
    }
}

/// Replaces a member of a record if the request has a new value for it.
pub(super) fn set<T: Clone>(member: &mut T, value: &Option<T>) {
    if let Some(value) = value {
        member.clone_from(value);
    }
}

/// Checks that a list of ids is not too long.
pub(crate) fn bounded(ids: &[String]) -> Result<(), Refusal> {
    if ids.len() <= LIST_MAX { Ok(()) } else { Err(Refusal::args("too many ids")) }
}
