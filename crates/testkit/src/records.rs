//! The messages of `/jssdk` and of the REST API: one struct gives both the protobuf and the JSON form, which share their
//! member names. All members are always present in JSON.

use openim_core::wire::pb::MsgData;
use prost::Message;
use serde::{Deserialize, Serialize};

/// What a user sees of a conversation.
#[derive(Clone, PartialEq, Eq, Message, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Conversation {
    #[prost(string, tag = "1")]
    #[serde(rename = "ownerUserID")]
    pub owner_user_id: String,
    #[prost(string, tag = "2")]
    #[serde(rename = "conversationID")]
    pub conversation_id: String,
    #[prost(int32, tag = "3")]
    pub recv_msg_opt: i32,
    #[prost(int32, tag = "4")]
    pub conversation_type: i32,
    #[prost(string, tag = "5")]
    #[serde(rename = "userID")]
    pub user_id: String,
    #[prost(string, tag = "6")]
    #[serde(rename = "groupID")]
    pub group_id: String,
    #[prost(bool, tag = "7")]
    pub is_pinned: bool,
    #[prost(string, tag = "8")]
    pub attached_info: String,
    #[prost(bool, tag = "9")]
    pub is_private_chat: bool,
    #[prost(int32, tag = "10")]
    pub group_at_type: i32,
    #[prost(string, tag = "11")]
    pub ex: String,
    #[prost(int32, tag = "12")]
    pub burn_duration: i32,
    #[prost(int64, tag = "13")]
    pub min_seq: i64,
    #[prost(int64, tag = "14")]
    pub max_seq: i64,
    #[prost(int64, tag = "15")]
    pub msg_destruct_time: i64,
    #[prost(int64, tag = "16")]
    pub latest_msg_destruct_time: i64,
    #[prost(bool, tag = "17")]
    pub is_msg_destruct: bool,
}

/// A user. `appMangerLevel` is spelt so on the wire.
#[derive(Clone, PartialEq, Eq, Message, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UserInfo {
    #[prost(string, tag = "1")]
    #[serde(rename = "userID")]
    pub user_id: String,
    #[prost(string, tag = "2")]
    pub nickname: String,
    #[prost(string, tag = "3")]
    #[serde(rename = "faceURL")]
    pub face_url: String,
    #[prost(string, tag = "4")]
    pub ex: String,
    #[prost(int64, tag = "5")]
    pub create_time: i64,
    #[prost(int32, tag = "6")]
    pub app_manger_level: i32,
    #[prost(int32, tag = "7")]
    pub global_recv_msg_opt: i32,
}

/// A friendship as its owner sees it.
#[derive(Clone, PartialEq, Eq, Message, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FriendInfoOnly {
    #[prost(string, tag = "1")]
    #[serde(rename = "ownerUserID")]
    pub owner_user_id: String,
    #[prost(string, tag = "2")]
    #[serde(rename = "friendUserID")]
    pub friend_user_id: String,
    #[prost(string, tag = "3")]
    pub remark: String,
    #[prost(int64, tag = "4")]
    pub create_time: i64,
    #[prost(int32, tag = "5")]
    pub add_source: i32,
    #[prost(string, tag = "6")]
    #[serde(rename = "operatorUserID")]
    pub operator_user_id: String,
    #[prost(string, tag = "7")]
    pub ex: String,
    #[prost(bool, tag = "8")]
    pub is_pinned: bool,
}

