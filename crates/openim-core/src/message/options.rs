//! The `options` map of a message. An absent key means true.

use std::collections::BTreeMap;

/// Stored and given a sequence.
pub const HISTORY: &str = "history";
/// Stored for good.
pub const PERSISTENT: &str = "persistent";
/// Shown on devices that are not connected.
pub const OFFLINE_PUSH: &str = "offlinePush";
/// Counted as unread.
pub const UNREAD_COUNT: &str = "unreadCount";
/// Moves the conversation to the top of the recipient's list.
pub const CONVERSATION_UPDATE: &str = "conversationUpdate";
/// Also pushed to the sender's own connections.
pub const SENDER_SYNC: &str = "senderSync";
/// Not deleted after it is read.
pub const NOT_PRIVATE: &str = "notPrivate";
/// Moves the conversation to the top of the sender's list.
pub const SENDER_CONVERSATION_UPDATE: &str = "senderConversationUpdate";
/// False: this is a notification.
pub const IS_NOT_NOTIFICATION: &str = "isNotNotification";

/// With the former false: put a copy into the chat, too.
pub const IS_SEND_MSG: &str = "isSendMsg";

/// Whether an option is on; an absent one is.
pub fn is_on(options: &BTreeMap<String, bool>, name: &str) -> bool {
    options.get(name).copied().unwrap_or(true)
}

/// Only for those who are connected now: stored nowhere, counted nowhere, woken for by no device.
pub fn ephemeral() -> BTreeMap<String, bool> {
    let off = [
        HISTORY,
        PERSISTENT,
        UNREAD_COUNT,
        CONVERSATION_UPDATE,
        OFFLINE_PUSH,
        SENDER_SYNC,
        NOT_PRIVATE,
        SENDER_CONVERSATION_UPDATE,
    ];
    off.into_iter().map(|name| (name.to_owned(), false)).collect()
}
