//! `contentType` numbers and the classes that decide who may see them.

#![allow(missing_docs, reason = "the names are the protocol's own")]

pub const TEXT: i32 = 101;
pub const PICTURE: i32 = 102;
pub const SOUND: i32 = 103;
pub const VIDEO: i32 = 104;
pub const FILE: i32 = 105;
pub const AT_TEXT: i32 = 106;
pub const MERGER: i32 = 107;
pub const CARD: i32 = 108;
pub const LOCATION: i32 = 109;
pub const CUSTOM: i32 = 110;
pub const TYPING: i32 = 113;
pub const QUOTE: i32 = 114;
pub const FACE: i32 = 115;
pub const ADVANCED_TEXT: i32 = 117;
pub const MARKDOWN_TEXT: i32 = 118;
pub const CUSTOM_NOT_TRIGGER_CONVERSATION: i32 = 119;
pub const CUSTOM_ONLINE_ONLY: i32 = 120;
pub const OA_NOTIFICATION: i32 = 1400;
pub const BUSINESS: i32 = 2001;
pub const REVOKED: i32 = 2101;
pub const MESSAGES_DELETED: i32 = 2102;
pub const READ_RECEIPT: i32 = 2200;

/// Every member of a group is meant: the id the at list carries.
pub const AT_ALL: &str = "AtAllTag";

/// Message `status`: deleted. A placeholder for a lost or deleted message carries it.
pub const STATUS_DELETED: i32 = 4;
/// Message `status`: on its way; the server turns it into sent when pushing.
pub const STATUS_SENDING: i32 = 1;
pub const STATUS_SENT: i32 = 2;
/// `msgFrom`: written by a person or a bot.
pub const FROM_USER: i32 = 100;

/// Kinds that a person wrote.
pub const fn is_user_content(content_type: i32) -> bool {
    matches!(content_type, 101..=110 | 114 | 115 | 117..=120)
}

/// Notifications, also where they come as copies inside a chat: never a message.
pub const fn is_notification(content_type: i32) -> bool {
    matches!(content_type, 1000..=5000)
}
