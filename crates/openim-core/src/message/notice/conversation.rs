//! 1300, 1701 to 1704 and 2102: conversations changed, cleared or gone, messages deleted.

use serde_json::Value;

use crate::message::lenient::{Lenient, Room, element};

element! {
    /// 2102: messages were deleted.
    MessagesDeleted {
        user_id: String = "userID",
        conversation_id: String = "conversationID",
        seqs: Vec<i64> = "seqs",
    }
}

element! {
    /// Whose conversations.
    Conversations {
        user_id: String = "userID",
        ids: Vec<String> = "conversationIDs" | "conversationIDList",
    }
}

element! {
    /// Burning after reading was switched.
    PrivateChat {
        recv_id: String = "recvID",
        send_id: String = "sendID",
        is_private: bool = "isPrivate",
        conversation_id: String = "conversationID",
    }
}

element! {
    /// How far the user has read, from another device.
    Unread {
        user_id: String = "userID",
        conversation_id: String = "conversationID",
        has_read_seq: i64 = "hasReadSeq",
        time: i64 = "unreadCountTime",
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum ConversationNotice {
    Changed(Conversations),
    PrivateChat(PrivateChat),
    Unread(Unread),
    Cleared(Conversations),
    Deleted(Conversations),
}

pub(super) fn read(content_type: i32, value: &Value) -> Option<ConversationNotice> {
    Some(match content_type {
        1300 => ConversationNotice::Changed(Lenient::read(value, Room::NONE)?),
        1701 => ConversationNotice::PrivateChat(Lenient::read(value, Room::NONE)?),
        1702 => ConversationNotice::Unread(Lenient::read(value, Room::NONE)?),
        1703 => ConversationNotice::Cleared(Lenient::read(value, Room::NONE)?),
        1704 => ConversationNotice::Deleted(Lenient::read(value, Room::NONE)?),
        _ => return None,
    })
}
