//! The records of the REST API: those that it shares with notifications, and its own. Names and spellings are the server's.
//! A member that the server leaves out is empty or 0.

use serde::{Deserialize, Serialize};

pub use openim_core::records::{FriendInfo, FriendRequest, GroupInfo, GroupMember, GroupRequest, UserInfo};

/// Who is on a black list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BlackInfo {
    /// The user whose list this entry is in.
    #[serde(rename = "ownerUserID")]
    pub owner_user_id: String,
    /// When the user was put on the list, Unix seconds.
    pub create_time: i64,
    /// The user on the list.
    #[serde(rename = "blackUserInfo")]
    pub black_user: UserInfo,
    /// How the user was added, a number of the application.
    pub add_source: i32,
    /// The user who made the entry.
    #[serde(rename = "operatorUserID")]
    pub operator_user_id: String,
    /// Free text for applications.
    pub ex: String,
}

/// A user's settings of a conversation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Conversation {
    /// The user whose settings these are.
    #[serde(rename = "ownerUserID")]
    pub owner_user_id: String,
    /// The conversation's id: `si_<a>_<b>`, `sg_<group>` or `sn_<a>_<b>`.
    #[serde(rename = "conversationID")]
    pub conversation_id: String,
    /// 0 messages arrive, 1 no messages arrive, 2 messages arrive without a notification.
    pub recv_msg_opt: i32,
    /// 1 with a user, 3 in a group, 4 with a notification account.
    pub conversation_type: i32,
    /// The other user's id; empty in a group.
    #[serde(rename = "userID")]
    pub user_id: String,
    /// The group's id; empty in a direct chat.
    #[serde(rename = "groupID")]
    pub group_id: String,
    /// Whether it is pinned to the top of the list.
    pub is_pinned: bool,
    /// JSON text that clients keep beside the conversation.
    pub attached_info: String,
    /// Whether messages are deleted after they are read.
    pub is_private_chat: bool,
    /// 0 nobody mentioned this user, 1 somebody did, 2 everybody was mentioned, 3 both.
    pub group_at_type: i32,
    /// Free text for applications.
    pub ex: String,
    /// Seconds after which a private message is deleted once it is read.
    pub burn_duration: i32,
    /// The oldest sequence number this user can see.
    pub min_seq: i64,
    /// The newest sequence number.
    pub max_seq: i64,
    /// Seconds after which the server deletes messages.
    pub msg_destruct_time: i64,
    /// When messages were deleted last, Unix milliseconds.
    pub latest_msg_destruct_time: i64,
    /// Whether the server deletes old messages.
    pub is_msg_destruct: bool,
}

/// A conversation with what a list shows of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConversationMsg {
    /// The settings.
    pub conversation: Conversation,
    /// The newest message.
    pub last_msg: Option<StoredMessage>,
    /// The other user.
    pub user: Option<UserInfo>,
    /// The other user as a friend.
    pub friend: Option<FriendOnly>,
    /// The group.
    pub group: Option<GroupInfo>,
    /// The newest sequence number.
    pub max_seq: i64,
    /// The newest sequence number that this user has read.
    pub read_seq: i64,
}

/// A friendship without the friend.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FriendOnly {
    /// The user whose list this entry is in.
    #[serde(rename = "ownerUserID")]
    pub owner_user_id: String,
    /// The friend's id.
    #[serde(rename = "friendUserID")]
    pub friend_user_id: String,
    /// The name that the owner of the list gave the friend.
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

/// How far a conversation goes and how far it was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Seqs {
    /// The newest sequence number.
    pub max_seq: i64,
    /// The newest sequence number that this user has read.
    pub has_read_seq: i64,
    /// When the newest message was sent, Unix milliseconds.
    pub max_seq_time: i64,
}

/// A message as REST shows it: its content is base64.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StoredMessage {
    /// The sender's id.
    #[serde(rename = "sendID")]
    pub send_id: String,
    /// The recipient's id; empty in a group.
    #[serde(rename = "recvID")]
    pub recv_id: String,
    /// The group's id; empty in a direct chat.
    #[serde(rename = "groupID")]
    pub group_id: String,
    /// The id that the sender gave the message.
    #[serde(rename = "clientMsgID")]
    pub client_msg_id: String,
    /// The id that the server gave the message.
    #[serde(rename = "serverMsgID")]
    pub server_msg_id: String,
    /// The platform the sender wrote on.
    #[serde(rename = "senderPlatformID")]
    pub sender_platform_id: i32,
    /// The sender's name.
    pub sender_nickname: String,
    /// The address of the sender's picture.
    #[serde(rename = "senderFaceURL")]
    pub sender_face_url: String,
    /// 1 with a user, 3 in a group, 4 with a notification account.
    pub session_type: i32,
    /// 100 a user, 200 the system.
    pub msg_from: i32,
    /// The kind of the content.
    pub content_type: i32,
    /// The content as base64.
    pub content: String,
    /// The sequence number in the conversation.
    pub seq: i64,
    /// When the server took it, Unix milliseconds.
    pub send_time: i64,
    /// When the sender wrote it, Unix milliseconds.
    pub create_time: i64,
    /// 1 sending, 2 sent, 3 failed, 4 deleted.
    pub status: i32,
    /// Whether it was read.
    pub is_read: bool,
    /// The ids of the mentioned users.
    #[serde(rename = "atUserIDList")]
    pub at_user_id_list: Vec<String>,
    /// JSON text that clients keep beside the conversation.
    pub attached_info: String,
    /// Free text for applications.
    pub ex: String,
}
