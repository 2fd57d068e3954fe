//! The manual-login marker: a file per account that says a person has to bring a token. There while it is needed.

use std::io;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::files;

/// Where the marker of one account is, and whether it stands.
#[derive(Debug)]
pub struct Marker {
    path: PathBuf,
    /// What was written last; none where the file is known to be gone. Writes and removals follow each other.
    standing: Mutex<Option<Standing>>,
}

#[derive(Debug, PartialEq)]
enum Standing {
    /// From an earlier run perhaps.
    Unknown,
    Written,
}

/// What the marker says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The account.
    pub account: String,
    /// The server's address.
    pub server: String,
    /// The user.
    pub user: String,
    /// Why a token is needed.
    pub reason: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// What a person should do.
    pub what_to_do: String,
    /// The account goes on trying by itself.
    pub retrying: bool,
}

impl Marker {
    /// `template` with the account's id before the extension, or where it says `{accountId}`.
    pub fn new(template: &Path, account: &str) -> Self {
        Self { path: path_for(template, account), standing: Mutex::new(Some(Standing::Unknown)) }
    }

    /// Where the marker is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn stands(&self) -> bool {
        *self.standing.lock() == Some(Standing::Written)
    }

    pub(super) fn write(&self, notice: &Notice) -> io::Result<()> {
        let mut standing = self.standing.lock();
        let text = serde_json::to_string_pretty(&notice.to_json())?;
        files::replace(&self.path, format!("{text}\n").as_bytes())?;
        *standing = Some(Standing::Written);
        Ok(())
    }

    /// The account works again.
    pub(super) fn clear(&self) -> io::Result<()> {
        let mut standing = self.standing.lock();
        if standing.is_some() {
            files::remove(&self.path)?;
            *standing = None;
        }
        Ok(())
    }
}

impl Notice {
    fn to_json(&self) -> Value {
        json!({
            "accountId": self.account,
            "server": self.server,
            "userID": self.user,
            "reason": self.reason,
            "time": iso(self.at_ms),
            "retrying": self.retrying,
            "whatToDo": self.what_to_do,
        })
    }
}

fn path_for(template: &Path, account: &str) -> PathBuf {
    // An account's name is the operator's, but a path of its own it must not become.
    let account: String = account.chars().map(|c| if matches!(c, '/' | '\\' | '\0') { '_' } else { c }).collect();
    let name = template.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if template.to_string_lossy().contains("{accountId}") {
        return PathBuf::from(template.to_string_lossy().replace("{accountId}", &account));
    }
    let name = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => format!("{stem}.{account}.{extension}"),
        _ => format!("{name}.{account}"),
    };
    template.with_file_name(name)
}

/// `2026-11-20T12:00:00Z`.
fn iso(ms: i64) -> String {
    let seconds = ms.div_euclid(1_000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days to a date, by the calendar's 400 years (Hinnant).
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn notice() -> Notice {
        Notice {
            account: "support".into(),
            server: "http://im:10002".into(),
            user: "bot_7".into(),
            reason: "the token has expired".into(),
            at_ms: 1_795_176_000_000,
            what_to_do: "issue a token".into(),
            retrying: false,
        }
    }

    #[test]
    fn the_account_stands_before_the_extension_or_where_the_template_says() {
        for (template, expected) in [
            ("/d/manual-login.json", "/d/manual-login.support.json"),
            ("/d/marker", "/d/marker.support"),
            ("/d/.hidden", "/d/.hidden.support"),
            ("/d.x/a.b.json", "/d.x/a.b.support.json"),
            ("/d/{accountId}/m.json", "/d/support/m.json"),
        ] {
            assert_eq!(path_for(Path::new(template), "support"), Path::new(expected));
        }
        assert_eq!(path_for(Path::new("/d/m.json"), "../../etc/x"), Path::new("/d/m..._.._etc_x.json"));
    }

    #[test]
    fn a_marker_says_everything_and_goes_when_it_is_no_longer_needed() {
        let directory = tempfile::tempdir().unwrap();
        let marker = Marker::new(&directory.path().join("deep").join("manual-login.json"), "support");
        marker.clear().unwrap();
        marker.write(&notice()).unwrap();
        assert!(marker.stands());
        let golden = "{\n  \"accountId\": \"support\",\n  \"reason\": \"the token has expired\",\n  \"retrying\": false,\n  \"server\": \"http://im:10002\",\n  \"time\": \"2026-11-20T12:00:00Z\",\n  \"userID\": \"bot_7\",\n  \"whatToDo\": \"issue a token\"\n}\n";
        assert_eq!(fs::read_to_string(marker.path()).unwrap(), golden);
        marker.clear().unwrap();
        assert!(!marker.path().exists() && !marker.stands());
    }

    #[test]
    fn a_marker_of_an_earlier_run_is_cleared_too() {
        let directory = tempfile::tempdir().unwrap();
        let template = directory.path().join("m.json");
        Marker::new(&template, "a").write(&notice()).unwrap();
        let later = Marker::new(&template, "a");
        later.clear().unwrap();
        assert!(!later.path().exists());
    }

    #[test]
    fn dates_are_the_calendars() {
        for (ms, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_795_176_061_999, "2026-11-20T12:01:01Z"),
            (4_102_444_799_000, "2099-12-31T23:59:59Z"),
        ] {
            assert_eq!(iso(ms), expected);
        }
    }
}
