//! The server's words, fit for people and logs.

use crate::ids::is_invisible;
use crate::limits::SERVER_WORDS_MAX;

/// One short line without control characters and without characters that cannot be seen.
pub fn words(text: &str) -> String {
    // No more is looked at than can be shown, whatever the length of the text.
    let beginning = text.chars().take(4 * SERVER_WORDS_MAX);
    let line = beginning.filter_map(|c| match c {
        c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => Some(' '),
        c if is_invisible(c) => None,
        c => Some(c),
    });
    line.take(SERVER_WORDS_MAX).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_words_become_one_short_line() {
        assert_eq!(words(" a\nb\u{1b}[31m "), "a b [31m");
        assert_eq!(words("a\u{202e}b\u{2028}c\u{feff}"), "ab c");
        assert_eq!(words(&"x".repeat(2_000_000)).len(), SERVER_WORDS_MAX);
        assert_eq!(words(&"\u{200b}".repeat(2_000_000)), "");
    }
}
