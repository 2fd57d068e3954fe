//! What a fetched file is called: a stranger's word, made harmless.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::limits::FILE_NAME_MAX;

/// From the answer's `Content-Disposition`, else from the address.
pub(super) fn of(disposition: Option<&str>, url: &Url) -> String {
    let named = disposition.and_then(file_name).filter(|name| !name.trim().is_empty());
    let name = named.unwrap_or_else(|| {
        let last = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
        decoded(last)
    });
    safe(&name)
}

/// `filename*` speaks before `filename`.
fn file_name(disposition: &str) -> Option<String> {
    let parameters: Vec<_> = parameters(disposition).collect();
    let find = |wanted: &str| parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, v)| v);
    if let Some((charset, rest)) = find("filename*").and_then(|value| value.split_once('\''))
        && charset.eq_ignore_ascii_case("utf-8")
        && let Some((_language, name)) = rest.split_once('\'')
    {
        return Some(decoded(name));
    }
    // Some servers encode the plain one, too.
    find("filename").map(|name| decoded(name))
}

/// `; name=value` and `; name="value"`, where a backslash keeps the next character.
fn parameters(header: &str) -> impl Iterator<Item = (String, String)> {
    let mut rest = header.split_once(';').map_or("", |(_, rest)| rest);
    std::iter::from_fn(move || {
        let (name, after) = rest.split_once('=')?;
        let name = name.trim_start_matches([';', ' ', '\t']).trim().to_owned();
        let after = after.trim_start();
        let mut value = String::new();
        let Some(quoted) = after.strip_prefix('"') else {
            let (plain, next) = after.split_once(';').unwrap_or((after, ""));
            rest = next;
            return Some((name, plain.trim().to_owned()));
        };
        let mut chars = quoted.char_indices();
        rest = "";
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    rest = &quoted[at + 1..];
                    break;
                }
                '\\' => value.extend(chars.next().map(|(_, kept)| kept)),
                _ => value.push(c),
            }
        }
        Some((name, value))
    })
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// No path, no control characters, nothing a shell or a file system reads in its own way, and short.
pub(super) fn safe(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().map(|c| if is_odd(c) { '_' } else { c }).collect();
    let plain = plain.trim_matches([' ', '.']);
    if plain.is_empty() { "file".to_owned() } else { shortened(plain) }
}

fn is_odd(c: char) -> bool {
    // Marks that turn the direction of writing make `gnp.exe` look like `exe.png`.
    let turning = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let read_otherwise =
        matches!(c, '"' | '\'' | '`' | '$' | '<' | '>' | '|' | ':' | ';' | '*' | '?' | '#' | '%' | '&');
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
pub(super) fn extension(name: &str) -> Option<&str> {
    let (stem, ending) = name.rsplit_once('.')?;
    let plain = (1..=8).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (!stem.is_empty() && plain).then_some(ending)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(disposition: Option<&str>, path: &str) -> String {
        of(disposition, &Url::parse(&format!("http://h{path}")).unwrap())
    }

    #[test]
    fn the_answer_names_the_file_or_else_the_address() {
        for (disposition, path, expected) in [
            (None, "/object/bot/a%20b.png?x=y.exe", "a b.png"),
            (None, "/", "file"),
            (Some("attachment"), "/x.bin", "x.bin"),
            (Some("attachment; filename=r.pdf"), "/x", "r.pdf"),
            (Some("attachment; filename=\"a \\\"b\\\"; c.pdf\"; size=3"), "/x", "a _b__ c.pdf"),
            (Some("inline; filename=old.txt; filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf"), "/x", "报告.pdf"),
            (Some("inline; filename*=latin1''a.txt; filename=b.txt"), "/x", "b.txt"),
            (Some("attachment; filename=\"%E6%8A%A5.txt\""), "/x", "报.txt"),
            (Some("attachment; filename=\"\""), "/x.txt", "x.txt"),
            (Some("attachment; filename=\"unended"), "/x", "unended"),
        ] {
            assert_eq!(named(disposition, path), expected, "{disposition:?} {path}");
        }
    }

    proptest! {
        #[test]
        fn any_header_and_any_path_make_a_name_that_is_short_and_harmless(header: String, path in "[ -~]{0,80}") {
            let Ok(url) = Url::parse(&format!("http://h/{path}")) else { return Ok(()) };
            for header in [header.clone(), format!("attachment; filename=\"{header}"), format!("x; filename*=utf-8''{header}")] {
                let name = of(Some(&header), &url);
                prop_assert!(!name.is_empty() && name.len() <= FILE_NAME_MAX, "{}", name);
                prop_assert!(!name.contains(['/', '\\', '%', '$']) && !name.chars().any(char::is_control), "{}", name);
                prop_assert!(name != "." && name != ".." && safe(&name) == name, "{}", name);
            }
        }
    }

    #[test]
    fn a_name_is_never_a_path_and_never_empty_and_never_long() {
        for (name, expected) in [
            ("/etc/passwd", "passwd"),
            ("..\\..\\x.exe", "x.exe"),
            ("..", "file"),
            ("a\nb\0c\u{202e}d", "a_b_c_d"),
            ("$(rm -rf).png", "_(rm -rf).png"),
            (" . ", "file"),
        ] {
            assert_eq!(safe(name), expected, "{name:?}");
        }
        let long = safe(&format!("{}.jpeg", "长".repeat(300)));
        assert!(long.len() <= FILE_NAME_MAX && long.ends_with("长.jpeg"), "{long}");
        assert!(safe(&"x".repeat(5000)).len() <= FILE_NAME_MAX);
        assert_eq!(named(Some("attachment; filename=\"..%2f..%2fetc%2fpasswd\""), "/x"), "passwd");
    }
}
