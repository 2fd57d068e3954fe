//! `/auth`: tokens.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use crate::config::check_platform;
use crate::http::api::{Body, Reply, some};
use crate::limits::TOKEN_LIFE_S;
use crate::model::tokens::PLATFORM_ADMIN;
use crate::model::users::LEVEL_ADMIN;
use crate::refusal::Refusal;

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

fn get_admin_token(call: &mut Call<'_>, params: &AdminToken) -> Reply {
    if params.secret != call.model.config.secret {
        return Err(Refusal::no_permission("secret invalid"));
    }
    if !call.model.is_admin(&params.user_id) {
        return Err(Refusal::args("userID is not an admin"));
    }
    some(issued(&call.model.issue_token(&params.user_id, PLATFORM_ADMIN)))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OfPlatform {
    #[serde(rename = "userID")]
    user_id: String,
    #[serde(rename = "platformID")]
    platform_id: i32,
}

fn get_user_token(call: &mut Call<'_>, params: &OfPlatform) -> Reply {
    call.admin()?;
    if params.platform_id == PLATFORM_ADMIN {
        return Err(Refusal::no_permission("platform 10 is the admins'"));
    }
    check_platform(params.platform_id).map_err(Refusal::args)?;
    call.known_user(&params.user_id)?;
    if call.model.users.get(&params.user_id).is_none_or(|info| info.app_manger_level >= LEVEL_ADMIN) {
        return Err(Refusal::no_permission("admins and notification accounts get no user token"));
    }
    some(issued(&call.model.issue_token(&params.user_id, params.platform_id)))
}

fn issued(token: &str) -> Value {
    json!({ "token": token, "expireTimeSeconds": TOKEN_LIFE_S })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ParseToken {
    token: String,
}

fn parse_token(call: &mut Call<'_>, params: &ParseToken) -> Reply {
    let claims = call.model.verify_token(&params.token)?;
    some(json!({
        "userID": claims.user_id,
        "platformID": claims.platform_id,
        "expireTimeSeconds": claims.exp,
    }))
}

fn force_logout(call: &mut Call<'_>, params: &OfPlatform) -> Reply {
    call.admin()?;
    check_platform(params.platform_id).map_err(Refusal::args)?;
    call.model.force_logout(&params.user_id, params.platform_id);
    Ok(None)
}
