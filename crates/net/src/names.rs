//! Makes file names from strangers and servers harmless before a file gets such a name.

use crate::limits::FILE_NAME_MAX;

/// No path, no control characters, nothing a shell or a file system reads in its own way, and short.
pub fn safe(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().map(|c| if is_odd(c) { '_' } else { c }).collect();
    let plain = plain.trim_matches([' ', '.']);
    if plain.is_empty() { "file".to_owned() } else { shortened(plain) }
}

fn is_odd(c: char) -> bool {
    // Marks that turn the direction of writing make `gnp.exe` look like `exe.png`.
    let turning = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let read_otherwise =
        matches!(c, '"' | '\'' | '`' | '$' | '<' | '>' | '|' | ':' | ';' | '*' | '?' | '#' | '%' | '&' | '+');
    c.is_control() || turning || read_otherwise
}

/// Cut before its ending.
fn shortened(name: &str) -> String {
    if name.len() <= FILE_NAME_MAX {
        return name.to_owned();
    }
    let ending = extension(name).map(|ending| format!(".{ending}")).unwrap_or_default();
    let room = FILE_NAME_MAX - ending.len();
    let cut = (0..=room).rev().find(|at| name.is_char_boundary(*at)).unwrap_or_default();
    format!("{}{ending}", name[..cut].trim_end_matches([' ', '.']))
}

/// The ending of a name that has one.
pub fn extension(name: &str) -> Option<&str> {
    let (stem, ending) = name.rsplit_once('.')?;
    let plain = (1..=8).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (!stem.is_empty() && plain).then_some(ending)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_never_a_path_and_never_empty_and_never_long() {
        for (name, expected) in [
            ("/etc/passwd", "passwd"),
            ("..\\..\\x.exe", "x.exe"),
            ("..", "file"),
            ("a\nb\0c\u{202e}d", "a_b_c_d"),
            ("$(rm -rf).png", "_(rm -rf).png"),
            (" . ", "file"),
            (".profile", "profile"),
            ("报告 2026.pdf", "报告 2026.pdf"),
            ("a?b#c%2f+.png", "a_b_c_2f_.png"),
            (r"C:\data\x\a b.txt", "a b.txt"),
        ] {
            assert_eq!(safe(name), expected, "{name:?}");
        }
        let long = safe(&format!("{}.jpeg", "长".repeat(300)));
        assert!(long.len() <= FILE_NAME_MAX && long.ends_with("长.jpeg"), "{long}");
        assert!(safe(&"x".repeat(5000)).len() <= FILE_NAME_MAX);
    }

    proptest! {
        #[test]
        fn any_name_becomes_one_that_is_short_and_harmless(name: String) {
            let made = safe(&name);
            prop_assert!(!made.is_empty() && made.len() <= FILE_NAME_MAX);
            prop_assert!(!made.contains(['/', '\\', '%', '?', '#']) && !made.chars().any(char::is_control));
            prop_assert_eq!(safe(&made), made);
        }
    }
}
