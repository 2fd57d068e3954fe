//! `/group`, asking to join: who may come in at once, who has to wait, and the answers.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Body, Call, Reply};
use super::group_change::{above, live, member, tell};
use super::page::Pagination;
use super::some;
use crate::fault::{Fault, GROUP_REQUEST_HANDLED};
use crate::notice::Notice;
use crate::state::groups::{ADMIN, Group, GroupRequest, MEMBER};

const APPLIED: i32 = 1503;
const ACCEPTED: i32 = 1505;
const REJECTED: i32 = 1506;
const ENTERED: i32 = 1510;
/// `needVerification`: whoever asks, joins.
const DIRECT: i32 = 2;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/group/join_group" => call.with(body, join_group),
        "/group/group_application_response" => call.with(body, group_application_response),
        "/group/get_recv_group_applicationList" => call.with(body, |call, asked| applications(call, asked, false)),
        "/group/get_specified_user_group_request_info" => call.with(body, specified),
        "/group/get_user_req_group_applicationList" => call.with(body, |call, asked| applications(call, asked, true)),
        _ => return None,
    })
}

/// The members of all these calls; each uses its own.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Asked {
    #[serde(rename = "groupID")]
    group_id: String,
    #[serde(rename = "groupIDs")]
    group_ids: Vec<String>,
    #[serde(rename = "fromUserID")]
    from: String,
    #[serde(rename = "userID")]
    user_id: String,
    req_message: String,
    join_source: i32,
    #[serde(rename = "inviterUserID")]
    inviter: String,
    ex: String,
    handled_msg: String,
    handle_result: i32,
    handle_results: Vec<i32>,
    pagination: Pagination,
}

fn join_group(call: &mut Call<'_>, asked: &Asked) -> Reply {
    let user_id = if call.is_admin() && !asked.inviter.is_empty() { asked.inviter.clone() } else { call.me() };
    call.known_user(&user_id)?;
    let group = live(call, &asked.group_id)?;
    if group.members.contains_key(&user_id) {
        return Err(Fault::args("the user is in the group already"));
    }
    if group.info.need_verification == DIRECT {
        call.state.enter_group(&asked.group_id, &user_id, &user_id, MEMBER);
        let entrant = member(live(call, &asked.group_id)?, &user_id);
        tell(call, &asked.group_id, ENTERED, json!({ "entrantUser": entrant }), &[]);
        return Ok(None);
    }
    let request = GroupRequest {
        user_id,
        message: asked.req_message.clone(),
        join_source: asked.join_source,
        inviter: asked.inviter.clone(),
        ex: asked.ex.clone(),
        ..GroupRequest::default()
    };
    apply(call, &asked.group_id, request);
    Ok(None)
}

/// Notes a request and tells those who decide.
pub(super) fn apply(call: &mut Call<'_>, group_id: &str, mut request: GroupRequest) {
    request.asked_ms = call.state.now_ms();
    request.uuid = call.state.fresh_id("request");
    let Some(group) = call.state.groups.get_mut(group_id) else { return };
    group.requests.insert(request.user_id.clone(), request.clone());
    let extra = json!({
        "applicant": applicant(call, &request.user_id), "reqMsg": request.message, "uuid": request.uuid,
        "request": shown(call, group_id, &request),
    });
    for decider in deciders(call, group_id) {
        tell_one(call, group_id, &request.user_id, &decider, APPLIED, extra.clone());
    }
}

fn applicant(call: &Call<'_>, user_id: &str) -> Value {
    let info = call.state.users.get(user_id).cloned().unwrap_or_default();
    json!({ "userID": user_id, "nickname": info.nickname, "faceURL": info.face_url, "ex": info.ex })
}

fn shown(call: &Call<'_>, group_id: &str, request: &GroupRequest) -> Value {
    json!({
        "userInfo": applicant(call, &request.user_id),
        "groupInfo": call.state.groups.get(group_id).map(|group| &group.info),
        "handleResult": request.result, "reqMsg": request.message, "handleMsg": request.answer,
        "reqTime": request.asked_ms, "handleUserID": request.handler, "handleTime": request.answered_ms,
        "ex": request.ex, "joinSource": request.join_source, "inviterUserID": request.inviter,
    })
}

