//! `/user`: people's data.

use base::Result;
use serde::Serialize;
use serde_json::{Value, json};

use super::Api;
use super::records::UserInfo;
use crate::limits::IDS_AT_ONCE;
use crate::shape::shape;

shape! {
    /// What may be changed of one's own data; what is none stays as it is.
    #[derive(Clone, Default, Serialize)]
    pub struct UserChange {
        #[serde(skip_serializing_if = "Option::is_none")]
        pub nickname: Option<String> = "nickname" (None),
        #[serde(rename = "faceURL", skip_serializing_if = "Option::is_none")]
        pub face_url: Option<String> = "faceURL" (None),
        #[serde(skip_serializing_if = "Option::is_none")]
        pub ex: Option<String> = "ex" (None),
        #[serde(rename = "globalRecvMsgOpt", skip_serializing_if = "Option::is_none")]
        pub global_recv_msg_opt: Option<i32> = "globalRecvMsgOpt" (None),
    }
}

/// Users by their ids; who is unknown is left out.
pub async fn get_users_info(api: &Api, ids: &[String]) -> Result<Vec<UserInfo>> {
    shape! {
        struct Answer {
            users_info: Vec<UserInfo> = "usersInfo" (Vec::new()),
        }
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
