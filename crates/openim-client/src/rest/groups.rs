//! `/group`, the groups themselves.

use base::{Result, TypeScript};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Api;
use super::page::{Page, Paged};
use super::records::GroupInfo;
use crate::limits::IDS_AT_ONCE;

/// What may be said or changed of a group; what is none stays as it is.
#[derive(Clone, Default, Serialize, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase", default)]
#[ts(inline, input)]
pub struct GroupChange {
    /// The group's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
    /// The announcement that is shown to the members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notification: Option<String>,
    /// A text about the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introduction: Option<String>,
    /// The address of the picture.
    #[serde(rename = "faceURL", skip_serializing_if = "Option::is_none")]
    pub face_url: Option<String>,
    /// Free text for applications.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ex: Option<String>,
    /// 0 users join without asking when a member invites them, 1 everybody has to ask, 2 nobody has to ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need_verification: Option<i32>,
    /// 0 members can see each other's data, 1 they cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look_member_info: Option<i32>,
    /// 0 members can ask each other to become friends, 1 they cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apply_member_friend: Option<i32>,
}

/// A group to be made. Its creator is its owner unless another is named.
#[derive(Clone, Default)]
pub struct NewGroup {
    /// The id of the owner.
    pub owner: String,
    /// The ids of the first members.
    pub members: Vec<String>,
    /// The ids of the first admins.
    pub admins: Vec<String>,
    /// Chosen by the server where it is none.
    pub group_id: Option<String>,
    /// The group's data.
    pub info: GroupChange,
}

/// The only type of group there is.
const WORKING_GROUP: i32 = 2;

pub async fn get_groups_info(api: &Api, ids: &[String]) -> Result<Vec<GroupInfo>> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Answer {
        group_infos: Vec<GroupInfo>,
    }
    let mut groups = Vec::new();
    for ids in ids.chunks(IDS_AT_ONCE) {
        let answer: Answer = api.read("/group/get_groups_info", &json!({ "groupIDs": ids })).await?;
        groups.extend(answer.group_infos);
    }
    Ok(groups)
}

pub async fn get_joined_group_list(api: &Api, me: &str, page: Page) -> Result<Paged<GroupInfo>> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Answer {
        groups: Vec<GroupInfo>,
        total: u64,
    }
    let body = json!({ "fromUserID": me, "pagination": page });
    let answer: Answer = api.read("/group/get_joined_group_list", &body).await?;
    Ok(Paged { items: answer.groups, total: answer.total })
}

pub async fn create_group(api: &Api, me: &str, group: &NewGroup) -> Result<GroupInfo> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Answer {
        group_info: GroupInfo,
    }
    let mut info = serde_json::to_value(&group.info).unwrap_or_default();
    info["groupType"] = WORKING_GROUP.into();
    info["creatorUserID"] = me.into();
    if let Some(id) = &group.group_id {
        info["groupID"] = id.as_str().into();
    }
    let body = json!({
        "ownerUserID": group.owner, "memberUserIDs": group.members, "adminUserIDs": group.admins, "groupInfo": info,
    });
    Ok(api.post_bulk::<Answer>("/group/create_group", &body).await?.group_info)
}

pub async fn set_group_info_ex(api: &Api, group_id: &str, change: &GroupChange) -> Result<()> {
    let mut body = serde_json::to_value(change).unwrap_or_default();
    body["groupID"] = group_id.into();
    api.post::<Value>("/group/set_group_info_ex", &body).await.map(drop)
}

pub async fn mute_group(api: &Api, group_id: &str, mute: bool) -> Result<()> {
    let path = if mute { "/group/mute_group" } else { "/group/cancel_mute_group" };
    api.post::<Value>(path, &json!({ "groupID": group_id })).await.map(drop)
}

pub async fn transfer_group(api: &Api, group_id: &str, old_owner: &str, new_owner: &str) -> Result<()> {
    let body = json!({ "groupID": group_id, "oldOwnerUserID": old_owner, "newOwnerUserID": new_owner });
    api.post::<Value>("/group/transfer_group", &body).await.map(drop)
}

pub async fn dismiss_group(api: &Api, group_id: &str) -> Result<()> {
    let body = json!({ "groupID": group_id, "deleteMember": false });
    api.post_bulk::<Value>("/group/dismiss_group", &body).await.map(drop)
}
