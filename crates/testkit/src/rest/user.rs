//! `/user`: who there is.

use serde::Deserialize;
use serde_json::json;

use super::call::{Body, Call, Reply, bounded};
use super::some;
use crate::config::check_id;
use crate::fault::Fault;
use crate::pb_jssdk::UserInfo;
use crate::state::users::LEVEL_USER;
use openim_core::wire::errcode;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/user/get_users_info" => call.with(body, get_users_info),
        "/user/user_register" => call.with(body, user_register),
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

fn account_check(call: &mut Call<'_>, asked: &UserIds) -> Reply {
    call.admin()?;
    bounded(&asked.user_ids)?;
    let check = |id: &String| json!({ "userID": id, "accountStatus": i32::from(call.state.users.exists(id)) });
    let results: Vec<_> = asked.user_ids.iter().map(check).collect();
    some(json!({ "results": results }))
}
