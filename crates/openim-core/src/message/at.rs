//! `contentType` 106: text that mentions people.

use serde::Deserialize;

use super::kinds::AT_ALL;

/// What is read of it. Names in it were written by the sender and mean nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AtText {
    #[serde(default)]
    pub text: String,
    #[serde(default, rename = "atUserList")]
    pub at_user_list: Option<Vec<String>>,
}

pub fn decode(content: &[u8]) -> Option<AtText> {
    serde_json::from_slice(content).ok()
}

/// Whether a list of mentioned ids means `user_id`: by name or with everybody.
pub fn mentions(at_user_id_list: &[String], user_id: &str) -> bool {
    at_user_id_list.iter().any(|id| id == user_id || id == AT_ALL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_at_message_has_its_text_and_its_list() {
        let content = br#"{"text":"@Alice ping","atUserList":["alice"],"atUsersInfo":[{"atUserID":"alice","groupNickname":"Alice"}],"isAtSelf":false}"#;
        let at = decode(content).unwrap();
        assert_eq!((at.text.as_str(), at.at_user_list.as_deref()), ("@Alice ping", Some(&["alice".to_owned()][..])));
        assert_eq!(decode(br#"{"text":"x","atUserList":null}"#).unwrap().at_user_list, None);
        assert_eq!(decode(b"x"), None);
    }

    #[test]
    fn everybody_includes_oneself() {
        assert!(mentions(&["bot_7".into()], "bot_7"));
        assert!(mentions(&["AtAllTag".into()], "bot_7"));
        assert!(!mentions(&["bot_77".into(), "BOT_7".into()], "bot_7"));
    }
}
