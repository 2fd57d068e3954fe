//! `/auth`: tokens.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Body, Call, Reply};
use super::some;
use crate::config::check_platform;
use crate::fault::Fault;
use crate::limits::TOKEN_LIFE_S;
use crate::state::PLATFORM_ADMIN;
use crate::state::users::LEVEL_USER;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/auth/get_admin_token" => call.with(body, get_admin_token),
        "/auth/get_user_token" => call.with(body, get_user_token),
        "/auth/parse_token" => call.with(body, parse_token),
        "/auth/force_logout" => call.with(body, force_logout),
        _ => return None,
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct AdminToken {
    secret: String,
    #[serde(rename = "userID")]
    user_id: String,
}

fn get_admin_token(call: &mut Call<'_>, asked: &AdminToken) -> Reply {
    if asked.secret != call.state.config.secret {
        return Err(Fault::no_permission("secret invalid"));
    }
    if !call.state.is_admin(&asked.user_id) {
        return Err(Fault::args("userID is not an admin"));
    }
    some(issued(&call.state.issue_token(&asked.user_id, PLATFORM_ADMIN)))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OfPlatform {
    #[serde(rename = "userID")]
    user_id: String,
    #[serde(rename = "platformID")]
    platform_id: i32,
}

fn get_user_token(call: &mut Call<'_>, asked: &OfPlatform) -> Reply {
    call.admin()?;
    if asked.platform_id == PLATFORM_ADMIN {
        return Err(Fault::no_permission("platform 10 is the admins'"));
    }
    check_platform(asked.platform_id).map_err(Fault::args)?;
    call.known_user(&asked.user_id)?;
    if call.state.users.get(&asked.user_id).is_none_or(|info| info.app_manger_level != LEVEL_USER) {
        return Err(Fault::no_permission("admins and notification accounts get no user token"));
    }
    some(issued(&call.state.issue_token(&asked.user_id, asked.platform_id)))
}

fn issued(token: &str) -> Value {
    json!({ "token": token, "expireTimeSeconds": TOKEN_LIFE_S })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ParseToken {
    token: String,
}

fn parse_token(call: &mut Call<'_>, asked: &ParseToken) -> Reply {
    let claims = call.state.verify_token(&asked.token)?;
    some(json!({
        "userID": claims.user_id,
        "platformID": claims.platform_id,
        "expireTimeSeconds": claims.exp,
    }))
}

fn force_logout(call: &mut Call<'_>, asked: &OfPlatform) -> Reply {
    call.admin()?;
    check_platform(asked.platform_id).map_err(Fault::args)?;
    call.state.force_logout(&asked.user_id, asked.platform_id);
    Ok(None)
}
