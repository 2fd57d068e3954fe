//! Where a message goes: `user:<id>` or `group:<id>`, ids as the server has them, case kept.

use std::fmt;

/// One person or one group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A user, by id.
    User(String),
    /// A group, by id.
    Group(String),
}

impl Target {
    /// Reads a target; prefixes of the channel (`<channel>:user:alice`) are the caller's business.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.trim().split_once(':')?;
        let id = id.trim();
        if id.is_empty() || id.chars().any(char::is_control) {
            return None;
        }
        match kind.trim().to_ascii_lowercase().as_str() {
            "user" => Some(Self::User(id.to_owned())),
            "group" => Some(Self::Group(id.to_owned())),
            _ => None,
        }
    }

    /// The word before the colon.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Group(_) => "group",
        }
    }

    /// The id.
    pub fn id(&self) -> &str {
        match self {
            Self::User(id) | Self::Group(id) => id,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind(), self.id())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_target_names_a_user_or_a_group() {
        assert_eq!(Target::parse("user:alice"), Some(Target::User("alice".into())));
        assert_eq!(Target::parse(" Group: g100 "), Some(Target::Group("g100".into())));
        assert_eq!(Target::parse("user:a:b"), Some(Target::User("a:b".into())), "an id may hold a colon");
        for bad in ["", "alice", "user:", "user: ", "room:1", ":x", "user:a\nb"] {
            assert_eq!(Target::parse(bad), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(id in "[!-~]{1,40}") {
            let target = Target::Group(id);
            prop_assert_eq!(Target::parse(&target.to_string()), Some(target));
        }
    }
}
