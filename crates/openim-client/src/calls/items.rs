//! What the calls resolve with, named and shaped as in the JS SDK. Strings but ids were written by strangers.

use base::TypeScript;
use serde::Serialize;

use crate::rest::records::{BlackInfo, FriendInfo, GroupRequest};

pub use crate::rest::records::FriendRequest as FriendApplicationItem;
pub use crate::rest::records::GroupInfo as GroupItem;
pub use crate::rest::records::GroupMember as GroupMemberItem;
pub use crate::rest::records::UserInfo as SelfUserInfo;

/// A friend.
#[derive(Debug, Clone, Default, PartialEq, Serialize, TypeScript)]
#[serde(rename_all = "camelCase")]
pub struct FriendUserItem {
    /// The user whose list this entry is in.
    #[serde(rename = "ownerUserID")]
    pub owner_user_id: String,
    /// The user's id.
    #[serde(rename = "userID")]
    pub user_id: String,
    /// The name that the user chose.
    pub nickname: String,
    /// The address of the picture.
    #[serde(rename = "faceURL")]
    pub face_url: String,
    /// The name that the owner of the list gave this user.
    pub remark: String,
    /// When they became friends, Unix seconds.
    pub create_time: i64,
    /// How the user was added, a number of the application.
    pub add_source: i32,
    /// The user who made the entry.
    #[serde(rename = "operatorUserID")]
    pub operator_user_id: String,
    /// Free text for applications.
    pub ex: String,
    /// Whether it is pinned to the top of the list.
    pub is_pinned: bool,
}

/// Whether somebody is a friend: 1 or 0.
#[derive(Debug, Clone, Default, PartialEq, Serialize, TypeScript)]
#[serde(rename_all = "camelCase")]
pub struct FriendshipInfo {
    /// The user's id.
    #[serde(rename = "userID")]
    pub user_id: String,
    /// 1 a friend, 0 not a friend.
    pub result: i32,
}

/// Somebody on the black list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, TypeScript)]
#[serde(rename_all = "camelCase")]
pub struct BlackUserItem {
    /// The user whose list this entry is in.
    #[serde(rename = "ownerUserID")]
    pub owner_user_id: String,
    /// The user's id.
    #[serde(rename = "userID")]
    pub user_id: String,
    /// The name that the user chose.
    pub nickname: String,
    /// The address of the picture.
    #[serde(rename = "faceURL")]
    pub face_url: String,
    /// When the user was put on the list, Unix seconds.
    pub create_time: i64,
    /// How the user was added, a number of the application.
    pub add_source: i32,
    /// The user who made the entry.
    #[serde(rename = "operatorUserID")]
    pub operator_user_id: String,
    /// Free text for applications.
    pub ex: String,
}

/// A request to join a group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, TypeScript)]
#[serde(rename_all = "camelCase")]
pub struct GroupApplicationItem {
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
    #[serde(rename = "groupFaceURL")]
    pub group_face_url: String,
    /// When the group was made, Unix milliseconds.
    pub create_time: i64,
    /// 0 in order, 1 banned, 2 dismissed, 3 muted.
    pub status: i32,
    /// The id of the user who made the group.
    #[serde(rename = "creatorUserID")]
    pub creator_user_id: String,
    /// 2 for a working group, the only type that servers make today.
    pub group_type: i32,
    /// The id of the group's owner.
    #[serde(rename = "ownerUserID")]
    pub owner_user_id: String,
    /// How many members the group has.
    pub member_count: i64,
    /// The id of the user who asks.
    #[serde(rename = "userID")]
    pub user_id: String,
    /// The name of the user who asks.
    pub nickname: String,
    /// The address of the picture of the user who asks.
    #[serde(rename = "userFaceURL")]
    pub user_face_url: String,
    /// 0 open, 1 accepted, -1 refused.
    pub handle_result: i32,
    /// The words of the user who asks.
    pub req_msg: String,
    /// The words of the answer.
    pub handled_msg: String,
    /// When the request was made, Unix milliseconds.
    pub req_time: i64,
    /// The user who answered.
    #[serde(rename = "handleUserID")]
    pub handle_user_id: String,
    /// When the request was answered, Unix milliseconds; 0 while it is open.
    pub handled_time: i64,
    /// Free text for applications.
    pub ex: String,
    /// 2 invited, 3 found by searching, 4 by QR code.
    pub join_source: i32,
    /// The user who invited the one who asks.
    #[serde(rename = "inviterUserID")]
    pub inviter_user_id: String,
}