/// A group.
#[derive(Clone, PartialEq, Eq, Message, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GroupInfo {
    #[prost(string, tag = "1")]
    #[serde(rename = "groupID")]
    pub group_id: String,
    #[prost(string, tag = "2")]
    pub group_name: String,
    #[prost(string, tag = "3")]
    pub notification: String,
    #[prost(string, tag = "4")]
    pub introduction: String,
    #[prost(string, tag = "5")]
    #[serde(rename = "faceURL")]
    pub face_url: String,
    #[prost(string, tag = "6")]
    #[serde(rename = "ownerUserID")]
    pub owner_user_id: String,
    #[prost(int64, tag = "7")]
    pub create_time: i64,
    #[prost(uint32, tag = "8")]
    pub member_count: u32,
    #[prost(string, tag = "9")]
    pub ex: String,
    #[prost(int32, tag = "10")]
    pub status: i32,
    #[prost(string, tag = "11")]
    #[serde(rename = "creatorUserID")]
    pub creator_user_id: String,
    #[prost(int32, tag = "12")]
    pub group_type: i32,
    #[prost(int32, tag = "13")]
    pub need_verification: i32,
    #[prost(int32, tag = "14")]
    pub look_member_info: i32,
    #[prost(int32, tag = "15")]
    pub apply_member_friend: i32,
    #[prost(int64, tag = "16")]
    pub notification_update_time: i64,
    #[prost(string, tag = "17")]
    #[serde(rename = "notificationUserID")]
    pub notification_user_id: String,
}

/// A member of a group.
#[derive(Clone, PartialEq, Eq, Message, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GroupMemberFullInfo {
    #[prost(string, tag = "1")]
    #[serde(rename = "groupID")]
    pub group_id: String,
    #[prost(string, tag = "2")]
    #[serde(rename = "userID")]
    pub user_id: String,
    #[prost(int32, tag = "3")]
    pub role_level: i32,
    #[prost(int64, tag = "4")]
    pub join_time: i64,
    #[prost(string, tag = "5")]
    pub nickname: String,
    #[prost(string, tag = "6")]
    #[serde(rename = "faceURL")]
    pub face_url: String,
    #[prost(int32, tag = "7")]
    pub app_manger_level: i32,
    #[prost(int32, tag = "8")]
    pub join_source: i32,
    #[prost(string, tag = "9")]
    #[serde(rename = "operatorUserID")]
    pub operator_user_id: String,
    #[prost(string, tag = "10")]
    pub ex: String,
    #[prost(int64, tag = "11")]
    pub mute_end_time: i64,
    #[prost(string, tag = "12")]
    #[serde(rename = "inviterUserID")]
    pub inviter_user_id: String,
}

/// One entry of the `/jssdk` answers.
#[derive(Clone, PartialEq, Message)]
pub struct ConversationMsg {
    #[prost(message, optional, tag = "1")]
    pub conversation: Option<Conversation>,
    #[prost(message, optional, tag = "2")]
    pub last_msg: Option<MsgData>,
    #[prost(message, optional, tag = "3")]
    pub user: Option<UserInfo>,
    #[prost(message, optional, tag = "4")]
    pub friend: Option<FriendInfoOnly>,
    #[prost(message, optional, tag = "5")]
    pub group: Option<GroupInfo>,
    #[prost(int64, tag = "6")]
    pub max_seq: i64,
    #[prost(int64, tag = "7")]
    pub read_seq: i64,
}

/// Asks for the `count` most recent conversations.
#[derive(Clone, PartialEq, Eq, Message, Deserialize)]
#[serde(default)]
pub struct GetActiveConversationsReq {
    #[prost(string, tag = "1")]
    #[serde(rename = "ownerUserID")]
    pub owner_user_id: String,
    #[prost(int64, tag = "2")]
    pub count: i64,
}

/// Asks for named conversations.
#[derive(Clone, PartialEq, Eq, Message, Deserialize)]
#[serde(default)]
pub struct GetConversationsReq {
    #[prost(string, tag = "1")]
    #[serde(rename = "ownerUserID")]
    pub owner_user_id: String,
    #[prost(string, repeated, tag = "2")]
    #[serde(rename = "conversationIDs")]
    pub conversation_ids: Vec<String>,
}

/// The answer to both.
#[derive(Clone, PartialEq, Message)]
pub struct ConversationsResp {
    #[prost(int64, tag = "1")]
    pub unread_count: i64,
    #[prost(message, repeated, tag = "2")]
    pub conversations: Vec<ConversationMsg>,
}
