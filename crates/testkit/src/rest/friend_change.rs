//! `/friend`, changing: friend requests, ending friendships, remarks and black lists. Each change notifies the users
//! concerned.

use openim_core::wire::errcode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, bounded, set};
use super::page::Pagination;
use crate::http::api::{Body, Reply, some};
use crate::model::notices::Notice;
use crate::model::relations::{ASKED, FriendRequest, IMPORTED};
use crate::model::versions::Change;
use crate::refusal::{FRIEND_REQUEST_HANDLED, RELATIONSHIP_ALREADY, Refusal};

const APPROVED: i32 = 1201;
const REJECTED: i32 = 1202;
const REQUESTED: i32 = 1203;
const DELETED: i32 = 1205;
const BLACK_ADDED: i32 = 1207;
const BLACK_DELETED: i32 = 1208;
const SEVERAL_CHANGED: i32 = 1210;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/friend/add_friend" => call.with(body, add_friend),
        "/friend/add_friend_response" => call.with(body, add_friend_response),
        "/friend/get_friend_apply_list" => call.with(body, |call, params| apply_list(call, params, false)),
        "/friend/get_self_friend_apply_list" => call.with(body, |call, params| apply_list(call, params, true)),
        "/friend/get_designated_friend_apply" => call.with(body, get_designated_friend_apply),
        "/friend/import_friend" => call.with(body, import_friend),
        "/friend/delete_friend" => call.with(body, delete_friend),
        "/friend/update_friends" => call.with(body, update_friends),
        "/friend/add_black" => call.with(body, add_black),
        "/friend/remove_black" => call.with(body, remove_black),
        _ => return None,
    })
}

/// The parameters of all these calls; each reads its own.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Params {
    #[serde(rename = "fromUserID")]
    from: String,
    #[serde(rename = "toUserID")]
    to: String,
    #[serde(rename = "ownerUserID")]
    owner: String,
    #[serde(rename = "friendUserID")]
    friend: String,
    #[serde(rename = "friendUserIDs")]
    friends: Vec<String>,
    #[serde(rename = "blackUserID")]
    black: String,
    #[serde(rename = "userID")]
    user_id: String,
    req_msg: String,
    ex: Option<String>,
    handle_result: i32,
    handle_results: Vec<i32>,
    handle_msg: String,
    remark: Option<String>,
    is_pinned: Option<bool>,
    pagination: Pagination,
}

/// Adds the version of a list of friends, which is always empty.
fn with_version(mut detail: Value) -> Value {
    detail["friendVersion"] = 0.into();
    detail["friendVersionID"] = "".into();
    detail
}

fn between(from: &str, to: &str) -> Value {
    json!({ "fromUserID": from, "toUserID": to })
}

/// Notifies one user.
fn notify(call: &mut Call<'_>, from: &str, to: &str, content_type: i32, detail: Value) {
    let notice = Notice::new(content_type, detail).in_chat(content_type == APPROVED);
    call.model.notify_user(from, to, &notice, call.operation_id);
}

fn request_json(call: &Call<'_>, request: &FriendRequest) -> Value {
    let info = |id: &str| call.model.users.get(id).cloned().unwrap_or_default();
    let (from, to) = (info(&request.from), info(&request.to));
    json!({
        "fromUserID": request.from, "fromNickname": from.nickname, "fromFaceURL": from.face_url,
        "toUserID": request.to, "toNickname": to.nickname, "toFaceURL": to.face_url,
        "handleResult": request.result, "reqMsg": request.message, "createTime": request.asked_ms,
        "handlerUserID": request.handler,
        "handleMsg": request.answer, "handleTime": request.answered_ms, "ex": request.ex,
    })
}

fn add_friend(call: &mut Call<'_>, params: &Params) -> Reply {
    call.speaks_for(&params.from)?;
    if params.from == params.to {
        return Err(Refusal::new(errcode::CAN_NOT_ADD_YOURSELF, ""));
    }
    call.known_user(&params.from)?;
    call.known_user(&params.to)?;
    let knows = |owner, friend| call.model.relations.friend(owner, friend).is_some();
    if knows(&params.from, &params.to) && knows(&params.to, &params.from) {
        return Err(Refusal::named(RELATIONSHIP_ALREADY, "RelationshipAlreadyError"));
    }
    let request = FriendRequest {
        from: params.from.clone(),
        to: params.to.clone(),
        message: params.req_msg.clone(),
        ex: params.ex.clone().unwrap_or_default(),
        asked_ms: call.model.now_ms(),
        ..FriendRequest::default()
    };
    let detail = json!({ "fromToUserID": between(&params.from, &params.to), "request": request_json(call, &request) });
    call.model.relations.add_request(request);
    notify(call, &params.from, &params.to, REQUESTED, detail);
    Ok(None)
}

