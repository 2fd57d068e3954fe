//! The name of a fetched file: a stranger wrote it, so it is made harmless.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::names::safe;

/// A harmless name for a download: from the answer's `Content-Disposition`, else from the address.
pub fn download_name(disposition: Option<&str>, url: &Url) -> String {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limits::FILE_NAME_MAX;

    fn named(disposition: Option<&str>, path: &str) -> String {
        download_name(disposition, &Url::parse(&format!("http://h{path}")).unwrap())
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
                let name = download_name(Some(&header), &url);
                prop_assert!(!name.is_empty() && name.len() <= FILE_NAME_MAX, "{}", name);
                prop_assert!(!name.contains(['/', '\\', '%', '$']) && !name.chars().any(char::is_control), "{}", name);
                prop_assert!(name != "." && name != ".." && safe(&name) == name, "{}", name);
            }
        }
    }

    #[test]
    fn a_path_in_the_header_is_no_path() {
        assert_eq!(named(Some("attachment; filename=\"..%2f..%2fetc%2fpasswd\""), "/x"), "passwd");
    }
}
