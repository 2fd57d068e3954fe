//! Checks and notifications that the calls about groups share.

use openim_core::wire::errcode;
use serde_json::Value;

use super::call::Call;
use crate::model::groups::{ADMIN, Group, OWNER};
use crate::model::notices::Notice;
use crate::refusal::Refusal;

/// The group. It is an error if it is unknown or dismissed.
pub(super) fn live<'a>(call: &'a Call<'_>, group_id: &str) -> Result<&'a Group, Refusal> {
    let unknown = || Refusal::new(errcode::GROUP_ID_NOT_FOUND, "the group does not exist");
    let group = call.model.groups.get(group_id).ok_or_else(unknown)?;
    if group.is_dismissed() { Err(Refusal::new(errcode::DISMISSED_ALREADY, "")) } else { Ok(group) }
}

/// Checks that the caller may change a member of this rank: server admins may always, the owner may change everybody
/// else, and admins of the group ordinary members.
pub(super) fn above(call: &Call<'_>, group: &Group, rank: i32) -> Result<(), Refusal> {
    let role = group.role(&call.me()).unwrap_or(0);
    if call.is_admin() || (role >= ADMIN && role > rank) {
        return Ok(());
    }
    Err(Refusal::no_permission("the caller is neither owner nor admin of the group"))
}

/// The member as JSON; null for somebody else.
pub(super) fn member(group: &Group, user_id: &str) -> Value {
    group.members.get(user_id).and_then(|member| serde_json::to_value(member).ok()).unwrap_or_default()
}

/// Notifies the members of a change by the caller, and `also`: users who have just left.
pub(super) fn notify(call: &mut Call<'_>, group_id: &str, content_type: i32, extra: Value, also: &[String]) {
    let notice = Notice::of_group(call.model, group_id, &call.me(), content_type, extra);
    call.model.notify_group(group_id, &call.me(), &notice, also, call.operation_id);
}

/// Checks that the caller owns the group or is an admin of the server.
pub(super) fn owner(call: &Call<'_>, group: &Group) -> Result<(), Refusal> {
    if group.role(&call.me()) == Some(OWNER) || call.is_admin() {
        return Ok(());
    }
    Err(Refusal::no_permission("the caller is not the owner of the group"))
}
