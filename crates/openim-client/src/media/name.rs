//! Names: what a file is called on the server, and what its ending says about its type.

use crate::limits::{FILE_NAME_MAX, OBJECT_NAME_MAX};

/// A name without path, control characters and what a shell, a URL or a file system reads in its own way.
pub(crate) fn safe(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String =
        last.chars().map(|c| if is_odd(c) { '_' } else { c }).collect::<String>().trim_matches([' ', '.']).to_owned();
    if clean.is_empty() { "file".to_owned() } else { shortened(clean) }
}

fn is_odd(c: char) -> bool {
    // Marks that turn the direction of writing make `gnp.exe` look like `exe.png`.
    let turning = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control()
        || turning
        || matches!(c, '"' | '<' | '>' | '|' | ':' | '*' | '?' | '#' | '%' | '&' | '+' | '\u{feff}')
}

/// Cut in its middle, so that the ending stays.
fn shortened(name: String) -> String {
    if name.len() <= FILE_NAME_MAX {
        return name;
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 16 => (stem, format!(".{ending}")),
        _ => (name.as_str(), String::new()),
    };
    let room = FILE_NAME_MAX - ending.len();
    let cut = (0..=room.min(stem.len())).rev().find(|at| stem.is_char_boundary(*at)).unwrap_or_default();
    format!("{}{ending}", &stem[..cut])
}

/// The name of the object: under the account's own id, where the server wants it, in a folder of its own, so that two
/// files of one name are two.
pub(crate) fn object(user_id: &str, folder: &str, name: &str) -> Option<String> {
    let object = format!("{user_id}/{folder}/{name}");
    (object.len() <= OBJECT_NAME_MAX && !user_id.is_empty()).then_some(object)
}

/// The ending, in lower case, of a name that has one.
pub(crate) fn ending(name: &str) -> Option<String> {
    let (stem, ending) = name.rsplit_once('.')?;
    let plain = ending.chars().all(|c| c.is_ascii_alphanumeric());
    (!stem.is_empty() && plain && (1..=8).contains(&ending.len())).then(|| ending.to_ascii_lowercase())
}

/// The type an ending stands for.
pub(crate) fn content_type(name: &str) -> Option<&'static str> {
    const TYPES: [(&str, &str); 44] = [
        ("aac", "audio/aac"),
        ("amr", "audio/amr"),
        ("avif", "image/avif"),
        ("bmp", "image/bmp"),
        ("csv", "text/csv"),
        ("doc", "application/msword"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("flac", "audio/flac"),
        ("gif", "image/gif"),
        ("gz", "application/gzip"),
        ("heic", "image/heic"),
        ("htm", "text/html"),
        ("html", "text/html"),
        ("ics", "text/calendar"),
        ("jpeg", "image/jpeg"),
        ("jpg", "image/jpeg"),
        ("json", "application/json"),
        ("log", "text/plain"),
        ("m4a", "audio/mp4"),
        ("md", "text/markdown"),
        ("mkv", "video/x-matroska"),
        ("mov", "video/quicktime"),
        ("mp3", "audio/mpeg"),
        ("mp4", "video/mp4"),
        ("oga", "audio/ogg"),
        ("ogg", "audio/ogg"),
        ("opus", "audio/ogg"),
        ("pdf", "application/pdf"),
        ("png", "image/png"),
        ("ppt", "application/vnd.ms-powerpoint"),
        ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("rtf", "application/rtf"),
        ("svg", "image/svg+xml"),
        ("tar", "application/x-tar"),
        ("txt", "text/plain"),
        ("wav", "audio/wav"),
        ("webm", "video/webm"),
        ("webp", "image/webp"),
        ("xls", "application/vnd.ms-excel"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("xml", "application/xml"),
        ("yaml", "application/yaml"),
        ("yml", "application/yaml"),
        ("zip", "application/zip"),
    ];
    let ending = ending(name)?;
    TYPES.iter().find(|(known, _)| *known == ending).map(|(_, kind)| *kind)
}

/// What is sent as `Content-Type` where nobody knows better.
pub(crate) const UNKNOWN_TYPE: &str = "application/octet-stream";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_never_a_path_and_never_empty() {
        let cases = [
            ("/etc/passwd", "passwd"),
            (r"C:\data\x\a b.txt", "a b.txt"),
            ("..", "file"),
            ("", "file"),
            ("a/../..", "file"),
            (".profile", "profile"),
            ("报告 2026.pdf", "报告 2026.pdf"),
            ("a?b#c%2f.png", "a_b_c_2f.png"),
            ("x\u{202e}gnp.exe", "x_gnp.exe"),
            ("a\nb\0c", "a_b_c"),
        ];
        for (given, expected) in cases {
            assert_eq!(safe(given), expected, "{given:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let name = safe(&format!("{}.pdf", "长".repeat(500)));
        assert!(name.len() <= FILE_NAME_MAX && name.ends_with("长.pdf"), "{name}");
    }

    #[test]
    fn an_object_stands_under_the_users_own_id_in_a_folder_of_its_own() {
        assert_eq!(object("bot_7", "ab12", "a.pdf").as_deref(), Some("bot_7/ab12/a.pdf"));
        assert_eq!(object("", "ab12", "a.pdf"), None);
        assert_eq!(object(&"x".repeat(OBJECT_NAME_MAX), "ab12", "a.pdf"), None);
    }

    #[test]
    fn the_ending_tells_the_type_whatever_its_case() {
        assert_eq!(content_type("A.PDF"), Some("application/pdf"));
        assert_eq!(content_type("a.tar.gz"), Some("application/gzip"));
        assert_eq!(content_type("pdf"), None);
        assert_eq!(content_type("a.p/f"), None);
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
