//! People and groups as notifications carry them.

use crate::message::lenient::element;

element! {
    /// Only who.
    UserRef {
        user_id: String = "userID",
    }
}

element! {
    /// Who came or went, and where.
    UserStatus {
        user_id: String = "fromUserID",
        /// 0: gone.
        status: i32 = "status",
        platform_id: i32 = "platformID",
    }
}

element! {
    /// What everybody may know of a person.
    PublicUser {
        user_id: String = "userID",
        nickname: String = "nickname",
        face_url: String = "faceURL",
        ex: String = "ex",
    }
}

element! {
    /// A group.
    GroupInfo {
        group_id: String = "groupID",
        name: String = "groupName",
        notification: String = "notification",
        introduction: String = "introduction",
        face_url: String = "faceURL",
        owner_user_id: String = "ownerUserID",
        create_time: i64 = "createTime",
        member_count: i64 = "memberCount",
        ex: String = "ex",
        /// 0 in order, 1 banned, 2 dismissed, 3 muted.
        status: i32 = "status",
        creator_user_id: String = "creatorUserID",
        group_type: i32 = "groupType",
        need_verification: i32 = "needVerification",
        look_member_info: i32 = "lookMemberInfo",
        apply_member_friend: i32 = "applyMemberFriend",
        notification_update_time: i64 = "notificationUpdateTime",
        notification_user_id: String = "notificationUserID",
    }
}

element! {
    /// A member of a group.
    GroupMember {
        group_id: String = "groupID",
        user_id: String = "userID",
        /// 20 member, 60 admin, 100 owner.
        role_level: i32 = "roleLevel",
        join_time: i64 = "joinTime",
        nickname: String = "nickname",
        face_url: String = "faceURL",
        /// The server spells it so.
        app_manager_level: i32 = "appMangerLevel",
        join_source: i32 = "joinSource",
        operator_user_id: String = "operatorUserID",
        ex: String = "ex",
        mute_end_time: i64 = "muteEndTime",
        inviter_user_id: String = "inviterUserID",
    }
}
