//! The records that OpenIM's notifications, its REST API and the calls of its JS SDK share: users, friends, groups, members
//! and requests. Names and spellings are the server's. A member that the server leaves out is empty or 0.

use base::TypeScript;
use serde::{Deserialize, Serialize};

/// A user. The name, the picture and `ex` were written by that user.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase", default)]
#[ts(name = "SelfUserInfo")]
pub struct UserInfo {
    /// The user's id.
    #[serde(rename = "userID")]
    pub user_id: String,
    /// The name that the user chose.
    pub nickname: String,
    /// The address of the user's picture.
    #[serde(rename = "faceURL")]
    pub face_url: String,
    /// Free text for applications.
    pub ex: String,
    /// When the user was registered, Unix milliseconds.
    pub create_time: i64,
    /// 0 or 1 for a person, 2 for an administrator of the server. The server spells it so.
    pub app_manger_level: i32,
    /// 0 messages arrive, 1 no messages arrive, 2 messages arrive without a notification.
    pub global_recv_msg_opt: i32,
}

/// A friendship, with the friend as a user.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase", default)]
pub struct FriendInfo {
    /// The user whose friend list this entry is in.
    #[serde(rename = "ownerUserID")]
    pub owner_user_id: String,
    /// The name that the owner of the list gave the friend.
    pub remark: String,
    /// When they became friends, Unix seconds.
    pub create_time: i64,
    /// The friend.
    pub friend_user: UserInfo,
    /// How the friend was added, a number of the application.
    pub add_source: i32,
    /// The user who added the friend.
    #[serde(rename = "operatorUserID")]
    pub operator_user_id: String,
    /// Free text for applications.
    pub ex: String,
    /// Whether the friend is pinned to the top of the list.
    pub is_pinned: bool,
}

/// A request to become friends.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase", default)]
#[ts(name = "FriendApplicationItem")]
pub struct FriendRequest {
    /// The id of the user who asks.
    #[serde(rename = "fromUserID")]
    pub from_user_id: String,
    /// The name of the user who asks.
    pub from_nickname: String,
    /// The address of the picture of the user who asks.
    #[serde(rename = "fromFaceURL")]
    pub from_face_url: String,
    /// The id of the user who is asked.
    #[serde(rename = "toUserID")]
    pub to_user_id: String,
    /// The name of the user who is asked.
    pub to_nickname: String,
    /// The address of the picture of the user who is asked.
    #[serde(rename = "toFaceURL")]
    pub to_face_url: String,
    /// 0 open, 1 accepted, -1 refused.
    pub handle_result: i32,
    /// The words of the user who asks.
    pub req_msg: String,
    /// When the request was made, Unix milliseconds.
    pub create_time: i64,
    /// The user who answered.
    #[serde(rename = "handlerUserID")]
    pub handler_user_id: String,
    /// The words of the answer.
    pub handle_msg: String,
    /// When the request was answered, Unix milliseconds; 0 while it is open.
    pub handle_time: i64,
    /// Free text for applications.
    pub ex: String,
}

/// A group. The name, the texts, the picture and `ex` were written by people in the group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase", default)]
#[ts(name = "GroupItem")]
pub struct GroupInfo {
    /// The group's id.
    #[serde(rename = "groupID")]
    pub group_id: String,
    /// The group's name.
    pub group_name: String,
    /// The announcement that is shown to the members.
    pub notification: String,
    /// A text about the group.
    pub introduction: String,
    /// The address of the group's picture.
    #[serde(rename = "faceURL")]
    pub face_url: String,
    /// The id of the owner.
    #[serde(rename = "ownerUserID")]
    pub owner_user_id: String,
    /// When the group was made, Unix milliseconds.
    pub create_time: i64,
    /// How many members the group has.
    pub member_count: i64,
    /// Free text for applications.
    pub ex: String,
    /// 0 in order, 1 banned, 2 dismissed, 3 muted.
    pub status: i32,
    /// The id of the user who made the group.
    #[serde(rename = "creatorUserID")]
    pub creator_user_id: String,
    /// 2 for a working group, the only type that servers make today.
    pub group_type: i32,
    /// 0 users join without asking when a member invites them, 1 everybody has to ask, 2 nobody has to ask.
    pub need_verification: i32,
    /// 0 members can see each other's data, 1 they cannot.
    pub look_member_info: i32,
    /// 0 members can ask each other to become friends, 1 they cannot.
    pub apply_member_friend: i32,
    /// When the announcement was changed, Unix milliseconds.
    pub notification_update_time: i64,
    /// The id of the user who changed the announcement.
    #[serde(rename = "notificationUserID")]
    pub notification_user_id: String,
}

/// A member of a group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase", default)]
#[ts(name = "GroupMemberItem")]
pub struct GroupMember {
    /// The group's id.
    #[serde(rename = "groupID")]
    pub group_id: String,
    /// The member's id.
    #[serde(rename = "userID")]
    pub user_id: String,
    /// 20 ordinary member, 60 admin, 100 owner.
    pub role_level: i32,
    /// When the member joined, Unix milliseconds.
    pub join_time: i64,
    /// The member's name in the group.
    pub nickname: String,
    /// The address of the member's picture.
    #[serde(rename = "faceURL")]
    pub face_url: String,
    /// 0 or 1 for a person, 2 for an administrator of the server. The server spells it so.
    pub app_manger_level: i32,
    /// 2 invited, 3 found by searching, 4 by QR code.
    pub join_source: i32,
    /// The user who let the member in.
    #[serde(rename = "operatorUserID")]
    pub operator_user_id: String,
    /// Free text for applications.
    pub ex: String,
    /// Until when the member is muted, Unix milliseconds; 0 when not muted.
    pub mute_end_time: i64,
    /// The user who invited the member.
    #[serde(rename = "inviterUserID")]
    pub inviter_user_id: String,
}

/// A request to join a group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase", default)]
pub struct GroupRequest {
    /// The user who asks.
    #[serde(rename = "userInfo")]
    pub user: UserInfo,
    /// The group; notifications carry it beside the request instead.
    #[serde(rename = "groupInfo")]
    pub group: GroupInfo,
    /// 0 open, 1 accepted, -1 refused.
    pub handle_result: i32,
    /// The words of the user who asks.
    pub req_msg: String,
    /// The words of the answer.
    pub handle_msg: String,
    /// When the request was made, Unix milliseconds.
    pub req_time: i64,
    /// The user who answered.
    #[serde(rename = "handleUserID")]
    pub handle_user_id: String,
    /// When the request was answered, Unix milliseconds; 0 while it is open.
    pub handle_time: i64,
    /// Free text for applications.
    pub ex: String,
    /// 2 invited, 3 found by searching, 4 by QR code.
    pub join_source: i32,
    /// The user who invited the one who asks.
    #[serde(rename = "inviterUserID")]
    pub inviter_user_id: String,
}
