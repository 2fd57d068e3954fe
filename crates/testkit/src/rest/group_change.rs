//! `/group`, changing: inviting, leaving, muting, dismissing. Each change is told to the members.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Body, Call, Reply, bounded};
use super::group_request::apply;
use crate::fault::Fault;
use crate::notice::Notice;
use crate::state::groups::{ADMIN, BY_INVITATION, Group, GroupRequest, MEMBER, OWNER, STATUS_MUTED, STATUS_OK};
use crate::state::versions::Change;
use openim_core::wire::errcode;

/// `needVerification`: invitations of ordinary members, too.
const ALL_NEED_VERIFICATION: i32 = 1;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/group/quit_group" => call.with(body, quit_group),
        "/group/invite_user_to_group" => call.with(body, invite_user_to_group),
        "/group/kick_group" => call.with(body, kick_group),
        "/group/mute_group" => call.with(body, |call, asked| set_muted(call, asked, true)),
        "/group/cancel_mute_group" => call.with(body, |call, asked| set_muted(call, asked, false)),
        "/group/mute_group_member" | "/group/cancel_mute_group_member" => call.with(body, mute_group_member),
        "/group/dismiss_group" => call.with(body, dismiss_group),
        _ => return None,
    })
}

/// The members of all these calls; each uses its own.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    #[serde(rename = "groupID")]
    group_id: String,
    #[serde(rename = "userID")]
    user_id: String,
    #[serde(rename = "invitedUserIDs")]
    invited: Vec<String>,
    #[serde(rename = "kickedUserIDs")]
    kicked: Vec<String>,
    #[serde(rename = "mutedSeconds")]
    muted_seconds: u32,
    reason: String,
}

/// The group, unless it is unknown or dismissed.
pub(super) fn live<'a>(call: &'a Call<'_>, group_id: &str) -> Result<&'a Group, Fault> {
    let unknown = || Fault::new(errcode::GROUP_ID_NOT_FOUND, "the group does not exist");
    let group = call.state.groups.get(group_id).ok_or_else(unknown)?;
    if group.is_dismissed() { Err(Fault::new(errcode::DISMISSED_ALREADY, "")) } else { Ok(group) }
}

/// Whether the caller stands above `rank`: app admins always, the owner above all others, admins above members.
pub(super) fn above(call: &Call<'_>, group: &Group, rank: i32) -> Result<(), Fault> {
    let role = group.role(&call.me()).unwrap_or(0);
    if call.is_admin() || (role >= ADMIN && role > rank) {
        return Ok(());
    }
    Err(Fault::no_permission("the caller is neither owner nor admin of the group"))
}

pub(super) fn member(group: &Group, user_id: &str) -> Value {
    group.members.get(user_id).and_then(|member| serde_json::to_value(member).ok()).unwrap_or_default()
}

pub(super) fn tell(call: &mut Call<'_>, group_id: &str, content_type: i32, extra: Value, also: &[String]) {
    let notice = Notice::of_group(call.state, group_id, &call.me(), content_type, extra);
    call.state.notify_group(group_id, &call.me(), &notice, also, call.operation_id);
}

fn quit_group(call: &mut Call<'_>, asked: &Asked) -> Reply {
    let user_id = if asked.user_id.is_empty() { call.me() } else { asked.user_id.clone() };
    call.speaks_for(&user_id)?;
    let group = live(call, &asked.group_id)?;
    match group.role(&user_id) {
        None => return Err(Fault::not_found("the user is not in the group")),
        Some(OWNER) => return Err(Fault::no_permission("the owner cannot quit")),
        Some(_) => {}
    }
    let quitter = member(group, &user_id);
    call.state.leave_group(&asked.group_id, &user_id);
    tell(call, &asked.group_id, 1504, json!({ "quitUser": quitter }), &[user_id]);
    Ok(None)
}