fn deciders(call: &Call<'_>, group_id: &str) -> Vec<String> {
    let group = call.state.groups.get(group_id);
    let members = group.into_iter().flat_map(Group::ranked);
    members.filter(|member| member.role_level >= ADMIN).map(|member| member.user_id.clone()).collect()
}

/// These go from person to person, not to the group.
fn tell_one(call: &mut Call<'_>, group_id: &str, from: &str, to: &str, content_type: i32, extra: Value) {
    let notice = Notice::of_group(call.state, group_id, from, content_type, extra);
    call.state.notify_user(from, to, &notice, call.operation_id);
}

fn group_application_response(call: &mut Call<'_>, asked: &Asked) -> Reply {
    if !matches!(asked.handle_result, 1 | -1) {
        return Err(Fault::args("handleResult is 1 or -1"));
    }
    above(call, live(call, &asked.group_id)?, MEMBER)?;
    let (me, now) = (call.me(), call.state.now_ms());
    let group = call.state.groups.get_mut(&asked.group_id);
    let request = group.and_then(|group| group.requests.get_mut(&asked.from));
    let request = request.ok_or_else(|| Fault::not_found("nobody asked"))?;
    if request.result != 0 {
        return Err(Fault::named(GROUP_REQUEST_HANDLED, "GroupRequestHandled"));
    }
    request.result = asked.handle_result;
    request.answer.clone_from(&asked.handled_msg);
    request.answered_ms = now;
    request.handler.clone_from(&me);
    let request = request.clone();
    let agreed = asked.handle_result == 1;
    let comes_in = agreed && !live(call, &asked.group_id)?.members.contains_key(&asked.from);
    if comes_in {
        let inviter = if request.inviter.is_empty() { &asked.from } else { &request.inviter };
        call.state.enter_group(&asked.group_id, &asked.from, inviter, MEMBER);
    }
    let extra = |as_admin: i32| {
        json!({
            "handleMsg": asked.handled_msg, "receiverAs": as_admin, "uuid": request.uuid,
            "request": shown(call, &asked.group_id, &request),
        })
    };
    let (to_applicant, to_admin) = (extra(0), extra(1));
    let content_type = if agreed { ACCEPTED } else { REJECTED };
    for decider in deciders(call, &asked.group_id) {
        if decider != me {
            tell_one(call, &asked.group_id, &me, &decider, content_type, to_admin.clone());
        }
    }
    tell_one(call, &asked.group_id, &me, &asked.from, content_type, to_applicant);
    if comes_in {
        let entrant = member(live(call, &asked.group_id)?, &asked.from);
        tell(call, &asked.group_id, ENTERED, json!({ "entrantUser": entrant }), &[]);
    }
    Ok(None)
}

/// One user's request to one group: the JS package asks for it before it tells of it.
fn specified(call: &mut Call<'_>, asked: &Asked) -> Reply {
    let group = live(call, &asked.group_id)?;
    if asked.user_id != call.me() {
        above(call, group, MEMBER)?;
    }
    let found: Vec<_> = group.requests.get(&asked.user_id).into_iter().cloned().collect();
    let shown: Vec<_> = found.iter().map(|request| shown(call, &asked.group_id, request)).collect();
    some(json!({ "total": shown.len(), "groupRequests": shown }))
}

fn applications(call: &mut Call<'_>, asked: &Asked, own: bool) -> Reply {
    let me = if own { &asked.user_id } else { &asked.from };
    call.speaks_for(me)?;
    let mine = |group: &&Group| own || group.role(me).is_some_and(|role| role >= ADMIN);
    let named = |group: &&Group| asked.group_ids.is_empty() || asked.group_ids.contains(&group.info.group_id);
    let groups = call.state.groups.all().filter(mine).filter(named);
    let mut all: Vec<_> = groups
        .flat_map(|group| group.requests.values().map(move |request| (&group.info.group_id, request)))
        .filter(|(_, request)| !own || request.user_id == *me)
        .filter(|(_, request)| asked.handle_results.is_empty() || asked.handle_results.contains(&request.result))
        .collect();
    all.sort_by_key(|(_, request)| -request.asked_ms);
    let total = all.len();
    let page = asked.pagination.cut(all)?;
    let page: Vec<_> = page.into_iter().map(|(group_id, request)| shown(call, group_id, request)).collect();
    some(json!({ "total": total, "groupRequests": page }))
}
