//! What the calls resolve with, for `index.d.ts`: as `openim_client::calls` writes it, with the JS SDK's names. A test below
//! holds the two together.
#![allow(dead_code, reason = "stated for TypeScript; nothing in Rust makes or reads them")]

use napi_derive::napi;

use crate::message_types::Message;

/// A user. Strings but ids were written by that user.
#[napi(object, object_from_js = false)]
pub struct SelfUserInfo {
    #[napi(js_name = "userID")]
    pub user_id: String,
    pub nickname: String,
    #[napi(js_name = "faceURL")]
    pub face_url: String,
    pub ex: String,
    pub create_time: f64,
    /// The server's own spelling.
    pub app_manger_level: i32,
    /// 0 messages come, 1 none, 2 without a notification.
    pub global_recv_msg_opt: i32,
}

/// Whether somebody is online (1) or not (0), and where.
#[napi(object, object_from_js = false)]
pub struct UserOnlineState {
    #[napi(js_name = "userID")]
    pub user_id: String,
    pub status: i32,
    #[napi(js_name = "platformIDs")]
    pub platform_ids: Vec<i32>,
}

/// A friend.
#[napi(object, object_from_js = false)]
pub struct FriendUserItem {
    #[napi(js_name = "ownerUserID")]
    pub owner_user_id: String,
    #[napi(js_name = "userID")]
    pub user_id: String,
    pub nickname: String,
    #[napi(js_name = "faceURL")]
    pub face_url: String,
    pub remark: String,
    pub create_time: f64,
    pub add_source: i32,
    #[napi(js_name = "operatorUserID")]
    pub operator_user_id: String,
    pub ex: String,
    pub is_pinned: bool,
}

/// Whether somebody is a friend: 1 or 0.
#[napi(object, object_from_js = false)]
pub struct FriendshipInfo {
    #[napi(js_name = "userID")]
    pub user_id: String,
    pub result: i32,
}

/// A request to be friends. `handleResult`: 0 open, 1 accepted, -1 refused.
#[napi(object, object_from_js = false)]
pub struct FriendApplicationItem {
    #[napi(js_name = "fromUserID")]
    pub from_user_id: String,
    pub from_nickname: String,
    #[napi(js_name = "fromFaceURL")]
    pub from_face_url: String,
    #[napi(js_name = "toUserID")]
    pub to_user_id: String,
    pub to_nickname: String,
    #[napi(js_name = "toFaceURL")]
    pub to_face_url: String,
    pub handle_result: i32,
    pub req_msg: String,
    pub create_time: f64,
    #[napi(js_name = "handlerUserID")]
    pub handler_user_id: String,
    pub handle_msg: String,
    pub handle_time: f64,
    pub ex: String,
}

/// Somebody on the black list.
#[napi(object, object_from_js = false)]
pub struct BlackUserItem {
    #[napi(js_name = "ownerUserID")]
    pub owner_user_id: String,
    #[napi(js_name = "userID")]
    pub user_id: String,
    pub nickname: String,
    #[napi(js_name = "faceURL")]
    pub face_url: String,
    pub create_time: f64,
    pub add_source: i32,
    #[napi(js_name = "operatorUserID")]
    pub operator_user_id: String,
    pub ex: String,
}

/// A group. `status`: 0 as it should be, 1 banned, 2 dismissed, 3 muted. `needVerification`: 0 whoever asks has to be
/// let in, 1 whoever is invited as well, 2 nobody.
#[napi(object, object_from_js = false)]
pub struct GroupItem {
    #[napi(js_name = "groupID")]
    pub group_id: String,
    pub group_name: String,
    pub notification: String,
    pub introduction: String,
    #[napi(js_name = "faceURL")]
    pub face_url: String,
    #[napi(js_name = "ownerUserID")]
    pub owner_user_id: String,
    pub create_time: f64,
    pub member_count: f64,
    pub ex: String,
    pub status: i32,
    #[napi(js_name = "creatorUserID")]
    pub creator_user_id: String,
    pub group_type: i32,
    pub need_verification: i32,
    pub look_member_info: i32,
    pub apply_member_friend: i32,
    pub notification_update_time: f64,
    #[napi(js_name = "notificationUserID")]
    pub notification_user_id: String,
}

/// A member of a group. `roleLevel`: 20 ordinary, 60 admin, 100 owner.
#[napi(object, object_from_js = false)]
pub struct GroupMemberItem {
    #[napi(js_name = "groupID")]
    pub group_id: String,
    #[napi(js_name = "userID")]
    pub user_id: String,
    pub role_level: i32,
    pub join_time: f64,
    pub nickname: String,
    #[napi(js_name = "faceURL")]
    pub face_url: String,
    /// The server's own spelling.
    pub app_manger_level: i32,
    pub join_source: i32,
    #[napi(js_name = "operatorUserID")]
    pub operator_user_id: String,
    pub ex: String,
    pub mute_end_time: f64,
    #[napi(js_name = "inviterUserID")]
    pub inviter_user_id: String,
}

