//! `MsgData.attachedInfo`: what a client notes beside a message. Empty or broken means the defaults.

#![allow(missing_docs, reason = "the members have the names of the protocol")]

use super::elements::MessageEntity;
use super::lenient::{Lenient, Room, element};
use crate::limits::CONTENT_IN_MAX;

element! {
    /// How many members of a group have read a message.
    GroupHasRead {
        has_read: i64 = "hasReadCount",
        unread: i64 = "unreadCount",
    }
}

element! {
    /// What a client notes beside a message.
    AttachedInfo {
        group_has_read: GroupHasRead = "groupHasReadInfo",
        is_private_chat: bool = "isPrivateChat",
        /// Seconds until a private message burns.
        burn_duration: i64 = "burnDuration",
        has_read_time: i64 = "hasReadTime",
        entities: Vec<MessageEntity> = "messageEntityList",
        is_encryption: bool = "isEncryption",
        in_encrypt_status: bool = "inEncryptStatus",
    }
}

pub fn parse(text: &str) -> AttachedInfo {
    if text.is_empty() || text.len() > CONTENT_IN_MAX {
        return AttachedInfo::default();
    }
    serde_json::from_str(text).ok().and_then(|value| AttachedInfo::read(&value, Room::NONE)).unwrap_or_default()
}
