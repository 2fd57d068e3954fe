//! `/group`, join requests: joining at once where that is allowed, requests otherwise, and the answers to them.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use super::group_access::{above, live, member, notify};
use super::page::Pagination;
use crate::http::api::{Body, Reply, some};
use crate::model::groups::{ADMIN, Entering, Group, GroupRequest, MEMBER};
use crate::model::notices::Notice;
use crate::refusal::{GROUP_REQUEST_HANDLED, Refusal};

const APPLIED: i32 = 1503;
const ACCEPTED: i32 = 1505;
const REJECTED: i32 = 1506;
const INVITED: i32 = 1509;
const ENTERED: i32 = 1510;
/// `needVerification`: everybody may join without approval.
const NO_APPROVAL: i32 = 2;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/group/join_group" => call.with(body, join_group),
        "/group/group_application_response" => call.with(body, group_application_response),
        "/group/get_recv_group_applicationList" => call.with(body, |call, params| applications(call, params, false)),
        "/group/get_specified_user_group_request_info" => call.with(body, specified),
        "/group/get_user_req_group_applicationList" => call.with(body, |call, params| applications(call, params, true)),
        _ => return None,
    })
}

/// The parameters of all these calls; each reads its own.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Params {
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

fn join_group(call: &mut Call<'_>, params: &Params) -> Reply {
    let user_id = if call.is_admin() && !params.inviter.is_empty() { params.inviter.clone() } else { call.me() };
    call.known_user(&user_id)?;
    let group = live(call, &params.group_id)?;
    if group.members.contains_key(&user_id) {
        return Err(Refusal::args("the user is in the group already"));
    }
    if group.info.need_verification == NO_APPROVAL {
        // Where no approval is needed, the server drops the source that the request names.
        let entering = Entering { inviter: "", operator: &user_id, join_source: 0, role: MEMBER };
        call.model.enter_group(&params.group_id, &user_id, &entering);
        let entrant = member(live(call, &params.group_id)?, &user_id);
        notify(call, &params.group_id, ENTERED, json!({ "entrantUser": entrant }), &[]);
        return Ok(None);
    }
    let request = GroupRequest {
        user_id,
        message: params.req_message.clone(),
        join_source: params.join_source,
        ex: params.ex.clone(),
        ..GroupRequest::default()
    };
    add_request(call, &params.group_id, request);
    Ok(None)
}

/// Records a request and notifies those who can accept it, and the applicant: who called, whether for oneself or for somebody
/// who is invited.
pub(super) fn add_request(call: &mut Call<'_>, group_id: &str, mut request: GroupRequest) {
    request.asked_ms = call.model.now_ms();
    let applicant = if request.inviter.is_empty() { request.user_id.clone() } else { request.inviter.clone() };
    let Some(group) = call.model.groups.get_mut(group_id) else { return };
    group.requests.insert(request.user_id.clone(), request.clone());
    let extra = json!({
        "applicant": applicant_json(call, &applicant), "reqMsg": request.message,
        "uuid": call.model.fresh_id("request"), "request": told_json(call, &request),
    });
    for receiver in concerned(call, group_id, &applicant) {
        notify_one(call, group_id, &applicant, &receiver, APPLIED, extra.clone());
    }
}

fn applicant_json(call: &Call<'_>, user_id: &str) -> Value {
    let info = call.model.users.get(user_id).cloned().unwrap_or_default();
    json!({ "userID": user_id, "nickname": info.nickname, "faceURL": info.face_url, "ex": info.ex })
}

/// The request as lists show it. Who answered, when and with which words is never told.
fn request_json(call: &Call<'_>, group_id: &str, request: &GroupRequest) -> Value {
    let mut shown = told_json(call, request);
    shown["groupInfo"] = json!(call.model.groups.get(group_id).map(|group| &group.info));
    shown
}

/// The request as notifications show it.
fn told_json(call: &Call<'_>, request: &GroupRequest) -> Value {
    json!({
        "userInfo": applicant_json(call, &request.user_id), "groupInfo": null,
        "handleResult": request.result, "reqMsg": request.message, "handleMsg": "",
        "reqTime": request.asked_ms, "handleUserID": "", "handleTime": 0,
        "ex": request.ex, "joinSource": request.join_source, "inviterUserID": request.inviter,
    })
}

