//! Groups: finding, making and changing them.

use base::{Result, TypeScript};
use serde::Deserialize;

use super::items::GroupItem;
use super::{Calls, Offset};
use crate::rest::groups::{self, GroupChange, NewGroup};
use crate::rest::page::span;

/// A group to make.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct CreateGroup {
    /// The ids of the first members.
    #[serde(rename = "memberUserIDs")]
    members: Vec<String>,
    /// The ids of the first admins.
    #[serde(rename = "adminUserIDs", default)]
    admins: Vec<String>,
    /// The id of the owner; the caller when absent.
    #[serde(rename = "ownerUserID", default)]
    owner: Option<String>,
    /// The group's data.
    #[serde(rename = "groupInfo")]
    #[ts(type = "Partial<GroupItem>")]
    info: NewInfo,
}

/// The data of a group to make.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
struct NewInfo {
    /// The group's id; chosen by the server when absent.
    #[serde(rename = "groupID", default)]
    group_id: Option<String>,
    /// The other members of the group's data.
    #[serde(flatten)]
    info: GroupChange,
}

/// A group's data to change.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct SetGroupInfo {
    /// The group's id.
    #[serde(rename = "groupID")]
    group_id: String,
    /// The members of the group's data to change.
    #[serde(flatten)]
    change: GroupChange,
}

/// A group to mute or unmute.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct ChangeGroupMute {
    /// The group's id.
    #[serde(rename = "groupID")]
    group_id: String,
    /// True mutes the group: only the owner and admins can write.
    is_mute: bool,
}

/// A group's new owner.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct TransferGroup {
    /// The group's id.
    #[serde(rename = "groupID")]
    group_id: String,
    /// The id of the member who becomes the owner.
    #[serde(rename = "newOwnerUserID")]
    new_owner: String,
}

impl Calls {
    pub async fn get_specified_groups_info(&self, ids: Vec<String>) -> Result<Vec<GroupItem>> {
        groups::get_groups_info(&self.api, &ids).await
    }

    pub async fn get_joined_group_list_page(&self, part: Offset) -> Result<Vec<GroupItem>> {
        let fetch = |page| async move { Ok(groups::get_joined_group_list(&self.api, self.me(), page).await?.items) };
        span(part.offset, part.count, fetch).await
    }

    pub async fn create_group(&self, params: CreateGroup) -> Result<GroupItem> {
        let group = NewGroup {
            owner: params.owner.unwrap_or_else(|| self.me().to_owned()),
            members: params.members,
            admins: params.admins,
            group_id: params.info.group_id.filter(|id| !id.is_empty()),
            info: params.info.info,
        };
        groups::create_group(&self.api, self.me(), &group).await
    }

    pub async fn set_group_info(&self, params: SetGroupInfo) -> Result<()> {
        groups::set_group_info_ex(&self.api, &params.group_id, &params.change).await
    }

    pub async fn change_group_mute(&self, params: ChangeGroupMute) -> Result<()> {
        groups::mute_group(&self.api, &params.group_id, params.is_mute).await
    }

    pub async fn transfer_group_owner(&self, params: TransferGroup) -> Result<()> {
        groups::transfer_group(&self.api, &params.group_id, self.me(), &params.new_owner).await
    }

    pub async fn dismiss_group(&self, group_id: String) -> Result<()> {
        groups::dismiss_group(&self.api, &group_id).await
    }
}
