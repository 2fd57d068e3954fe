//! `/user`: who there is.

use serde::Deserialize;
use serde_json::json;

use super::call::{Body, Call, Reply, bounded};
use super::some;
use crate::config::check_id;
use crate::fault::Fault;
use crate::notice::Notice;
use crate::pb_jssdk::UserInfo;
use crate::state::users::LEVEL_USER;
use crate::state::versions::Change;
use openim_core::wire::errcode;

const INFO_UPDATED: i32 = 1303;
const FRIEND_INFO_CHANGED: i32 = 1209;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/user/get_users_info" => call.with(body, get_users_info),
        "/user/user_register" => call.with(body, user_register),
        "/user/update_user_info_ex" => call.with(body, update_user_info_ex),
        "/user/get_users_status" => call.with(body, get_users_status),
        "/user/account_check" => call.with(body, account_check),
        _ => return None,
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct UserIds {
    #[serde(rename = "userIDs", alias = "checkUserIDs")]
    user_ids: Vec<String>,
}

fn get_users_info(call: &mut Call<'_>, asked: &UserIds) -> Reply {
    if asked.user_ids.is_empty() {
        return Err(Fault::args("userIDs is empty"));
    }
    bounded(&asked.user_ids)?;
    let infos: Vec<_> = asked.user_ids.iter().filter_map(|id| call.state.users.get(id)).collect();
    some(json!({ "usersInfo": infos }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Register {
    users: Vec<UserInfo>,
}

fn user_register(call: &mut Call<'_>, asked: &Register) -> Reply {
    call.admin()?;
    if asked.users.is_empty() || asked.users.len() > crate::limits::LIST_MAX {
        return Err(Fault::args("users is empty or too long"));
    }
    for user in &asked.users {
        check_id("user", &user.user_id).map_err(Fault::args)?;
        if call.state.users.exists(&user.user_id) {
            return Err(Fault::new(errcode::REGISTERED_ALREADY, ""));
        }
    }
    let now = call.state.now_ms();
    for user in &asked.users {
        call.state.users.add(&user.user_id, &user.nickname, LEVEL_USER, now);
        if let Some(known) = call.state.users.get_mut(&user.user_id) {
            known.info.face_url = user.face_url.clone();
            known.info.ex = user.ex.clone();
        }
    }
    Ok(None)
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Update {
    user_info: Changed,
}

/// Members that are absent stay as they are.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Changed {
    #[serde(rename = "userID")]
    user_id: String,
    nickname: Option<String>,
    #[serde(rename = "faceURL")]
    face_url: Option<String>,
    ex: Option<String>,
    global_recv_msg_opt: Option<i32>,
}

/// The user's own devices are told, and the friends.
fn update_user_info_ex(call: &mut Call<'_>, asked: &Update) -> Reply {
    let changed = &asked.user_info;
    call.speaks_for(&changed.user_id)?;
    let me = changed.user_id.clone();
    let Some(user) = call.state.users.get_mut(&me) else {
        return Err(Fault::not_found("the user is not registered"));
    };
    if let Some(nickname) = &changed.nickname {
        user.info.nickname.clone_from(nickname);
    }
    if let Some(face_url) = &changed.face_url {
        user.info.face_url.clone_from(face_url);
    }
    if let Some(ex) = &changed.ex {
        user.info.ex.clone_from(ex);
    }
    user.info.global_recv_msg_opt = changed.global_recv_msg_opt.unwrap_or(user.info.global_recv_msg_opt);
    let own = Notice { content_type: INFO_UPDATED, detail: json!({ "userID": me }), reliable: false, in_chat: false };
    call.state.notify_user(&me, &me, &own, call.operation_id);
    let friends: Vec<_> = call.state.relations.friends(&me).map(|friend| friend.friend_user_id.clone()).collect();
    for friend in friends {
        let versions = call.state.relations.versions_mut(&friend);
        versions.note(&me, Change::Update);
        let detail = json!({
            "fromToUserID": { "fromUserID": me, "toUserID": friend }, "friendVersion": versions.version,
            "friendVersionID": versions.id, "friendSortVersion": 0,
        });
        let notice = Notice { content_type: FRIEND_INFO_CHANGED, detail, reliable: false, in_chat: false };
        call.state.notify_user(&me, &friend, &notice, call.operation_id);
    }
    Ok(None)
}

fn get_users_status(call: &mut Call<'_>, asked: &UserIds) -> Reply {
    bounded(&asked.user_ids)?;
    let show = |id: &String| {
        let platforms = call.state.hub.platforms(id);
        json!({ "userID": id, "status": i32::from(!platforms.is_empty()), "platformIDs": platforms })
    };
    let list: Vec<_> = asked.user_ids.iter().map(show).collect();
    some(json!({ "statusList": list }))
}

fn account_check(call: &mut Call<'_>, asked: &UserIds) -> Reply {
    call.admin()?;
    bounded(&asked.user_ids)?;
    let check = |id: &String| json!({ "userID": id, "accountStatus": i32::from(call.state.users.exists(id)) });
    let results: Vec<_> = asked.user_ids.iter().map(check).collect();
    some(json!({ "results": results }))
}
