//! `/group`, who is in them and what they may do there.

use base::{Result, TypeScript};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Api;
use super::page::{Page, Paged};
use super::records::GroupMember;
use crate::limits::IDS_AT_ONCE;

/// What may be changed of a member; what is none stays as it is.
#[derive(Clone, Default, Serialize, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase", default)]
#[ts(inline, input)]
pub struct MemberChange {
    /// The member's name in the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// The address of the picture.
    #[serde(rename = "faceURL", skip_serializing_if = "Option::is_none")]
    pub face_url: Option<String>,
    /// 20 ordinary member, 60 admin, 100 owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_level: Option<i32>,
    /// Free text for applications.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ex: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Members {
    members: Vec<GroupMember>,
    total: u64,
}

/// The server knows no filter, whatever is asked of it.
pub async fn get_group_member_list(api: &Api, group_id: &str, page: Page) -> Result<Paged<GroupMember>> {
    let body = json!({ "groupID": group_id, "filter": 0, "keyword": "", "pagination": page });
    let answer: Members = api.read("/group/get_group_member_list", &body).await?;
    Ok(Paged { items: answer.members, total: answer.total })
}

/// Those of the ids that are members.
pub async fn get_group_members_info(api: &Api, group_id: &str, ids: &[String]) -> Result<Vec<GroupMember>> {
    let mut members = Vec::new();
    for ids in ids.chunks(IDS_AT_ONCE) {
        let body = json!({ "groupID": group_id, "userIDs": ids });
        members.extend(api.read::<Members>("/group/get_group_members_info", &body).await?.members);
    }
    Ok(members)
}

pub async fn join_group(api: &Api, me: &str, group_id: &str, message: &str, source: i32, ex: &str) -> Result<()> {
    let body =
        json!({ "groupID": group_id, "reqMessage": message, "joinSource": source, "inviterUserID": me, "ex": ex });
    api.post::<Value>("/group/join_group", &body).await.map(drop)
}

pub async fn quit_group(api: &Api, me: &str, group_id: &str) -> Result<()> {
    api.post::<Value>("/group/quit_group", &json!({ "groupID": group_id, "userID": me })).await.map(drop)
}

pub async fn invite_user_to_group(api: &Api, group_id: &str, ids: &[String], reason: &str) -> Result<()> {
    let body = json!({ "groupID": group_id, "reason": reason, "invitedUserIDs": ids });
    api.post_bulk::<Value>("/group/invite_user_to_group", &body).await.map(drop)
}

pub async fn kick_group(api: &Api, group_id: &str, ids: &[String], reason: &str) -> Result<()> {
    let body = json!({ "groupID": group_id, "kickedUserIDs": ids, "reason": reason });
    api.post_bulk::<Value>("/group/kick_group", &body).await.map(drop)
}

pub async fn mute_group_member(api: &Api, group_id: &str, user_id: &str, seconds: u32) -> Result<()> {
    let body = json!({ "groupID": group_id, "userID": user_id, "mutedSeconds": seconds });
    api.post::<Value>("/group/mute_group_member", &body).await.map(drop)
}

pub async fn cancel_mute_group_member(api: &Api, group_id: &str, user_id: &str) -> Result<()> {
    let body = json!({ "groupID": group_id, "userID": user_id });
    api.post::<Value>("/group/cancel_mute_group_member", &body).await.map(drop)
}

pub async fn set_group_member_info(api: &Api, group_id: &str, user_id: &str, change: &MemberChange) -> Result<()> {
    let mut member = serde_json::to_value(change).unwrap_or_default();
    member["groupID"] = group_id.into();
    member["userID"] = user_id.into();
    api.post::<Value>("/group/set_group_member_info", &json!({ "members": [member] })).await.map(drop)
}