fn invite_user_to_group(call: &mut Call<'_>, asked: &Asked) -> Reply {
    bounded(&asked.invited)?;
    let me = call.me();
    let group = live(call, &asked.group_id)?;
    if group.role(&me).is_none() && !call.is_admin() {
        return Err(Fault::no_permission("the caller is not in the group"));
    }
    if asked.invited.is_empty() || asked.invited.iter().any(|id| group.members.contains_key(id)) {
        return Err(Fault::args("nobody is invited, or somebody who is in the group already"));
    }
    for user_id in &asked.invited {
        call.known_user(user_id)?;
    }
    let by_rank = group.role(&me).is_some_and(|role| role >= ADMIN) || call.is_admin();
    if group.info.need_verification == ALL_NEED_VERIFICATION && !by_rank {
        for user_id in &asked.invited {
            let request = GroupRequest {
                user_id: user_id.clone(),
                message: asked.reason.clone(),
                join_source: BY_INVITATION,
                inviter: me.clone(),
                ..GroupRequest::default()
            };
            apply(call, &asked.group_id, request);
        }
        return Ok(None);
    }
    for user_id in &asked.invited {
        call.state.enter_group(&asked.group_id, user_id, &me, MEMBER);
    }
    let group = live(call, &asked.group_id)?;
    let invited: Vec<_> = asked.invited.iter().map(|id| member(group, id)).collect();
    let extra = json!({ "invitedUserList": invited, "inviterUser": member(group, &me) });
    tell(call, &asked.group_id, 1509, extra, &[]);
    Ok(None)
}

fn kick_group(call: &mut Call<'_>, asked: &Asked) -> Reply {
    bounded(&asked.kicked)?;
    let group = live(call, &asked.group_id)?;
    if asked.kicked.is_empty() || asked.kicked.contains(&call.me()) {
        return Err(Fault::args("nobody is kicked, or the caller"));
    }
    for user_id in &asked.kicked {
        let rank = group.role(user_id).ok_or_else(|| Fault::not_found("the user is not in the group"))?;
        above(call, group, rank)?;
    }
    let kicked: Vec<_> = asked.kicked.iter().map(|id| member(group, id)).collect();
    for user_id in &asked.kicked {
        call.state.leave_group(&asked.group_id, user_id);
    }
    tell(call, &asked.group_id, 1508, json!({ "kickedUserList": kicked }), &asked.kicked);
    Ok(None)
}

fn set_muted(call: &mut Call<'_>, asked: &Asked, muted: bool) -> Reply {
    above(call, live(call, &asked.group_id)?, MEMBER)?;
    if let Some(group) = call.state.groups.get_mut(&asked.group_id) {
        group.info.status = if muted { STATUS_MUTED } else { STATUS_OK };
    }
    tell(call, &asked.group_id, if muted { 1514 } else { 1515 }, json!({}), &[]);
    Ok(None)
}

/// Cancelling is muting for 0 seconds.
fn mute_group_member(call: &mut Call<'_>, asked: &Asked) -> Reply {
    let group = live(call, &asked.group_id)?;
    let rank = group.role(&asked.user_id).ok_or_else(|| Fault::not_found("the user is not in the group"))?;
    above(call, group, rank)?;
    let until = call.state.now_ms() + i64::from(asked.muted_seconds) * 1000;
    if let Some(group) = call.state.groups.get_mut(&asked.group_id) {
        if let Some(member) = group.members.get_mut(&asked.user_id) {
            member.mute_end_time = if asked.muted_seconds == 0 { 0 } else { until };
        }
        group.touch(&asked.user_id, Change::Update);
    }
    let muted = member(live(call, &asked.group_id)?, &asked.user_id);
    let (content_type, extra) = if asked.muted_seconds == 0 {
        (1513, json!({ "mutedUser": muted }))
    } else {
        (1512, json!({ "mutedUser": muted, "mutedSeconds": asked.muted_seconds }))
    };
    tell(call, &asked.group_id, content_type, extra, &[]);
    Ok(None)
}

fn dismiss_group(call: &mut Call<'_>, asked: &Asked) -> Reply {
    let group = live(call, &asked.group_id)?;
    if group.role(&call.me()) != Some(OWNER) && !call.is_admin() {
        return Err(Fault::no_permission("the caller is not the owner of the group"));
    }
    call.state.dismiss_group(&asked.group_id);
    tell(call, &asked.group_id, 1511, json!({}), &[]);
    Ok(None)
}
