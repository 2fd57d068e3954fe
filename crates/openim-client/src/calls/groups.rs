//! Groups: finding, making and changing them.

use base::Result;

use super::items::GroupItem;
use super::{Calls, Offset};
use crate::rest::groups::{self, GroupChange, NewGroup};
use crate::rest::page::span;
use crate::shape::shape;

shape! {
    pub struct CreateGroup {
        members: Vec<String> = "memberUserIDs",
        admins: Vec<String> = "adminUserIDs" (Vec::new()),
        owner: Option<String> = "ownerUserID" (None),
        info: NewInfo = "groupInfo",
    }

    struct NewInfo {
        group_id: Option<String> = "groupID" (None),
        info: GroupChange = *,
    }

    pub struct SetGroupInfo {
        group_id: String = "groupID",
        change: GroupChange = *,
    }

    pub struct ChangeGroupMute {
        group_id: String = "groupID",
        is_mute: bool = "isMute",
    }

    pub struct TransferGroup {
        group_id: String = "groupID",
        new_owner: String = "newOwnerUserID",
    }
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
