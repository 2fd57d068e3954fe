//! The name that a server gives a file: short, no path, and stable.

use net::limits::FILE_NAME_MAX;
use net::{download_name, names};
use url::Url;

pub(crate) fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (header, path) = text.split_once('\u{0}').unwrap_or((&text, "x"));
    let Ok(url) = Url::parse(&format!("http://h/{path}")) else { return };
    let quoted = format!("attachment; filename=\"{header}");
    let extended = format!("x; filename*=utf-8''{header}");
    for disposition in [None, Some(header), Some(&quoted), Some(&extended)] {
        let name = download_name(disposition, &url);
        assert!(!name.is_empty() && name.len() <= FILE_NAME_MAX, "{name}");
        assert!(!name.contains(['/', '\\', '%', '$']) && !name.chars().any(char::is_control), "{name}");
        assert!(name != "." && name != ".." && names::safe(&name) == name, "{name}");
    }
}
