//! The file that is uploaded: opened once, read by position in blocks, and watched for changes until it is through.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use base::{Error, Kind, Result};
use net::names;

use super::pool;
use crate::limits::{UPLOAD_BLOCK, UPLOAD_BYTES_MAX};

/// Which files are taken.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    pub max_bytes: u64,
    /// A symbolic link is refused where it is the last part of the path; the directories before it are the caller's.
    pub follow_links: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { max_bytes: UPLOAD_BYTES_MAX, follow_links: true }
    }
}

/// An open regular file. Cheap to clone; all clones are one file.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    file: Arc<File>,
    pub(crate) len: u64,
    /// For error texts and as the name people see.
    pub(crate) name: Arc<str>,
    opened: Mark,
}

/// What tells that a file is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    len: u64,
    modified: Option<SystemTime>,
}

impl Source {
    pub(crate) async fn open(path: PathBuf, rules: Rules) -> Result<Self> {
        pool::run(move || Self::open_now(&path, rules)).await?
    }

    fn open_now(path: &Path, rules: Rules) -> Result<Self> {
        let name = names::safe(&path.file_name().unwrap_or_default().to_string_lossy());
        let refuse = |kind, why: &str| Err(Error::new(kind, format!("\"{name}\" cannot be uploaded: {why}")));
        let (file, facts) = match open(path, rules.follow_links).and_then(|file| Ok((file.metadata()?, file))) {
            Ok((facts, file)) => (file, facts),
            Err(error) => return refuse(Kind::Upload, &unopened(&error)),
        };
        if !facts.is_file() {
            return refuse(Kind::Upload, "it is no regular file");
        }
        if facts.len() == 0 {
            return refuse(Kind::Upload, "it is empty, and the server takes no empty file");
        }
        if facts.len() > rules.max_bytes {
            let why = format!("it has {} bytes and at most {} are taken", facts.len(), rules.max_bytes);
            return refuse(Kind::TooLarge, &why);
        }
        Ok(Self { file: Arc::new(file), len: facts.len(), name: name.into(), opened: Mark::of(&facts) })
    }

    /// Reads exactly `len` bytes at `offset`, which is one block or less.
    pub(crate) async fn block(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        let this = self.clone();
        pool::run(move || {
            let mut block = vec![0; len.min(UPLOAD_BLOCK)];
            this.fill(offset, &mut block)?;
            Ok(block)
        })
        .await?
    }

    /// Reads a block on a thread that may wait.
    pub(crate) fn fill(&self, offset: u64, block: &mut [u8]) -> Result<()> {
        let mut done = 0;
        while done < block.len() {
            match read_at(&self.file, &mut block[done..], offset + done as u64) {
                Ok(0) => return Err(self.changed("it became shorter")),
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.changed("it can no longer be read").caused_by(error)),
            }
        }
        Ok(())
    }

    /// Fails where the file is not what it was when it was opened.
    pub(crate) async fn check(&self) -> Result<()> {
        let this = self.clone();
        pool::run(move || this.check_now()).await?
    }

    fn check_now(&self) -> Result<()> {
        let facts = self.file.metadata().map_err(|error| self.changed("it can no longer be read").caused_by(error))?;
        let now = Mark::of(&facts);
        if is_gone(&facts) {
            return Err(self.changed("it was deleted or replaced"));
        }
        if now.len != self.opened.len {
            let how = if now.len < self.opened.len { "it became shorter" } else { "it became longer" };
            return Err(self.changed(how));
        }
        if now != self.opened {
            return Err(self.changed("it was written to"));
        }
        Ok(())
    }

    fn changed(&self, how: &str) -> Error {
        let text =
            format!("\"{}\" changed while it was being uploaded: {how}; send it again once it is whole", self.name);
        Error::new(Kind::Upload, text)
    }

    /// Looks at what it is.
    pub(crate) async fn sniff(&self) -> Option<super::sniff::Facts> {
        let this = self.clone();
        pool::run(move || super::sniff::sniff(&mut Cursor { source: &this, at: 0 }, this.len)).await.ok().flatten()
    }
}

impl Mark {
    fn of(facts: &Metadata) -> Self {
        Self { len: facts.len(), modified: facts.modified().ok() }
    }
}

/// A position of its own in a shared file.
struct Cursor<'a> {
    source: &'a Source,
    at: u64,
}

impl io::Read for Cursor<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = read_at(&self.source.file, into, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl io::Seek for Cursor<'_> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        match to {
            io::SeekFrom::Start(at) => self.at = at,
            io::SeekFrom::End(_) | io::SeekFrom::Current(_) => return Err(io::ErrorKind::Unsupported.into()),
        }
        Ok(self.at)
    }
}

fn unopened(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "this process may not read it".to_owned(),
        #[cfg(unix)]
        _ if error.raw_os_error() == Some(libc::ELOOP) => "it is a symbolic link".to_owned(),
        _ => error.to_string(),
    }
}

/// Opens without waiting for a writer where the path names a pipe.
#[cfg(unix)]
fn open(path: &Path, follow_links: bool) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let links = if follow_links { 0 } else { libc::O_NOFOLLOW };
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | links).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path, follow_links: bool) -> io::Result<File> {
    if !follow_links && std::fs::symlink_metadata(path)?.file_type().is_symlink() {
        return Err(io::Error::other("it is a symbolic link"));
    }
    OpenOptions::new().read(true).open(path)
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, offset)
}

#[cfg(windows)]
fn read_at(file: &File, into: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, offset)
}

/// No name leads to the open file any more.
#[cfg(unix)]
fn is_gone(facts: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(facts) == 0
}

#[cfg(not(unix))]
fn is_gone(_: &Metadata) -> bool {
    false
}
