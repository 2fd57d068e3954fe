//! Conversation ids. An id cannot be taken apart again (user ids may contain `_`): the map key of a push and the
//! fields of the message say which conversation it is.

/// `sessionType`.
pub const SINGLE: i32 = 1;
/// `sessionType` of a group.
pub const GROUP: i32 = 3;
/// `sessionType` of a notification account.
pub const NOTIFICATION: i32 = 4;

/// `si_<a>_<b>`, the ids in byte order.
pub fn single(a: &str, b: &str) -> String {
    let (low, high) = sorted(a, b);
    format!("si_{low}_{high}")
}

/// `sg_<groupID>`.
pub fn group(group_id: &str) -> String {
    format!("sg_{group_id}")
}

/// `sn_<a>_<b>`: a notification account's chat.
pub fn notification_account(a: &str, b: &str) -> String {
    let (low, high) = sorted(a, b);
    format!("sn_{low}_{high}")
}

/// `n_<a>_<b>`: the notifications of a pair; to oneself `n_<u>_<u>`.
pub fn notifications_of_pair(a: &str, b: &str) -> String {
    let (low, high) = sorted(a, b);
    format!("n_{low}_{high}")
}

/// `n_<groupID>`.
pub fn notifications_of_group(group_id: &str) -> String {
    format!("n_{group_id}")
}

/// Whether the conversation carries notifications instead of messages.
pub fn is_notification(conversation_id: &str) -> bool {
    conversation_id.starts_with("n_")
}

fn sorted<'a>(a: &'a str, b: &'a str) -> (&'a str, &'a str) {
    if a.as_bytes() <= b.as_bytes() { (a, b) } else { (b, a) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_a_pair_build_the_same_id() {
        assert_eq!(single("bot_7", "alice"), "si_alice_bot_7");
        assert_eq!(single("alice", "bot_7"), single("bot_7", "alice"));
        assert_eq!(notifications_of_pair("u", "u"), "n_u_u");
        assert!(is_notification("n_g100") && !is_notification("sg_g100"));
    }
}
