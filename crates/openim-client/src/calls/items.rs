//! What the calls resolve with, named and shaped as in the JS SDK. Strings but ids were written by strangers.

use serde::Serialize;

use crate::rest::records::{BlackInfo, FriendInfo, GroupRequest};

pub use crate::rest::records::FriendRequest as FriendApplicationItem;
pub use crate::rest::records::GroupInfo as GroupItem;
pub use crate::rest::records::GroupMember as GroupMemberItem;
pub use crate::rest::records::UserInfo as SelfUserInfo;

macro_rules! item {
    ($($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $member:ident: $type:ty = $wire:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Default, Serialize)]
        pub struct $name { $($(#[$about])* #[serde(rename = $wire)] pub $member: $type,)* }
    )*};
}

item! {
    /// A friend.
    FriendUserItem {
        owner_user_id: String = "ownerUserID",
        user_id: String = "userID",
        nickname: String = "nickname",
        face_url: String = "faceURL",
        remark: String = "remark",
        create_time: i64 = "createTime",
        add_source: i32 = "addSource",
        operator_user_id: String = "operatorUserID",
        ex: String = "ex",
        is_pinned: bool = "isPinned",
    }

    /// Whether somebody is a friend: 1 or 0.
    FriendshipInfo {
        user_id: String = "userID",
        result: i32 = "result",
    }

    /// Somebody on the black list.
    BlackUserItem {
        owner_user_id: String = "ownerUserID",
        user_id: String = "userID",
        nickname: String = "nickname",
        face_url: String = "faceURL",
        create_time: i64 = "createTime",
        add_source: i32 = "addSource",
        operator_user_id: String = "operatorUserID",
        ex: String = "ex",
    }

    /// A request to join a group.
    GroupApplicationItem {
        group_id: String = "groupID",
        group_name: String = "groupName",
        notification: String = "notification",
        introduction: String = "introduction",
        group_face_url: String = "groupFaceURL",
        create_time: i64 = "createTime",
        status: i32 = "status",
        creator_user_id: String = "creatorUserID",
        group_type: i32 = "groupType",
        owner_user_id: String = "ownerUserID",
        member_count: i64 = "memberCount",
        user_id: String = "userID",
        nickname: String = "nickname",
        user_face_url: String = "userFaceURL",
        handle_result: i32 = "handleResult",
        req_msg: String = "reqMsg",
        handled_msg: String = "handledMsg",
        req_time: i64 = "reqTime",
        handle_user_id: String = "handleUserID",
        handled_time: i64 = "handledTime",
        ex: String = "ex",
        join_source: i32 = "joinSource",
        inviter_user_id: String = "inviterUserID",
    }

    /// A conversation as a list shows it.
    ConversationItem {
        conversation_id: String = "conversationID",
        conversation_type: i32 = "conversationType",
        user_id: String = "userID",
        group_id: String = "groupID",
        show_name: String = "showName",
        face_url: String = "faceURL",
        recv_msg_opt: i32 = "recvMsgOpt",
        unread_count: i64 = "unreadCount",
        group_at_type: i32 = "groupAtType",
        /// The newest message as JSON text; empty where there is none.
        latest_msg: String = "latestMsg",
        latest_msg_send_time: i64 = "latestMsgSendTime",
        draft_text: String = "draftText",
        draft_text_time: i64 = "draftTextTime",
        burn_duration: i32 = "burnDuration",
        msg_destruct_time: i64 = "msgDestructTime",
        is_pinned: bool = "isPinned",
        is_private_chat: bool = "isPrivateChat",
        is_msg_destruct: bool = "isMsgDestruct",
        attached_info: String = "attachedInfo",
        ex: String = "ex",
    }

    /// Whether somebody is online (1) or not (0), and where.
    UserOnlineState {
        user_id: String = "userID",
        status: i32 = "status",
        platform_ids: Vec<i32> = "platformIDs",
    }
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
