//! `/user`: the registered users.

use serde::Deserialize;
use serde_json::json;

use super::call::{Call, bounded, set};
use crate::config::check_user_id;
use crate::http::api::{Body, Reply, some};
use crate::model::notices::Notice;
use crate::model::users::{LEVEL_NOTIFICATION, LEVEL_USER};
use crate::model::versions::Change;
use crate::records::UserInfo;
use crate::refusal::Refusal;
use openim_core::wire::errcode;

const INFO_UPDATED: i32 = 1303;
const FRIEND_INFO_CHANGED: i32 = 1209;
/// Digits of an id that the server chooses.
const NOTIFICATION_ID_LENGTH: usize = 10;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/user/get_users_info" => call.with(body, get_users_info),
        "/user/user_register" => call.with(body, user_register),
        "/user/update_user_info_ex" => call.with(body, update_user_info_ex),
        "/user/get_users_status" => call.with(body, get_users_status),
        "/user/account_check" => call.with(body, account_check),
        "/user/add_notification_account" => call.with(body, add_notification_account),
        _ => return None,
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct UserIds {
    #[serde(rename = "userIDs", alias = "checkUserIDs")]
    user_ids: Vec<String>,
}

fn get_users_info(call: &mut Call<'_>, params: &UserIds) -> Reply {
    if params.user_ids.is_empty() {
        return Err(Refusal::args("userIDs is empty"));
    }
    bounded(&params.user_ids)?;
    let infos: Vec<_> = params.user_ids.iter().filter_map(|id| call.model.users.get(id)).collect();
    some(json!({ "usersInfo": infos }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RegisterParams {
    users: Vec<UserInfo>,
}

fn user_register(call: &mut Call<'_>, params: &RegisterParams) -> Reply {
    call.admin()?;
    if params.users.is_empty() || params.users.len() > crate::limits::LIST_MAX {
        return Err(Refusal::args("users is empty or too long"));
    }
    for user in &params.users {
        check_user_id(&user.user_id).map_err(Refusal::args)?;
        if call.model.users.exists(&user.user_id) {
            return Err(Refusal::new(errcode::REGISTERED_ALREADY, ""));
        }
    }
    let now = call.model.now_ms();
    for user in &params.users {
        call.model.users.add(&user.user_id, &user.nickname, LEVEL_USER, now);
        if let Some(known) = call.model.users.get_mut(&user.user_id) {
            known.info.face_url = user.face_url.clone();
            known.info.ex = user.ex.clone();
        }
    }
    Ok(None)
}

/// Adds an account whose messages are notifications. Without an id it gets one.
fn add_notification_account(call: &mut Call<'_>, user: &UserInfo) -> Reply {
    call.admin()?;
    let user_id: String = match user.user_id.as_str() {
        "" => call.model.fresh_id("account").chars().take(NOTIFICATION_ID_LENGTH).collect(),
        given => given.to_owned(),
    };
    check_user_id(&user_id).map_err(Refusal::args)?;
    let now = call.model.now_ms();
    if !call.model.users.add(&user_id, &user.nickname, LEVEL_NOTIFICATION, now) {
        return Err(Refusal::new(errcode::REGISTERED_ALREADY, ""));
    }
    if let Some(known) = call.model.users.get_mut(&user_id) {
        known.info.face_url.clone_from(&user.face_url);
    }
    some(json!({
        "userID": user_id, "nickName": user.nickname, "faceURL": user.face_url, "appMangerLevel": LEVEL_NOTIFICATION,
    }))
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct UpdateParams {
    user_info: UserChanges,
}

/// The new data of a user. Missing members stay unchanged.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct UserChanges {
    #[serde(rename = "userID")]
    user_id: String,
    nickname: Option<String>,
    #[serde(rename = "faceURL")]
    face_url: Option<String>,
    ex: Option<String>,
    global_recv_msg_opt: Option<i32>,
}

/// Notifies the user's own devices and the friends.
fn update_user_info_ex(call: &mut Call<'_>, params: &UpdateParams) -> Reply {
    let changed = &params.user_info;
    call.speaks_for(&changed.user_id)?;
    let me = changed.user_id.clone();
    let Some(user) = call.model.users.get_mut(&me) else {
        return Err(Refusal::not_found("the user is not registered"));
    };
    set(&mut user.info.nickname, &changed.nickname);
    set(&mut user.info.face_url, &changed.face_url);
    set(&mut user.info.ex, &changed.ex);
    set(&mut user.info.global_recv_msg_opt, &changed.global_recv_msg_opt);
    let own = Notice::new(INFO_UPDATED, json!({ "userID": me }));
    call.model.notify_user(&me, &me, &own, call.operation_id);
    let friends: Vec<_> = call.model.relations.friends(&me).map(|friend| friend.friend_user_id.clone()).collect();
    for friend in friends {
        call.model.relations.versions_mut(&friend).note(&me, Change::Update);
        let notice = Notice::new(FRIEND_INFO_CHANGED, json!({ "userID": me }));
        call.model.notify_user(&me, &friend, &notice, call.operation_id);
    }
    Ok(None)
}

fn get_users_status(call: &mut Call<'_>, params: &UserIds) -> Reply {
    bounded(&params.user_ids)?;
    let show = |id: &String| {
        let platforms = call.model.sessions.platforms(id);
        json!({ "userID": id, "status": i32::from(!platforms.is_empty()), "platformIDs": platforms })
    };
    let list: Vec<_> = params.user_ids.iter().map(show).collect();
    some(json!({ "statusList": list }))
}

fn account_check(call: &mut Call<'_>, params: &UserIds) -> Reply {
    call.admin()?;
    bounded(&params.user_ids)?;
    let check = |id: &String| json!({ "userID": id, "accountStatus": i32::from(call.model.users.exists(id)) });
    let results: Vec<_> = params.user_ids.iter().map(check).collect();
    some(json!({ "results": results }))
}
