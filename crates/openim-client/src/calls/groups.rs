//! Groups: finding, making and changing them.

use base::Result;
use serde::Deserialize;

use super::items::GroupItem;
use super::{Calls, Offset};
use crate::rest::groups::{self, GroupChange, NewGroup};
use crate::rest::page::span;

#[derive(Deserialize)]
pub struct CreateGroup {
    #[serde(rename = "memberUserIDs")]
    members: Vec<String>,
    #[serde(rename = "adminUserIDs", default)]
    admins: Vec<String>,
    #[serde(rename = "ownerUserID")]
    owner: Option<String>,
    #[serde(rename = "groupInfo")]
    info: NewInfo,
}

#[derive(Deserialize)]
struct NewInfo {
    #[serde(rename = "groupID")]
    group_id: Option<String>,
    #[serde(flatten)]
    info: GroupChange,
}

#[derive(Deserialize)]
pub struct SetGroupInfo {
    #[serde(rename = "groupID")]
    group_id: String,
    #[serde(flatten)]
    change: GroupChange,
}

#[derive(Deserialize)]
pub struct ChangeGroupMute {
    #[serde(rename = "groupID")]
    group_id: String,
    #[serde(rename = "isMute")]
    is_mute: bool,
}

#[derive(Deserialize)]
pub struct TransferGroup {
    #[serde(rename = "groupID")]
    group_id: String,
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
