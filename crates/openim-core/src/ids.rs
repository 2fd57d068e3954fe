//! Ids that others have chosen. A user's id is registered with the server, but anybody may create a group with any id,
//! and a message's id is whatever its author wrote. Only clean ids get past this crate.

use crate::limits::{ID_MAX, MESSAGE_ID_MAX};

/// Whether the id of a person or a group is one that can be shown, compared and kept in keys without doubt: not empty, not
/// longer than [`ID_MAX`], without blanks, control characters, characters that cannot be seen, and `:`. Letters of all
/// scripts are allowed: servers register them.
pub fn is_clean(id: &str) -> bool {
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || c == ':' || is_invisible(c);
    !id.is_empty() && id.len() <= ID_MAX && !id.chars().any(is_odd)
}

/// The id of a message: as its author wrote it if it consists of at most [`MESSAGE_ID_MAX`] printable ASCII characters
/// other than `:`, and otherwise a fingerprint, which is the same each time. An empty id stays empty.
pub fn message_id(id: String) -> String {
    let is_plain = id.len() <= MESSAGE_ID_MAX && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
    if is_plain { id } else { format!("unclean.{:032x}", fingerprint(&id)) }
}

/// Whether a character takes no room of its own or changes how others are shown: Unicode's format characters, what is
/// not assigned to characters, and what is for private use.
pub const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}'
        | '\u{8e2}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}')
}

/// 128 bits of FNV-1a. Authors choose their ids freely, so nothing depends on how hard two of one fingerprint are to find.
fn fingerprint(text: &str) -> u128 {
    let offset = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
    text.bytes()
        .fold(offset, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_servers_register_are_clean() {
        for id in ["alice", "10001", "Über_1", "张三", "\u{212a}1", "user-1.a@b", &"x".repeat(ID_MAX)] {
            assert!(is_clean(id), "{id}");
        }
    }

    #[test]
    fn ids_that_could_be_taken_for_others_are_not_clean() {
        let long = "x".repeat(ID_MAX + 1);
        let odd = [
            "",
            " a",
            "a ",
            "a b",
            "a\nb",
            "alice\u{a0}",
            "\u{feff}alice",
            "alice\u{202e}",
            "a\u{200b}",
            "a:thread:9",
            "a\u{1b}[2J",
            "a\u{e0041}",
            "\u{e000}",
            &long,
        ];
        for id in odd {
            assert!(!is_clean(id), "{id:?}");
        }
    }

    #[test]
    fn an_odd_message_id_becomes_a_fingerprint() {
        let plain = "7b1c8f0a-x.y~1";
        assert_eq!(message_id(plain.to_owned()), plain);
        assert_eq!(message_id(String::new()), "");
        for odd in ["a b", "a\nSYSTEM: x", "a\u{1b}[2J", "ü", "1:thread:2", &"x".repeat(30_000)] {
            let id = message_id(odd.to_owned());
            assert_eq!((id.len(), id.starts_with("unclean.")), (40, true), "{odd:.20}");
            assert_eq!(id, message_id(odd.to_owned()));
            assert_eq!(message_id(id.clone()), id);
        }
        assert_ne!(message_id("a b".into()), message_id("a c".into()));
    }
}
