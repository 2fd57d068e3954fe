//! Members of groups: who they are, coming and going, what they may do.

use base::{Kind, Result, TypeScript};
use openim_core::wire::errcode;
use serde::Deserialize;

use super::Calls;
use super::items::GroupMemberItem;
use crate::rest::members::{self, MemberChange};
use crate::rest::page::span;

/// `roleLevel`.
const MEMBER: i32 = 20;
const ADMIN: i32 = 60;
const OWNER: i32 = 100;

/// A part of the members of a group.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct MemberList {
    /// The group's id.
    #[serde(rename = "groupID")]
    group_id: String,
    /// 0 all, 1 owner, 2 admins, 3 ordinary members, 4 admins and ordinary members, 5 owner and admins.
    #[serde(default)]
    filter: i32,
    /// How many items of the list to skip.
    offset: u32,
    /// How many items to return, 1 to 1,000.
    count: u32,
}

/// Some users of a group.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct SomeMembers {
    /// The group's id.
    #[serde(rename = "groupID")]
    group_id: String,
    /// The ids of the users.
    #[serde(rename = "userIDList")]
    ids: Vec<String>,
}

/// A request to join a group.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct JoinGroup {
    /// The group's id.
    #[serde(rename = "groupID")]
    group_id: String,
    /// Words for the people who decide.
    #[serde(default)]
    req_msg: String,
    /// 2 invited, 3 found by searching (the default), 4 by QR code.
    #[serde(default = "found_by_searching")]
    join_source: i32,
    /// Free text for applications.
    #[serde(default)]
    ex: String,
}

/// Some users of a group, and a reason.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct OperateGroup {
    /// The group's id.
    #[serde(rename = "groupID")]
    group_id: String,
    /// A reason that is shown to people.
    #[serde(default)]
    reason: String,
    /// The ids of the users.
    #[serde(rename = "userIDList")]
    ids: Vec<String>,
}

/// A member to mute or unmute.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct ChangeMemberMute {
    /// The group's id.
    #[serde(rename = "groupID")]
    group_id: String,
    /// The user's id.
    #[serde(rename = "userID")]
    user_id: String,
    /// 0 ends it.
    #[serde(rename = "mutedSeconds")]
    seconds: u32,
}

/// A member's data to change.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct SetMemberInfo {
    /// The group's id.
    #[serde(rename = "groupID")]
    group_id: String,
    /// The user's id.
    #[serde(rename = "userID")]
    user_id: String,
    /// The members to change.
    #[serde(flatten)]
    change: MemberChange,
}

const fn found_by_searching() -> i32 {
    3
}

impl Calls {
    /// The server ignores its filter, so only the matching members of this part of the list remain. Their order may change
    /// from call to call.
    pub async fn get_group_member_list(&self, params: MemberList) -> Result<Vec<GroupMemberItem>> {
        let group_id = &params.group_id;
        let fetch = |page| async move { Ok(members::get_group_member_list(&self.api, group_id, page).await?.items) };
        let mut found = span(params.offset, params.count, fetch).await?;
        found.retain(|member| passes(params.filter, member.role_level));
        Ok(found)
    }

    pub async fn get_specified_group_members_info(&self, params: SomeMembers) -> Result<Vec<GroupMemberItem>> {
        members::get_group_members_info(&self.api, &params.group_id, &params.ids).await
    }

    /// Those of the ids that are members.
    pub async fn get_users_in_group(&self, params: SomeMembers) -> Result<Vec<String>> {
        let found = members::get_group_members_info(&self.api, &params.group_id, &params.ids).await?;
        Ok(found.into_iter().map(|member| member.user_id).collect())
    }

    /// A group one may not look into, or that does not exist, is one that one has not joined.
    pub async fn is_join_group(&self, group_id: String) -> Result<bool> {
        let me = self.me().to_owned();
        match members::get_group_members_info(&self.api, &group_id, std::slice::from_ref(&me)).await {
            Ok(found) => Ok(found.iter().any(|member| member.user_id == me)),
            Err(error) if error.kind() == Kind::Denied => Ok(false),
            Err(error) if error.err_code() == Some(errcode::RECORD_NOT_FOUND) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub async fn join_group(&self, params: JoinGroup) -> Result<()> {
        let JoinGroup { group_id, req_msg, join_source, ex } = params;
        members::join_group(&self.api, self.me(), &group_id, &req_msg, join_source, &ex).await
    }

    pub async fn quit_group(&self, group_id: String) -> Result<()> {
        members::quit_group(&self.api, self.me(), &group_id).await
    }

    pub async fn invite_user_to_group(&self, params: OperateGroup) -> Result<()> {
        members::invite_user_to_group(&self.api, &params.group_id, &params.ids, &params.reason).await
    }

    pub async fn kick_group_member(&self, params: OperateGroup) -> Result<()> {
        members::kick_group(&self.api, &params.group_id, &params.ids, &params.reason).await
    }

    pub async fn change_group_member_mute(&self, params: ChangeMemberMute) -> Result<()> {
        let ChangeMemberMute { group_id, user_id, seconds } = params;
        if seconds == 0 {
            return members::cancel_mute_group_member(&self.api, &group_id, &user_id).await;
        }
        members::mute_group_member(&self.api, &group_id, &user_id, seconds).await
    }

    pub async fn set_group_member_info(&self, params: SetMemberInfo) -> Result<()> {
        members::set_group_member_info(&self.api, &params.group_id, &params.user_id, &params.change).await
    }
}

const fn passes(filter: i32, role: i32) -> bool {
    match filter {
        1 => role == OWNER,
        2 => role == ADMIN,
        3 => role == MEMBER,
        4 => role == ADMIN || role == MEMBER,
        5 => role == OWNER || role == ADMIN,
        _ => true,
    }
}