/// A request to join a group. `handleResult`: 0 open, 1 accepted, -1 refused.
#[napi(object, object_from_js = false)]
pub struct GroupApplicationItem {
    #[napi(js_name = "groupID")]
    pub group_id: String,
    pub group_name: String,
    pub notification: String,
    pub introduction: String,
    #[napi(js_name = "groupFaceURL")]
    pub group_face_url: String,
    pub create_time: f64,
    pub status: i32,
    #[napi(js_name = "creatorUserID")]
    pub creator_user_id: String,
    pub group_type: i32,
    #[napi(js_name = "ownerUserID")]
    pub owner_user_id: String,
    pub member_count: f64,
    #[napi(js_name = "userID")]
    pub user_id: String,
    pub nickname: String,
    #[napi(js_name = "userFaceURL")]
    pub user_face_url: String,
    pub handle_result: i32,
    pub req_msg: String,
    pub handled_msg: String,
    pub req_time: f64,
    #[napi(js_name = "handleUserID")]
    pub handle_user_id: String,
    pub handled_time: f64,
    pub ex: String,
    pub join_source: i32,
    #[napi(js_name = "inviterUserID")]
    pub inviter_user_id: String,
}

/// A conversation as a list shows it. `recvMsgOpt`: 0 messages come, 1 none, 2 without a notification.
#[napi(object, object_from_js = false)]
pub struct ConversationItem {
    #[napi(js_name = "conversationID")]
    pub conversation_id: String,
    /// 1 with a user, 3 in a group, 4 with a notification account.
    pub conversation_type: i32,
    #[napi(js_name = "userID")]
    pub user_id: String,
    #[napi(js_name = "groupID")]
    pub group_id: String,
    pub show_name: String,
    #[napi(js_name = "faceURL")]
    pub face_url: String,
    pub recv_msg_opt: i32,
    pub unread_count: f64,
    pub group_at_type: i32,
    /// The newest message as JSON text; empty where there is none.
    pub latest_msg: String,
    pub latest_msg_send_time: f64,
    /// Always empty: drafts are the business of whoever shows a text field.
    pub draft_text: String,
    pub draft_text_time: f64,
    pub burn_duration: i32,
    pub msg_destruct_time: f64,
    pub is_pinned: bool,
    pub is_private_chat: bool,
    pub is_msg_destruct: bool,
    pub attached_info: String,
    pub ex: String,
}

/// A part of a conversation, oldest message first.
#[napi(object, object_from_js = false)]
pub struct AdvancedGetMessageResult {
    /// There is nothing beyond it in the direction that was read.
    pub is_end: bool,
    /// Always 0: a failure is a rejection.
    pub err_code: i32,
    pub err_msg: String,
    pub message_list: Vec<Message>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use openim_client::calls as written;
    use serde::Serialize;
    use serde_json::Value;

    const STATED: &str = include_str!("../../../index.d.ts");

    /// The members of an interface with their types.
    fn stated(interface: &str) -> BTreeMap<String, String> {
        let head = format!("export interface {interface} {{\n");
        let body = STATED.split(&head).nth(1).and_then(|rest| rest.split("\n}").next()).expect(interface);
        let member = |line: &str| {
            let (name, kind) = line.trim().split_once(": ")?;
            (!name.starts_with(['*', '/'])).then(|| (name.to_owned(), kind.to_owned()))
        };
        body.lines().filter_map(member).collect()
    }

    fn agree<T: Serialize + Default>(interface: &str) {
        let Ok(Value::Object(members)) = serde_json::to_value(T::default()) else { panic!("{interface} is no object") };
        let kind = |value: &Value| match value {
            Value::String(_) => "string",
            Value::Number(_) => "number",
            Value::Bool(_) => "boolean",
            Value::Array(_) => "Array<number>",
            _ => "unknown",
        };
        let written: BTreeMap<_, _> =
            members.iter().map(|(name, value)| (name.clone(), kind(value).to_owned())).collect();
        assert_eq!(stated(interface), written, "{interface}");
    }

    #[test]
    fn what_is_written_is_what_typescript_is_told() {
        agree::<written::SelfUserInfo>("SelfUserInfo");
        agree::<written::UserOnlineState>("UserOnlineState");
        agree::<written::FriendUserItem>("FriendUserItem");
        agree::<written::FriendshipInfo>("FriendshipInfo");
        agree::<written::FriendApplicationItem>("FriendApplicationItem");
        agree::<written::BlackUserItem>("BlackUserItem");
        agree::<written::GroupItem>("GroupItem");
        agree::<written::GroupMemberItem>("GroupMemberItem");
        agree::<written::GroupApplicationItem>("GroupApplicationItem");
        agree::<written::ConversationItem>("ConversationItem");
    }
}
