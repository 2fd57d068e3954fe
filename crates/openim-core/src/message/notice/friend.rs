//! 1201 to 1210: friends, requests and the black list.

use serde_json::Value;

use crate::message::lenient::{Lenient, Room, element};
use crate::records::{FriendInfo, FriendRequest, UserInfo};

element! {
    /// Whose change towards whom.
    FromTo {
        from: String = "fromUserID",
        to: String = "toUserID",
    }
}

element! {
    /// The members that the types share; each sets some of them.
    FriendDetail {
        /// 1201 to 1203: from the applicant to the user who is asked. 1207 and 1208: from the owner of the list to the blocked user.
        between: FromTo = "fromToUserID",
        handle_msg: String = "handleMsg",
        request: Option<FriendRequest> = "request",
        friend: Option<FriendInfo> = "friend",
        /// 1210: the friends that changed.
        friend_ids: Vec<String> = "friendIDs",
        operation_time: i64 = "operationTime",
        op_user: Option<UserInfo> = "opUser",
        version: u64 = "friendVersion",
        version_id: String = "friendVersionID",
        sort_version: u64 = "friendSortVersion",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FriendChange {
    Approved,
    Rejected,
    Requested,
    Added,
    Deleted,
    RemarkSet,
    Blocked,
    Unblocked,
    InfoChanged,
    SeveralChanged,
}

/// A change among friends.
#[derive(Debug, Clone, PartialEq)]
pub struct FriendNotice {
    pub change: FriendChange,
    pub detail: FriendDetail,
}

pub(super) fn read(content_type: i32, value: &Value) -> Option<FriendNotice> {
    let change = match content_type {
        1201 => FriendChange::Approved,
        1202 => FriendChange::Rejected,
        1203 => FriendChange::Requested,
        1204 => FriendChange::Added,
        1205 => FriendChange::Deleted,
        1206 => FriendChange::RemarkSet,
        1207 => FriendChange::Blocked,
        1208 => FriendChange::Unblocked,
        1209 => FriendChange::InfoChanged,
        1210 => FriendChange::SeveralChanged,
        _ => return None,
    };
    Some(FriendNotice { change, detail: FriendDetail::read(value, Room::NONE)? })
}
