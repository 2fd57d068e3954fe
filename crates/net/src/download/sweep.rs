//! Removes what killed processes have left in a directory of downloads.

use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use crate::limits::ABANDONED_AFTER;

/// The ending of a file that is not complete.
pub(super) const PART: &str = ".part";

/// Removes the files of a directory that nobody has written to for a day, complete or not. The directory has to be one
/// that only downloads go to. The age of a file is told by the file system's own clock: that of a file made now.
pub fn sweep(directory: &Path) -> io::Result<()> {
    let now = tempfile::tempfile_in(directory)?.metadata()?.modified()?;
    remove_older(directory, now, |_| true)
}

/// Removes incomplete files that were abandoned before `now`.
pub(super) fn parts(directory: &Path, now: SystemTime) -> io::Result<()> {
    remove_older(directory, now, |name| name.ends_with(PART))
}

fn remove_older(directory: &Path, now: SystemTime, wanted: impl Fn(&str) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        // The type is that of a link itself, so what it leads to stays.
        if !entry.file_type()?.is_file() || !wanted(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let written = entry.metadata()?.modified()?;
        if now.duration_since(written).is_ok_and(|age| age > ABANDONED_AFTER) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn files_that_nobody_has_claimed_for_a_day_are_removed() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        let hour = Duration::from_secs(60 * 60);
        for (name, age) in [("1-picture.png", 25 * hour), ("2-picture.png", 23 * hour), ("3.part", 25 * hour)] {
            let file = fs::File::create(path(name)).unwrap();
            file.set_modified(file.metadata().unwrap().modified().unwrap() - age).unwrap();
        }
        fs::create_dir(path("folder")).unwrap();
        sweep(directory.path()).unwrap();
        let names = ["1-picture.png", "2-picture.png", "3.part", "folder"];
        assert_eq!(names.map(|name| path(name).exists()), [false, true, false, true]);
        assert!(sweep(&path("absent")).is_err());
    }
}
