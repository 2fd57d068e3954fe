//! 2101: a message was revoked. It comes as a notification, and in the chat in place of the message itself.

use crate::message::lenient::element;

element! {
    /// A revoked message. Which members are set depends on where it was read.
    Revoked {
        client_msg_id: String = "clientMsgID",
        /// Where the message stood; 0 when not told.
        seq: i64 = "seq",
        revoker_id: String = "revokerUserID" | "revokerID",
        revoke_time: i64 = "revokeTime",
        /// The server writes `sesstionType` in the notification.
        session_type: i32 = "sesstionType" | "sessionType",
        /// Only in the notification.
        conversation_id: String = "conversationID",
        is_admin_revoke: bool = "isAdminRevoke",
        /// From here on: only in the chat.
        revoker_role: i32 = "revokerRole",
        revoker_nickname: String = "revokerNickname",
        source_send_time: i64 = "sourceMessageSendTime",
        source_send_id: String = "sourceMessageSendID",
        source_nickname: String = "sourceMessageSenderNickname",
        ex: String = "ex",
    }
}
