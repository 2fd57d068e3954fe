//! Files for their owner alone (mode 0600 on Unix): made in private directories (0700), and replaced as a whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::Builder;

/// The ending of a file that [`replace`] has not finished.
const UNFINISHED: &str = ".tmp";

/// Makes a directory, with those above it, for the owner alone. A directory that is there already stays as it is.
pub fn make_directory(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Options to write a file that, if they make it, is its owner's alone.
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Takes a file that is there already away from everybody but its owner.
#[cfg(unix)]
pub fn restrict(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

/// Takes a file that is there already away from everybody but its owner. On this system the directory decides.
#[cfg(not(unix))]
pub fn restrict(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Replaces a file as a whole and durably: a reader, also one after a crash, finds the old file or the new one.
///
/// Removes the unfinished files of earlier calls that were killed. So only one process may replace a file at a time.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A symbolic link stays: the file it leads to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let directory = directory_of(&path);
    make_directory(directory)?;
    let prefix = beside(&path, "").file_name().unwrap_or_default().to_owned();
    sweep(directory, &prefix.to_string_lossy());
    let mut file = Builder::new().prefix(&prefix).suffix(UNFINISHED).tempfile_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    // The new name has to reach the disk, too. Not every file system lets a directory be synced.
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
    Ok(())
}

/// `.name.<ending>` in the directory of `path`, for instance for a lock.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    directory_of(path).join(format!(".{name}.{ending}"))
}

/// The directory a file is in; the current one for a bare name.
pub fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn sweep(directory: &Path, prefix: &str) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(prefix) && name.ends_with(UNFINISHED) {
            // If it cannot be removed, the next call tries again.
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep").join("tokens.json");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(names(path.parent().unwrap()), ["tokens.json"]);
    }

    #[test]
    fn unfinished_files_of_this_file_are_removed_and_others_stay() {
        let directory = tempfile::tempdir().unwrap();
        for name in [".a.json.77-0.tmp", ".b.json.77-0.tmp", ".a.json.lock"] {
            fs::write(directory.path().join(name), "x").unwrap();
        }
        replace(&directory.path().join("a.json"), b"{}").unwrap();
        assert_eq!(names(directory.path()), [".a.json.lock", ".b.json.77-0.tmp", "a.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_and_write() {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("private").join("x");
        replace(&path, b"1").unwrap();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        let (made, open) = (path.with_extension("made"), path.with_extension("open"));
        options().create_new(true).open(&made).unwrap();
        fs::write(&open, "readable by the group").unwrap();
        restrict(&open).unwrap();
        assert_eq!((mode(&made), mode(&open)), (0o600, 0o600));
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_stays_and_its_target_is_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let (real, link) = (directory.path().join("real.json"), directory.path().join("link.json"));
        fs::write(&real, b"one").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        replace(&link, b"two").unwrap();
        assert_eq!((fs::read(&real).unwrap(), fs::read_link(&link).unwrap()), (b"two".to_vec(), real));
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let taken = directory.path().join("taken");
        fs::create_dir(&taken).unwrap();
        fs::write(taken.join("x"), "").unwrap();
        assert!(replace(&taken, b"a file cannot replace a directory").is_err());
        assert_eq!(names(directory.path()), ["taken"]);
    }
}
