//! `/friend`, changing: requests both ways, ending friendships, remarks, black lists. Each change is told to whom it
//! concerns.

use openim_core::wire::errcode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Body, Call, Reply, bounded};
use super::page::Pagination;
use super::some;
use crate::fault::{FRIEND_REQUEST_HANDLED, Fault, RELATIONSHIP_ALREADY};
use crate::notice::Notice;
use crate::state::relations::FriendRequest;
use crate::state::versions::Change;

const APPROVED: i32 = 1201;
const REJECTED: i32 = 1202;
const REQUESTED: i32 = 1203;
const ADDED: i32 = 1204;
const DELETED: i32 = 1205;
const BLACK_ADDED: i32 = 1207;
const BLACK_DELETED: i32 = 1208;
const SEVERAL_CHANGED: i32 = 1210;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/friend/add_friend" => call.with(body, add_friend),
        "/friend/add_friend_response" => call.with(body, add_friend_response),
        "/friend/get_friend_apply_list" => call.with(body, |call, asked| apply_list(call, asked, false)),
        "/friend/get_self_friend_apply_list" => call.with(body, |call, asked| apply_list(call, asked, true)),
        "/friend/get_designated_friend_apply" => call.with(body, get_designated_friend_apply),
        "/friend/delete_friend" => call.with(body, delete_friend),
        "/friend/update_friends" => call.with(body, update_friends),
        "/friend/add_black" => call.with(body, add_black),
        "/friend/remove_black" => call.with(body, remove_black),
        _ => return None,
    })
}

/// The members of all these calls; each uses its own.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Asked {
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

fn between(from: &str, to: &str) -> Value {
    json!({ "fromUserID": from, "toUserID": to })
}

fn tell(call: &mut Call<'_>, from: &str, to: &str, content_type: i32, detail: Value) {
    let notice = Notice { content_type, detail, reliable: false, in_chat: content_type == APPROVED };
    call.state.notify_user(from, to, &notice, call.operation_id);
}

fn shown(call: &Call<'_>, request: &FriendRequest) -> Value {
    let info = |id: &str| call.state.users.get(id).cloned().unwrap_or_default();
    let (from, to) = (info(&request.from), info(&request.to));
    json!({
        "fromUserID": request.from, "fromNickname": from.nickname, "fromFaceURL": from.face_url,
        "toUserID": request.to, "toNickname": to.nickname, "toFaceURL": to.face_url,
        "handleResult": request.result, "reqMsg": request.message, "createTime": request.asked_ms,
        "handlerUserID": if request.result == 0 { "" } else { &request.to },
        "handleMsg": request.answer, "handleTime": request.answered_ms, "ex": request.ex,
    })
}

fn add_friend(call: &mut Call<'_>, asked: &Asked) -> Reply {
    call.speaks_for(&asked.from)?;
    if asked.from == asked.to {
        return Err(Fault::new(errcode::CAN_NOT_ADD_YOURSELF, ""));
    }
    call.known_user(&asked.from)?;
    call.known_user(&asked.to)?;
    let knows = |owner, friend| call.state.relations.friend(owner, friend).is_some();
    if knows(&asked.from, &asked.to) && knows(&asked.to, &asked.from) {
        return Err(Fault::named(RELATIONSHIP_ALREADY, "RelationshipAlreadyError"));
    }
    let request = FriendRequest {
        from: asked.from.clone(),
        to: asked.to.clone(),
        message: asked.req_msg.clone(),
        ex: asked.ex.clone().unwrap_or_default(),
        asked_ms: call.state.now_ms(),
        ..FriendRequest::default()
    };
    let detail = json!({ "fromToUserID": between(&asked.from, &asked.to), "request": shown(call, &request) });
    call.state.relations.ask(request);
    tell(call, &asked.from, &asked.to, REQUESTED, detail);
    Ok(None)
}

/// `fromUserID` is who asked, `toUserID` who answers.
fn add_friend_response(call: &mut Call<'_>, asked: &Asked) -> Reply {
    call.speaks_for(&asked.to)?;
    if !matches!(asked.handle_result, 1 | -1) {
        return Err(Fault::args("handleResult is 1 or -1"));
    }
    let now = call.state.now_ms();
    let request = call.state.relations.request_mut(&asked.from, &asked.to);
    let request = request.ok_or_else(|| Fault::not_found("nobody asked"))?;
    if request.result != 0 {
        return Err(Fault::named(FRIEND_REQUEST_HANDLED, "FriendRequestHandled"));
    }
    request.result = asked.handle_result;
    request.answer.clone_from(&asked.handle_msg);
    request.answered_ms = now;
    let request = request.clone();
    let agreed = asked.handle_result == 1;
    if agreed {
        call.state.relations.befriend(&asked.from, &asked.to, now);
    }
    // From is the person who answered.
    let mut detail = json!({
        "fromToUserID": between(&asked.to, &asked.from), "handleMsg": asked.handle_msg, "request": shown(call, &request),
    });
    if agreed {
        let versions = call.state.relations.versions_mut(&asked.from);
        detail["friendVersion"] = versions.version.into();
        detail["friendVersionID"] = versions.id.as_str().into();
    }
    tell(call, &asked.to, &asked.from, if agreed { APPROVED } else { REJECTED }, detail);
    if agreed {
        tell_added(call, &asked.from, &asked.to);
        tell_added(call, &asked.to, &asked.from);
    }
    Ok(None)
}

