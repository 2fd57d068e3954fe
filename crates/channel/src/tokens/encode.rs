//! Texts of the configuration and of others as parts of paths and addresses: different texts stay different, and none
//! leads anywhere else.

use std::fmt::Write as _;

/// An account's name as one part of a path. Ordinary names stay as they are.
pub(super) fn path_part(account: &str) -> String {
    let mut at_start = true;
    let encoded = encode(account, |c| {
        let is_first = std::mem::take(&mut at_start);
        let is_separator = matches!(c, '/' | '\\' | ':' | '%') || c.is_control();
        !(is_separator || is_first && c == '.')
    });
    // A name on Windows ends in no dot and no blank, and no part of a path is empty.
    if encoded.is_empty() { "%".to_owned() } else { encoded }
}

/// A value as one part of an address.
pub(super) fn address_part(value: &str) -> String {
    encode(value, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~'))
}

/// Writes every character that is not plain as the percent-encoded bytes of its UTF-8.
fn encode(text: &str, mut is_plain: impl FnMut(char) -> bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for c in text.chars() {
        if is_plain(c) {
            encoded.push(c);
            continue;
        }
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            // Writing into a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_one_part_of_a_path_and_no_other_names() {
        for (account, part) in [
            ("support", "support"),
            ("客服 1.a", "客服 1.a"),
            ("../x", "%2E.%2Fx"),
            ("..", "%2E."),
            ("a/b", "a%2Fb"),
            ("a_b", "a_b"),
            ("a%2Fb", "a%252Fb"),
            ("C:\\x\0", "C%3A%5Cx%00"),
            ("", "%"),
        ] {
            assert_eq!(path_part(account), part);
        }
    }

    #[test]
    fn a_value_cannot_change_the_address_around_it() {
        assert_eq!(address_part("a b&c=d/../?#ü"), "a%20b%26c%3Dd%2F..%2F%3F%23%C3%BC");
    }
}