/// A conversation as a list shows it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, TypeScript)]
#[serde(rename_all = "camelCase")]
pub struct ConversationItem {
    /// The conversation's id: `si_<a>_<b>`, `sg_<group>` or `sn_<a>_<b>`.
    #[serde(rename = "conversationID")]
    pub conversation_id: String,
    /// 1 with a user, 3 in a group, 4 with a notification account.
    pub conversation_type: i32,
    /// The other user's id; empty in a group.
    #[serde(rename = "userID")]
    pub user_id: String,
    /// The group's id; empty in a direct chat.
    #[serde(rename = "groupID")]
    pub group_id: String,
    /// The name that a list shows.
    pub show_name: String,
    /// The address of the picture.
    #[serde(rename = "faceURL")]
    pub face_url: String,
    /// 0 messages arrive, 1 no messages arrive, 2 messages arrive without a notification.
    pub recv_msg_opt: i32,
    /// How many messages are unread.
    pub unread_count: i64,
    /// 0 nobody mentioned this user, 1 somebody did, 2 everybody was mentioned, 3 both. Servers leave it at 0.
    pub group_at_type: i32,
    /// The newest message as JSON text; empty where there is none, or where the user has deleted it.
    pub latest_msg: String,
    /// When the newest message was sent, Unix milliseconds.
    pub latest_msg_send_time: i64,
    /// Always empty: this client keeps no drafts.
    pub draft_text: String,
    /// Always 0: this client keeps no drafts.
    pub draft_text_time: i64,
    /// Seconds after which a private message is deleted once it is read.
    pub burn_duration: i32,
    /// Seconds after which the server deletes messages.
    pub msg_destruct_time: i64,
    /// Whether it is pinned to the top of the list.
    pub is_pinned: bool,
    /// Whether messages are deleted after they are read.
    pub is_private_chat: bool,
    /// Whether the server deletes old messages.
    pub is_msg_destruct: bool,
    /// JSON text that clients keep beside the conversation.
    pub attached_info: String,
    /// Free text for applications.
    pub ex: String,
}

/// Whether somebody is online (1) or not (0), and where.
#[derive(Debug, Clone, Default, PartialEq, Serialize, TypeScript)]
#[serde(rename_all = "camelCase")]
pub struct UserOnlineState {
    /// The user's id.
    #[serde(rename = "userID")]
    pub user_id: String,
    /// 1 online, 0 offline.
    pub status: i32,
    /// The platforms on which the user is online.
    #[serde(rename = "platformIDs")]
    pub platform_ids: Vec<i32>,
}

impl From<FriendInfo> for FriendUserItem {
    fn from(friend: FriendInfo) -> Self {
        Self {
            owner_user_id: friend.owner_user_id,
            user_id: friend.friend_user.user_id,
            nickname: friend.friend_user.nickname,
            face_url: friend.friend_user.face_url,
            remark: friend.remark,
            create_time: friend.create_time,
            add_source: friend.add_source,
            operator_user_id: friend.operator_user_id,
            ex: friend.ex,
            is_pinned: friend.is_pinned,
        }
    }
}

impl From<BlackInfo> for BlackUserItem {
    fn from(black: BlackInfo) -> Self {
        Self {
            owner_user_id: black.owner_user_id,
            user_id: black.black_user.user_id,
            nickname: black.black_user.nickname,
            face_url: black.black_user.face_url,
            create_time: black.create_time,
            add_source: black.add_source,
            operator_user_id: black.operator_user_id,
            ex: black.ex,
        }
    }
}

impl From<GroupRequest> for GroupApplicationItem {
    fn from(request: GroupRequest) -> Self {
        let GroupRequest { user, group, .. } = request;
        Self {
            group_id: group.group_id,
            group_name: group.group_name,
            notification: group.notification,
            introduction: group.introduction,
            group_face_url: group.face_url,
            create_time: group.create_time,
            status: group.status,
            creator_user_id: group.creator_user_id,
            group_type: group.group_type,
            owner_user_id: group.owner_user_id,
            member_count: group.member_count,
            user_id: user.user_id,
            nickname: user.nickname,
            user_face_url: user.face_url,
            handle_result: request.handle_result,
            req_msg: request.req_msg,
            handled_msg: request.handle_msg,
            req_time: request.req_time,
            handle_user_id: request.handle_user_id,
            handled_time: request.handle_time,
            ex: request.ex,
            join_source: request.join_source,
            inviter_user_id: request.inviter_user_id,
        }
    }
}