/// Each of the two is told of the own side.
fn tell_added(call: &mut Call<'_>, owner: &str, friend: &str) {
    let versions = call.state.relations.versions_mut(owner);
    let (version, id) = (versions.version, versions.id.clone());
    let Some(friendship) = call.state.relations.friend(owner, friend) else { return };
    let detail = json!({
        "friend": super::friend::shown(call.state, friendship), "operationTime": call.state.now_ms(),
        "opUser": call.state.users.get(&call.me()), "friendVersion": version, "friendVersionID": id,
    });
    tell(call, owner, owner, ADDED, detail);
}

/// The list of those received has a capital F.
fn apply_list(call: &mut Call<'_>, asked: &Asked, sent: bool) -> Reply {
    call.speaks_for(&asked.user_id)?;
    let wanted = |request: &&FriendRequest| {
        let side = if sent { &request.from } else { &request.to };
        *side == asked.user_id && (asked.handle_results.is_empty() || asked.handle_results.contains(&request.result))
    };
    let mut all: Vec<_> = call.state.relations.requests().filter(wanted).collect();
    all.sort_by_key(|request| -request.asked_ms);
    let total = all.len();
    let page: Vec<_> = asked.pagination.cut(all)?.into_iter().map(|request| shown(call, request)).collect();
    let name = if sent { "friendRequests" } else { "FriendRequests" };
    some(json!({ name: page, "total": total }))
}

fn get_designated_friend_apply(call: &mut Call<'_>, asked: &Asked) -> Reply {
    call.speaks_for(&asked.from).or_else(|_| call.speaks_for(&asked.to))?;
    let wanted = |request: &&FriendRequest| request.from == asked.from && request.to == asked.to;
    let found: Vec<_> = call.state.relations.requests().filter(wanted).map(|request| shown(call, request)).collect();
    some(json!({ "friendRequests": found }))
}

/// Only the owner's side of the friendship ends.
fn delete_friend(call: &mut Call<'_>, asked: &Asked) -> Reply {
    call.speaks_for(&asked.owner)?;
    if !call.state.relations.unfriend(&asked.owner, &asked.friend) {
        return Err(Fault::not_found("they are no friends"));
    }
    let versions = call.state.relations.versions_mut(&asked.owner);
    let detail = json!({
        "fromToUserID": between(&asked.owner, &asked.friend),
        "friendVersion": versions.version, "friendVersionID": versions.id,
    });
    tell(call, &asked.owner, &asked.friend, DELETED, detail);
    Ok(None)
}

fn update_friends(call: &mut Call<'_>, asked: &Asked) -> Reply {
    call.speaks_for(&asked.owner)?;
    bounded(&asked.friends)?;
    if asked.friends.is_empty() {
        return Err(Fault::args("friendUserIDs is empty"));
    }
    if asked.friends.iter().any(|friend| call.state.relations.friend(&asked.owner, friend).is_none()) {
        return Err(Fault::not_found("they are no friends"));
    }
    for id in &asked.friends {
        let Some(friend) = call.state.relations.friend_mut(&asked.owner, id) else { continue };
        if let Some(remark) = &asked.remark {
            friend.remark.clone_from(remark);
        }
        if let Some(ex) = &asked.ex {
            friend.ex.clone_from(ex);
        }
        friend.is_pinned = asked.is_pinned.unwrap_or(friend.is_pinned);
        call.state.relations.versions_mut(&asked.owner).note(id, Change::Update);
    }
    let versions = call.state.relations.versions_mut(&asked.owner);
    let detail = json!({
        "fromToUserID": between("", &asked.owner), "friendIDs": asked.friends,
        "friendVersion": versions.version, "friendVersionID": versions.id,
    });
    tell(call, &asked.owner, &asked.owner, SEVERAL_CHANGED, detail);
    Ok(None)
}

fn add_black(call: &mut Call<'_>, asked: &Asked) -> Reply {
    call.speaks_for(&asked.owner)?;
    call.known_user(&asked.owner)?;
    call.known_user(&asked.black)?;
    if asked.owner == asked.black {
        return Err(Fault::new(errcode::CAN_NOT_ADD_YOURSELF, ""));
    }
    let now = call.state.now_ms();
    call.state.relations.block(&asked.owner, &asked.black, now);
    tell(call, &asked.owner, &asked.black, BLACK_ADDED, json!({ "fromToUserID": between(&asked.owner, &asked.black) }));
    Ok(None)
}

fn remove_black(call: &mut Call<'_>, asked: &Asked) -> Reply {
    call.speaks_for(&asked.owner)?;
    call.state.relations.unblock(&asked.owner, &asked.black);
    tell(
        call,
        &asked.owner,
        &asked.black,
        BLACK_DELETED,
        json!({ "fromToUserID": between(&asked.owner, &asked.black) }),
    );
    Ok(None)
}