/// The owner and the admins, who can accept requests, and this user.
fn concerned(call: &Call<'_>, group_id: &str, user_id: &str) -> BTreeSet<String> {
    let group = call.model.groups.get(group_id);
    let members = group.into_iter().flat_map(Group::ranked).filter(|member| member.role_level >= ADMIN);
    members.map(|member| member.user_id.clone()).chain([user_id.to_owned()]).collect()
}

/// Notifies one user instead of the group.
fn notify_one(call: &mut Call<'_>, group_id: &str, from: &str, to: &str, content_type: i32, extra: Value) {
    let notice = Notice::of_group(call.model, group_id, from, content_type, extra);
    call.model.notify_user(from, to, &notice, call.operation_id);
}

fn group_application_response(call: &mut Call<'_>, params: &Params) -> Reply {
    if !matches!(params.handle_result, 1 | -1) {
        return Err(Refusal::args("handleResult is 1 or -1"));
    }
    above(call, live(call, &params.group_id)?, MEMBER)?;
    let me = call.me();
    let group = call.model.groups.get_mut(&params.group_id);
    let request = group.and_then(|group| group.requests.get_mut(&params.from));
    let request = request.ok_or_else(|| Refusal::not_found("nobody params"))?;
    if request.result != 0 {
        return Err(Refusal::named(GROUP_REQUEST_HANDLED, "GroupRequestHandled"));
    }
    request.result = params.handle_result;
    let request = request.clone();
    let is_accepted = params.handle_result == 1;
    let joins = is_accepted && !live(call, &params.group_id)?.members.contains_key(&params.from);
    let extra = json!({
        "handleMsg": params.handled_msg, "receiverAs": 0, "uuid": call.model.fresh_id("answer"),
        "request": told_json(call, &request),
    });
    let content_type = if is_accepted { ACCEPTED } else { REJECTED };
    let mut receivers = concerned(call, &params.group_id, &params.from);
    receivers.insert(me.clone());
    if joins {
        let entering =
            Entering { inviter: &request.inviter, operator: &me, join_source: request.join_source, role: MEMBER };
        call.model.enter_group(&params.group_id, &params.from, &entering);
    }
    for receiver in receivers {
        notify_one(call, &params.group_id, &me, &receiver, content_type, extra.clone());
    }
    if joins {
        notify_entered(call, &params.group_id, &request)?;
    }
    Ok(None)
}

/// Tells the group of a member who was let in: invited by somebody, or on the own request.
fn notify_entered(call: &mut Call<'_>, group_id: &str, request: &GroupRequest) -> Result<(), Refusal> {
    let group = live(call, group_id)?;
    let entrant = member(group, &request.user_id);
    let (content_type, extra) = if request.inviter.is_empty() {
        (ENTERED, json!({ "entrantUser": entrant }))
    } else {
        let inviter = member(group, &request.inviter);
        (INVITED, json!({ "invitedUserList": [entrant], "inviterUser": inviter }))
    };
    notify(call, group_id, content_type, extra, &[]);
    Ok(())
}

/// One user's request to one group. The JS package fetches it before it reports a new request.
fn specified(call: &mut Call<'_>, params: &Params) -> Reply {
    let group = live(call, &params.group_id)?;
    if params.user_id != call.me() {
        above(call, group, MEMBER)?;
    }
    let found: Vec<_> = group.requests.get(&params.user_id).into_iter().cloned().collect();
    let shown: Vec<_> = found.iter().map(|request| request_json(call, &params.group_id, request)).collect();
    some(json!({ "total": shown.len(), "groupRequests": shown }))
}

fn applications(call: &mut Call<'_>, params: &Params, own: bool) -> Reply {
    let me = if own { &params.user_id } else { &params.from };
    call.speaks_for(me)?;
    let mine = |group: &&Group| own || group.role(me).is_some_and(|role| role >= ADMIN);
    let named = |group: &&Group| params.group_ids.is_empty() || params.group_ids.contains(&group.info.group_id);
    let groups = call.model.groups.all().filter(mine).filter(named);
    let mut all: Vec<_> = groups
        .flat_map(|group| group.requests.values().map(move |request| (&group.info.group_id, request)))
        .filter(|(_, request)| !own || request.user_id == *me)
        .filter(|(_, request)| params.handle_results.is_empty() || params.handle_results.contains(&request.result))
        .collect();
    all.sort_by_key(|(_, request)| -request.asked_ms);
    let total = all.len();
    let page = params.pagination.cut(all)?;
    let page: Vec<_> = page.into_iter().map(|(group_id, request)| request_json(call, group_id, request)).collect();
    some(json!({ "total": total, "groupRequests": page }))
}
