//! `contentType` 106: text that mentions people.

use super::embedded::Embedded;
use crate::message::kinds::AT_ALL;
use crate::message::lenient::element;

element! {
    /// A mentioned user. The name was written by the sender.
    #[ts(name = "AtUsersInfoItem")]
    AtUser {
        user_id: String = "atUserID",
        name: String = "groupNickname",
    }
}

element! {
    /// The content of a text that mentions users; `AtAllTag` in `atUserList` stands for everybody.
    #[ts(name = "AtTextElem")]
    AtText {
        text: String = "text",
        at_user_list: Vec<String> = "atUserList",
        at_users_info: Vec<AtUser> = "atUsersInfo",
        /// The quoted message as the sender tells it; nothing in it is verified.
        quoted: Option<Box<Embedded>> = "quoteMessage",
        is_at_self: bool = "isAtSelf",
    }
}

impl AtText {
    /// What a bot sends: `at_user_list` goes into `MsgData.atUserIDList`, too. A quoted quote is flattened.
    pub fn new(text: String, users: Vec<AtUser>, quoted: Option<Embedded>) -> Self {
        Self {
            text,
            at_user_list: users.iter().map(|user| user.user_id.clone()).collect(),
            at_users_info: users,
            quoted: quoted.map(|message| Box::new(message.flattened())),
            is_at_self: false,
        }
    }
}

/// Whether a list of mentioned ids means `user_id`: by name or with everybody.
pub fn mentions(at_user_id_list: &[String], user_id: &str) -> bool {
    at_user_id_list.iter().any(|id| id == user_id || id == AT_ALL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_includes_oneself() {
        assert!(mentions(&["bot_7".into()], "bot_7"));
        assert!(mentions(&["AtAllTag".into()], "bot_7"));
        assert!(!mentions(&["bot_77".into(), "BOT_7".into()], "bot_7"));
    }
}
