//! Members of groups: who they are, coming and going, what they may do.

use base::{Kind, Result};
use openim_core::wire::errcode;

use super::Calls;
use super::items::GroupMemberItem;
use crate::rest::members::{self, MemberChange};
use crate::rest::page::span;
use crate::shape::shape;

/// `roleLevel`.
const MEMBER: i32 = 20;
const ADMIN: i32 = 60;
const OWNER: i32 = 100;

shape! {
    pub struct MemberList {
        group_id: String = "groupID",
        /// 0 all, 1 owner, 2 admins, 3 ordinary members, 4 admins and ordinary members, 5 owner and admins.
        filter: i32 = "filter" (0),
        offset: u32 = "offset",
        count: u32 = "count",
    }

    pub struct SomeMembers {
        group_id: String = "groupID",
        ids: Vec<String> = "userIDList",
    }

    pub struct JoinGroup {
        group_id: String = "groupID",
        req_msg: String = "reqMsg" (String::new()),
        /// 3: found by searching.
        join_source: i32 = "joinSource" (3),
        ex: String = "ex" (String::new()),
    }

    /// Some people and why.
    pub struct OperateGroup {
        group_id: String = "groupID",
        reason: String = "reason" (String::new()),
        ids: Vec<String> = "userIDList",
    }

    pub struct ChangeMemberMute {
        group_id: String = "groupID",
        user_id: String = "userID",
        /// 0 ends it.
        seconds: u32 = "mutedSeconds",
    }

    pub struct SetMemberInfo {
        group_id: String = "groupID",
        user_id: String = "userID",
        change: MemberChange = *,
    }
}

impl Calls {
    /// The server knows no filter, so whoever filters gets the matching ones of this part of the list.
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
