//! Notifications as values: what `{"detail":"<JSON text>"}` says for each type. Reading never fails.

#![allow(missing_docs, reason = "the members have the names of the protocol")]

pub mod business;
pub mod conversation;
pub mod friend;
pub mod group;
pub mod oa;
pub mod receipt;
pub mod revoke;
pub mod user;

use super::kinds;
use super::lenient::{Lenient, Room};
use super::nested::content::{self, Content};
use crate::limits::CONTENT_IN_MAX;

use business::Business;
use conversation::{ConversationNotice, MessagesDeleted};
use friend::FriendNotice;
use group::GroupNotice;
use oa::OaNotice;
use receipt::ReadReceipt;
use revoke::Revoked;
use user::{UserRef, UserStatus};

/// What a notification says.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    Revoked(Revoked),
    Read(ReadReceipt),
    Deleted(MessagesDeleted),
    Group(Box<GroupNotice>),
    Friend(Box<FriendNotice>),
    Conversation(ConversationNotice),
    /// 1303 to 1308: somebody's own data changed.
    User {
        content_type: i32,
        user_id: String,
    },
    /// 1304: somebody came or went.
    UserStatus {
        user_id: String,
        status: i32,
        platform_id: i32,
    },
    Business(Business),
    Oa(Box<OaNotice>),
    /// A type without a reader.
    Unknown {
        content_type: i32,
        detail: String,
    },
    /// Not what the type promises: to be noted and skipped.
    Unreadable {
        content_type: i32,
        raw: String,
    },
}

/// Reads the content of a notification, also of its copy inside a chat.
pub fn parse(content_type: i32, content: &[u8]) -> Notice {
    match content::decode(content_type, content) {
        Content::Notification { content_type, detail } => read(content_type, &detail),
        Content::Raw(raw) => Notice::Unreadable { content_type, raw },
        other => {
            Notice::Unreadable { content_type, raw: String::from_utf8_lossy(&content::encode(&other)).into_owned() }
        }
    }
}

/// Reads the detail of a notification.
pub fn read(content_type: i32, detail: &str) -> Notice {
    known(content_type, detail).unwrap_or_else(|| Notice::Unreadable { content_type, raw: detail.to_owned() })
}

fn known(content_type: i32, detail: &str) -> Option<Notice> {
    let text = if detail.len() > CONTENT_IN_MAX { "" } else { detail };
    let value = serde_json::from_str(text).ok().filter(serde_json::Value::is_object)?;
    Some(match content_type {
        kinds::REVOKED => Notice::Revoked(Lenient::read(&value, Room::NONE)?),
        kinds::READ_RECEIPT => Notice::Read(Lenient::read(&value, Room::NONE)?),
        kinds::MESSAGES_DELETED => Notice::Deleted(Lenient::read(&value, Room::NONE)?),
        kinds::BUSINESS => Notice::Business(Lenient::read(&value, Room::NONE)?),
        kinds::OA_NOTIFICATION => Notice::Oa(Lenient::read(&value, Room::NONE)?),
        1201..=1210 => Notice::Friend(Box::new(friend::read(content_type, &value)?)),
        1304 => {
            let UserStatus { user_id, status, platform_id } = Lenient::read(&value, Room::NONE)?;
            Notice::UserStatus { user_id, status, platform_id }
        }
        1303..=1308 => Notice::User { content_type, user_id: UserRef::read(&value, Room::NONE)?.user_id },
        1300 | 1701..=1704 => Notice::Conversation(conversation::read(content_type, &value)?),
        1501..=1520 => Notice::Group(Box::new(group::read(content_type, &value)?)),
        _ => Notice::Unknown { content_type, detail: detail.to_owned() },
    })
}