/// `fromUserID` is who asked, `toUserID` who answers.
fn add_friend_response(call: &mut Call<'_>, params: &Params) -> Reply {
    call.speaks_for(&params.to)?;
    if !matches!(params.handle_result, 1 | -1) {
        return Err(Refusal::args("handleResult is 1 or -1"));
    }
    let now = call.model.now_ms();
    let request = call.model.relations.request_mut(&params.from, &params.to);
    let request = request.ok_or_else(|| Refusal::not_found("nobody asked"))?;
    if request.result != 0 {
        return Err(Refusal::named(FRIEND_REQUEST_HANDLED, "FriendRequestHandled"));
    }
    request.result = params.handle_result;
    request.answer.clone_from(&params.handle_msg);
    request.answered_ms = now;
    // Only the notification names who answered; the lists do not.
    let request = FriendRequest { handler: params.to.clone(), ..request.clone() };
    if params.handle_result == 1 {
        call.model.relations.befriend(&params.from, &params.to, ASKED, &params.to, now);
    }
    let detail = json!({
        "fromToUserID": between(&params.from, &params.to), "handleMsg": params.handle_msg,
        "request": request_json(call, &request),
    });
    // Both sides learn of the friendship from the acceptance alone: it goes to the asking user and the answering one's devices.
    if params.handle_result == 1 {
        notify(call, &params.to, &params.from, APPROVED, with_version(detail));
    } else {
        notify(call, &params.to, &params.from, REJECTED, detail);
    }
    Ok(None)
}

/// Makes users friends without asking them. Each of them accepts, as it were.
fn import_friend(call: &mut Call<'_>, params: &Params) -> Reply {
    call.admin()?;
    bounded(&params.friends)?;
    call.known_user(&params.owner)?;
    for friend in &params.friends {
        call.known_user(friend)?;
        if *friend == params.owner {
            return Err(Refusal::new(errcode::CAN_NOT_ADD_YOURSELF, ""));
        }
    }
    let (me, now) = (call.me(), call.model.now_ms());
    for friend in &params.friends {
        call.model.relations.befriend(&params.owner, friend, IMPORTED, &me, now);
        let detail = json!({
            "fromToUserID": between(&params.owner, friend), "handleMsg": "", "request": null,
        });
        notify(call, friend, &params.owner, APPROVED, with_version(detail));
    }
    Ok(None)
}

/// The requests that were sent or received. The name of the list of received ones begins with a capital letter.
fn apply_list(call: &mut Call<'_>, params: &Params, sent: bool) -> Reply {
    call.speaks_for(&params.user_id)?;
    let wanted = |request: &&FriendRequest| {
        let side = if sent { &request.from } else { &request.to };
        *side == params.user_id && (params.handle_results.is_empty() || params.handle_results.contains(&request.result))
    };
    let mut all: Vec<_> = call.model.relations.requests().filter(wanted).collect();
    all.sort_by_key(|request| -request.asked_ms);
    let total = all.len();
    let page: Vec<_> = params.pagination.cut(all)?.into_iter().map(|request| request_json(call, request)).collect();
    let name = if sent { "friendRequests" } else { "FriendRequests" };
    some(json!({ name: page, "total": total }))
}

fn get_designated_friend_apply(call: &mut Call<'_>, params: &Params) -> Reply {
    call.speaks_for(&params.from).or_else(|_| call.speaks_for(&params.to))?;
    let wanted = |request: &&FriendRequest| request.from == params.from && request.to == params.to;
    let found: Vec<_> =
        call.model.relations.requests().filter(wanted).map(|request| request_json(call, request)).collect();
    some(json!({ "friendRequests": found }))
}

/// Only the owner's side of the friendship ends.
fn delete_friend(call: &mut Call<'_>, params: &Params) -> Reply {
    call.speaks_for(&params.owner)?;
    if !call.model.relations.unfriend(&params.owner, &params.friend) {
        return Err(Refusal::not_found("they are no friends"));
    }
    let detail = with_version(json!({ "fromToUserID": between(&params.owner, &params.friend) }));
    notify(call, &params.owner, &params.friend, DELETED, detail);
    Ok(None)
}

fn update_friends(call: &mut Call<'_>, params: &Params) -> Reply {
    call.speaks_for(&params.owner)?;
    bounded(&params.friends)?;
    if params.friends.is_empty() {
        return Err(Refusal::args("friendUserIDs is empty"));
    }
    if params.friends.iter().any(|friend| call.model.relations.friend(&params.owner, friend).is_none()) {
        return Err(Refusal::not_found("they are no friends"));
    }
    for id in &params.friends {
        let Some(friend) = call.model.relations.friend_mut(&params.owner, id) else { continue };
        set(&mut friend.remark, &params.remark);
        set(&mut friend.ex, &params.ex);
        set(&mut friend.is_pinned, &params.is_pinned);
        call.model.relations.versions_mut(&params.owner).note(id, Change::Update);
    }
    let detail = json!({ "fromToUserID": between("", &params.owner), "friendIDs": params.friends });
    notify(call, &params.owner, &params.owner, SEVERAL_CHANGED, with_version(detail));
    Ok(None)
}

fn add_black(call: &mut Call<'_>, params: &Params) -> Reply {
    call.speaks_for(&params.owner)?;
    call.known_user(&params.owner)?;
    call.known_user(&params.black)?;
    if params.owner == params.black {
        return Err(Refusal::new(errcode::CAN_NOT_ADD_YOURSELF, ""));
    }
    let now = call.model.now_ms();
    call.model.relations.block(&params.owner, &params.black, now);
    notify_black(call, params, BLACK_ADDED)
}

fn remove_black(call: &mut Call<'_>, params: &Params) -> Reply {
    call.speaks_for(&params.owner)?;
    call.model.relations.unblock(&params.owner, &params.black);
    notify_black(call, params, BLACK_DELETED)
}

fn notify_black(call: &mut Call<'_>, params: &Params, content_type: i32) -> Reply {
    let detail = json!({ "fromToUserID": between(&params.owner, &params.black) });
    notify(call, &params.owner, &params.black, content_type, detail);
    Ok(None)
}
