//! The objects of the API's answers, with the server's names and spellings. What a server leaves out is empty or 0.

use serde::Serialize;

use crate::shape::shape;

macro_rules! record {
    ($($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $member:ident: $type:ty = $wire:literal,)* })*) => {
        shape! {$(
            $(#[$doc])*
            #[derive(Clone, Default, PartialEq, Serialize)]
            pub struct $name {
                $($(#[$about])* #[serde(rename = $wire)] pub $member: $type = $wire (Default::default()),)*
            }
        )*}
    };
}

record! {
    /// A user.
    UserInfo {
        user_id: String = "userID",
        nickname: String = "nickname",
        face_url: String = "faceURL",
        ex: String = "ex",
        create_time: i64 = "createTime",
        app_manger_level: i32 = "appMangerLevel",
        global_recv_msg_opt: i32 = "globalRecvMsgOpt",
    }

    /// A friendship, with the friend as a user.
    FriendInfo {
        owner_user_id: String = "ownerUserID",
        remark: String = "remark",
        create_time: i64 = "createTime",
        friend_user: UserInfo = "friendUser",
        add_source: i32 = "addSource",
        operator_user_id: String = "operatorUserID",
        ex: String = "ex",
        is_pinned: bool = "isPinned",
    }

    /// Somebody asks somebody to be friends.
    FriendRequest {
        from_user_id: String = "fromUserID",
        from_nickname: String = "fromNickname",
        from_face_url: String = "fromFaceURL",
        to_user_id: String = "toUserID",
        to_nickname: String = "toNickname",
        to_face_url: String = "toFaceURL",
        handle_result: i32 = "handleResult",
        req_msg: String = "reqMsg",
        create_time: i64 = "createTime",
        handler_user_id: String = "handlerUserID",
        handle_msg: String = "handleMsg",
        handle_time: i64 = "handleTime",
        ex: String = "ex",
    }

    /// Who is on a black list.
    BlackInfo {
        owner_user_id: String = "ownerUserID",
        create_time: i64 = "createTime",
        black_user: UserInfo = "blackUserInfo",
        add_source: i32 = "addSource",
        operator_user_id: String = "operatorUserID",
        ex: String = "ex",
    }

    /// A group.
    GroupInfo {
        group_id: String = "groupID",
        group_name: String = "groupName",
        notification: String = "notification",
        introduction: String = "introduction",
        face_url: String = "faceURL",
        owner_user_id: String = "ownerUserID",
        create_time: i64 = "createTime",
        member_count: i64 = "memberCount",
        ex: String = "ex",
        status: i32 = "status",
        creator_user_id: String = "creatorUserID",
        group_type: i32 = "groupType",
        need_verification: i32 = "needVerification",
        look_member_info: i32 = "lookMemberInfo",
        apply_member_friend: i32 = "applyMemberFriend",
        notification_update_time: i64 = "notificationUpdateTime",
        notification_user_id: String = "notificationUserID",
    }

    /// A member of a group.
    GroupMember {
        group_id: String = "groupID",
        user_id: String = "userID",
        role_level: i32 = "roleLevel",
        join_time: i64 = "joinTime",
        nickname: String = "nickname",
        face_url: String = "faceURL",
        app_manger_level: i32 = "appMangerLevel",
        join_source: i32 = "joinSource",
        operator_user_id: String = "operatorUserID",
        ex: String = "ex",
        mute_end_time: i64 = "muteEndTime",
        inviter_user_id: String = "inviterUserID",
    }

    /// Somebody asks to join a group.
    GroupRequest {
        user: UserInfo = "userInfo",
        group: GroupInfo = "groupInfo",
        handle_result: i32 = "handleResult",
        req_msg: String = "reqMsg",
        handle_msg: String = "handleMsg",
        req_time: i64 = "reqTime",
        handle_user_id: String = "handleUserID",
        handle_time: i64 = "handleTime",
        ex: String = "ex",
        join_source: i32 = "joinSource",
        inviter_user_id: String = "inviterUserID",
    }

    /// A user's settings of a conversation.
    Conversation {
        owner_user_id: String = "ownerUserID",
        conversation_id: String = "conversationID",
        recv_msg_opt: i32 = "recvMsgOpt",
        conversation_type: i32 = "conversationType",
        user_id: String = "userID",
        group_id: String = "groupID",
        is_pinned: bool = "isPinned",
        attached_info: String = "attachedInfo",
        is_private_chat: bool = "isPrivateChat",
        group_at_type: i32 = "groupAtType",
        ex: String = "ex",
        burn_duration: i32 = "burnDuration",
        min_seq: i64 = "minSeq",
        max_seq: i64 = "maxSeq",
        msg_destruct_time: i64 = "msgDestructTime",
        latest_msg_destruct_time: i64 = "latestMsgDestructTime",
        is_msg_destruct: bool = "isMsgDestruct",
    }

    /// A conversation with what a list shows of it.
    ConversationMsg {
        conversation: Conversation = "conversation",
        last_msg: Option<StoredMessage> = "lastMsg",
        user: Option<UserInfo> = "user",
        friend: Option<FriendOnly> = "friend",
        group: Option<GroupInfo> = "group",
        max_seq: i64 = "maxSeq",
        read_seq: i64 = "readSeq",
    }

    /// A friendship without the friend.
    FriendOnly {
        owner_user_id: String = "ownerUserID",
        friend_user_id: String = "friendUserID",
        remark: String = "remark",
        create_time: i64 = "createTime",
        add_source: i32 = "addSource",
        operator_user_id: String = "operatorUserID",
        ex: String = "ex",
        is_pinned: bool = "isPinned",
    }

    /// How far a conversation goes and how far it was read.
    Seqs {
        max_seq: i64 = "maxSeq",
        has_read_seq: i64 = "hasReadSeq",
        max_seq_time: i64 = "maxSeqTime",
    }

    /// A message as REST shows it: its content is base64.
    StoredMessage {
        send_id: String = "sendID",
        recv_id: String = "recvID",
        group_id: String = "groupID",
        client_msg_id: String = "clientMsgID",
        server_msg_id: String = "serverMsgID",
        sender_platform_id: i32 = "senderPlatformID",
        sender_nickname: String = "senderNickname",
        sender_face_url: String = "senderFaceURL",
        session_type: i32 = "sessionType",
        msg_from: i32 = "msgFrom",
        content_type: i32 = "contentType",
        content: String = "content",
        seq: i64 = "seq",
        send_time: i64 = "sendTime",
        create_time: i64 = "createTime",
        status: i32 = "status",
        is_read: bool = "isRead",
        at_user_id_list: Vec<String> = "atUserIDList",
        attached_info: String = "attachedInfo",
        ex: String = "ex",
    }
}
