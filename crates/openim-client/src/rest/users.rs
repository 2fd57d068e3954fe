//! `/user`: people's data.

use base::{Result, TypeScript};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Api;
use super::records::UserInfo;
use crate::limits::IDS_AT_ONCE;

/// What may be changed of one's own data; what is none stays as it is.
#[derive(Clone, Default, Serialize, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase", default)]
#[ts(inline, input)]
pub struct UserChange {
    /// The new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// The address of the picture.
    #[serde(rename = "faceURL", skip_serializing_if = "Option::is_none")]
    pub face_url: Option<String>,
    /// Free text for applications.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ex: Option<String>,
    /// 0 messages arrive, 1 no messages arrive, 2 messages arrive without a notification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub global_recv_msg_opt: Option<i32>,
}

/// Users by their ids; who is unknown is left out.
pub async fn get_users_info(api: &Api, ids: &[String]) -> Result<Vec<UserInfo>> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Answer {
        users_info: Vec<UserInfo>,
    }
    let mut users = Vec::new();
    for ids in ids.chunks(IDS_AT_ONCE) {
        let answer: Answer = api.read("/user/get_users_info", &json!({ "userIDs": ids })).await?;
        users.extend(answer.users_info);
    }
    Ok(users)
}

pub async fn update_user_info_ex(api: &Api, user_id: &str, change: &UserChange) -> Result<()> {
    let mut info = serde_json::to_value(change).unwrap_or_default();
    info["userID"] = user_id.into();
    api.post::<Value>("/user/update_user_info_ex", &json!({ "userInfo": info })).await.map(drop)
}
