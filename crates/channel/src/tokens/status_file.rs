//! The manual-login marker: a file per account that says a person has to bring a token. There while it is needed.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{encode, files};

/// Where the marker of one account is, and whether it stands.
#[derive(Debug)]
pub struct Marker {
    path: PathBuf,
    /// The file may be there, also from an earlier run. Held over writes and removals, so that they follow each other.
    may_exist: Mutex<bool>,
    /// This run has written it. Read without waiting for the disk.
    is_written: AtomicBool,
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
        Self { path: path_for(template, account), may_exist: Mutex::new(true), is_written: AtomicBool::new(false) }
    }

    /// Where the marker is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn stands(&self) -> bool {
        self.is_written.load(Ordering::Acquire)
    }

    pub(super) fn write(&self, notice: &Notice) -> io::Result<()> {
        let mut may_exist = self.may_exist.lock();
        let text = serde_json::to_string_pretty(&notice.to_json())?;
        files::replace(&self.path, format!("{text}\n").as_bytes())?;
        *may_exist = true;
        self.is_written.store(true, Ordering::Release);
        Ok(())
    }

    /// The account works again.
    pub(super) fn clear(&self) -> io::Result<()> {
        let mut may_exist = self.may_exist.lock();
        if *may_exist {
            files::remove(&self.path)?;
            *may_exist = false;
            self.is_written.store(false, Ordering::Release);
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
    let account = encode::path_part(account);
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

/// `2026-11-20T12:00:00Z`; empty for a time that no calendar has.
fn iso(ms: i64) -> String {
    jiff::Timestamp::from_second(ms.div_euclid(1_000)).map_or_else(|_| String::new(), |time| time.to_string())
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
        assert_eq!(path_for(Path::new("/d/m.json"), "../../etc/x"), Path::new("/d/m.%2E.%2F..%2Fetc%2Fx.json"));
        assert_eq!(path_for(Path::new("/d/{accountId}/m.json"), ".."), Path::new("/d/%2E./m.json"));
        let [one, other] = ["a/b", "a_b"].map(|account| path_for(Path::new("/d/m.json"), account));
        assert_ne!(one, other);
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
    fn whether_a_marker_stands_does_not_wait_for_the_disk() {
        let directory = tempfile::tempdir().unwrap();
        let marker = Marker::new(&directory.path().join("m.json"), "a");
        marker.write(&notice()).unwrap();
        let _slow_disk = marker.may_exist.lock();
        assert!(marker.stands());
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
