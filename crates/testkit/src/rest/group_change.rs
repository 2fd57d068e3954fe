//! `/group`, changing: inviting, leaving, muting, dismissing. Each change notifies the members.

use serde::Deserialize;
use serde_json::json;

use super::call::{Call, bounded};
use super::group_access::{above, live, member, notify, owner};
use super::group_request::add_request;
use crate::http::api::{Body, Reply};
use crate::model::groups::{ADMIN, BY_INVITATION, Entering, GroupRequest, MEMBER, OWNER, STATUS_MUTED, STATUS_OK};
use crate::model::versions::Change;
use crate::refusal::Refusal;

const QUIT: i32 = 1504;
const KICKED: i32 = 1508;
const INVITED: i32 = 1509;
const DISMISSED: i32 = 1511;
const MEMBER_MUTED: i32 = 1512;
const MEMBER_UNMUTED: i32 = 1513;
const GROUP_MUTED: i32 = 1514;
const GROUP_UNMUTED: i32 = 1515;
/// `needVerification`: invitations by ordinary members need approval, too.
const ALL_NEED_VERIFICATION: i32 = 1;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/group/quit_group" => call.with(body, quit_group),
        "/group/invite_user_to_group" => call.with(body, invite_user_to_group),
        "/group/kick_group" => call.with(body, kick_group),
        "/group/mute_group" => call.with(body, |call, params| set_muted(call, params, true)),
        "/group/cancel_mute_group" => call.with(body, |call, params| set_muted(call, params, false)),
        "/group/mute_group_member" | "/group/cancel_mute_group_member" => call.with(body, mute_group_member),
        "/group/dismiss_group" => call.with(body, dismiss_group),
        _ => return None,
    })
}

/// The parameters of all these calls; each reads its own.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Params {
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

fn quit_group(call: &mut Call<'_>, params: &Params) -> Reply {
    let user_id = if params.user_id.is_empty() { call.me() } else { params.user_id.clone() };
    call.speaks_for(&user_id)?;
    let group = live(call, &params.group_id)?;
    match group.role(&user_id) {
        None => return Err(Refusal::not_found("the user is not in the group")),
        Some(OWNER) => return Err(Refusal::no_permission("the owner cannot quit")),
        Some(_) => {}
    }
    let quitter = member(group, &user_id);
    call.model.leave_group(&params.group_id, &user_id);
    notify(call, &params.group_id, QUIT, json!({ "quitUser": quitter }), &[user_id]);
    Ok(None)
}

fn invite_user_to_group(call: &mut Call<'_>, params: &Params) -> Reply {
    bounded(&params.invited)?;
    let me = call.me();
    let group = live(call, &params.group_id)?;
    if group.role(&me).is_none() && !call.is_admin() {
        return Err(Refusal::no_permission("the caller is not in the group"));
    }
    if params.invited.is_empty() || params.invited.iter().any(|id| group.members.contains_key(id)) {
        return Err(Refusal::args("nobody is invited, or somebody who is in the group already"));
    }
    for user_id in &params.invited {
        call.known_user(user_id)?;
    }
    let by_rank = group.role(&me).is_some_and(|role| role >= ADMIN) || call.is_admin();
    if group.info.need_verification == ALL_NEED_VERIFICATION && !by_rank {
        for user_id in &params.invited {
            let request = GroupRequest {
                user_id: user_id.clone(),
                message: params.reason.clone(),
                join_source: BY_INVITATION,
                inviter: me.clone(),
                ..GroupRequest::default()
            };
            add_request(call, &params.group_id, request);
        }
        return Ok(None);
    }
    for user_id in &params.invited {
        let entering = Entering { inviter: &me, operator: &me, join_source: BY_INVITATION, role: MEMBER };
        call.model.enter_group(&params.group_id, user_id, &entering);
    }
    let group = live(call, &params.group_id)?;
    let invited: Vec<_> = params.invited.iter().map(|id| member(group, id)).collect();
    let extra = json!({ "invitedUserList": invited, "inviterUser": member(group, &me) });
    notify(call, &params.group_id, INVITED, extra, &[]);
    Ok(None)
}

fn kick_group(call: &mut Call<'_>, params: &Params) -> Reply {
    bounded(&params.kicked)?;
    let group = live(call, &params.group_id)?;
    if params.kicked.is_empty() || params.kicked.contains(&call.me()) {
        return Err(Refusal::args("nobody is kicked, or the caller"));
    }
    for user_id in &params.kicked {
        let rank = group.role(user_id).ok_or_else(|| Refusal::not_found("the user is not in the group"))?;
        above(call, group, rank)?;
    }
    let kicked: Vec<_> = params.kicked.iter().map(|id| member(group, id)).collect();
    for user_id in &params.kicked {
        call.model.leave_group(&params.group_id, user_id);
    }
    notify(call, &params.group_id, KICKED, json!({ "kickedUserList": kicked }), &params.kicked);
    Ok(None)
}

fn set_muted(call: &mut Call<'_>, params: &Params, muted: bool) -> Reply {
    above(call, live(call, &params.group_id)?, MEMBER)?;
    if let Some(group) = call.model.groups.get_mut(&params.group_id) {
        group.info.status = if muted { STATUS_MUTED } else { STATUS_OK };
    }
    notify(call, &params.group_id, if muted { GROUP_MUTED } else { GROUP_UNMUTED }, json!({}), &[]);
    Ok(None)
}

/// Mutes a member; 0 seconds unmutes.
fn mute_group_member(call: &mut Call<'_>, params: &Params) -> Reply {
    let group = live(call, &params.group_id)?;
    let rank = group.role(&params.user_id).ok_or_else(|| Refusal::not_found("the user is not in the group"))?;
    above(call, group, rank)?;
    let until = call.model.now_ms() + i64::from(params.muted_seconds) * 1000;
    if let Some(group) = call.model.groups.get_mut(&params.group_id) {
        if let Some(member) = group.members.get_mut(&params.user_id) {
            member.mute_end_time = if params.muted_seconds == 0 { 0 } else { until };
        }
        group.touch(&params.user_id, Change::Update);
    }
    let muted = member(live(call, &params.group_id)?, &params.user_id);
    let (content_type, extra) = if params.muted_seconds == 0 {
        (MEMBER_UNMUTED, json!({ "mutedUser": muted }))
    } else {
        (MEMBER_MUTED, json!({ "mutedUser": muted, "mutedSeconds": params.muted_seconds }))
    };
    notify(call, &params.group_id, content_type, extra, &[]);
    Ok(None)
}

fn dismiss_group(call: &mut Call<'_>, params: &Params) -> Reply {
    let group = live(call, &params.group_id)?;
    owner(call, group)?;
    // The notification is made while there are members, and reaches them although they are members no more.
    let members: Vec<String> = group.members.keys().cloned().collect();
    notify(call, &params.group_id, DISMISSED, json!({}), &members);
    call.model.groups.dismiss(&params.group_id);
    Ok(None)
}
