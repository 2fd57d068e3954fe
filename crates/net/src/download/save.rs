//! The body of an answer, into a private file that is removed unless it gets whole.

use std::fs;
use std::io;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use base::media_type::{self, HEAD, MediaType};
use base::{Error, Kind, Result};
use flate2::write::MultiGzDecoder;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::Downloaded;
use super::redirect::Redirect;
use crate::blocking;
use crate::limits::{ABANDONED_AFTER, UNPACK_SLICE};
use crate::names;

/// How the server packed the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    None,
    Gzip,
}

/// Writes the body down.
pub(super) async fn save(
    redirect: &Redirect<'_>,
    mut body: Incoming,
    packing: Encoding,
    name: String,
) -> Result<Downloaded> {
    let mut sink = Sink::new(redirect).await?;
    let mut packed = 0;
    let mut decoder = (packing == Encoding::Gzip).then(|| MultiGzDecoder::new(Vec::new()));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| redirect.broken(error))?;
        // Trailers are of no use here.
        let Ok(bytes) = frame.into_data() else { continue };
        packed += bytes.len() as u64;
        if packed > redirect.limits.max_bytes {
            return Err(redirect.too_large());
        }
        match &mut decoder {
            None => sink.write(&bytes).await?,
            Some(decoder) => {
                for slice in bytes.chunks(UNPACK_SLICE) {
                    decoder.write_all(slice).map_err(|_| redirect.unpackable())?;
                    sink.write(&std::mem::take(decoder.get_mut())).await?;
                }
            }
        }
    }
    if let Some(mut decoder) = decoder {
        // A body without a byte is an empty file, packed or not.
        if packed > 0 {
            decoder.try_finish().map_err(|_| redirect.unpackable())?;
        }
        sink.write(&std::mem::take(decoder.get_mut())).await?;
    }
    sink.finish(name).await
}

/// Counts, remembers the head, writes.
struct Sink<'a> {
    redirect: &'a Redirect<'a>,
    file: File,
    partial: Partial,
    size: u64,
    head: Vec<u8>,
}

impl<'a> Sink<'a> {
    async fn new(redirect: &'a Redirect<'a>) -> Result<Self> {
        let (directory, first) = (redirect.directory.to_owned(), redirect.first);
        let made = on_disk(redirect.directory, move || {
            let (file, partial) = Partial::create(&directory)?;
            if first {
                // What cannot be swept away now is none of this download's business.
                let _ = partial.sweep(&file);
            }
            Ok((file, partial))
        });
        let (file, partial) = made.await?;
        Ok(Self { redirect, file: file.into(), partial, size: 0, head: Vec::with_capacity(HEAD) })
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.size += bytes.len() as u64;
        if self.size > self.redirect.limits.max_bytes {
            return Err(self.redirect.too_large());
        }
        let wanted = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..wanted]);
        self.file.write_all(bytes).await.map_err(|error| unwritable(self.redirect.directory, error))
    }

    async fn finish(mut self, mut name: String) -> Result<Downloaded> {
        let MediaType { mime: content_type, extension: ending } =
            media_type::of_file(&self.head, names::extension(&name));
        if names::extension(&name).is_none() && !ending.is_empty() {
            name = names::safe(&format!("{name}.{ending}"));
        }
        self.file.flush().await.map_err(|error| unwritable(self.redirect.directory, error))?;
        let (mut partial, own) = (self.partial, name.clone());
        let path = on_disk(self.redirect.directory, move || partial.keep(&own)).await?;
        Ok(Downloaded { path, size: self.size, content_type, name })
    }
}

/// Does something with the directory.
async fn on_disk<T: Send + 'static>(
    directory: &Path,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let done = blocking(work).await.unwrap_or_else(|| Err(io::Error::other("it failed by a bug")));
    done.map_err(|error| unwritable(directory, error))
}

/// The ending of a file that is not whole.
const PART: &str = ".part";

/// A file of this user alone that is removed unless it is kept.
struct Partial {
    path: Option<PathBuf>,
    /// What makes the names of this file its own.
    stem: String,
    directory: PathBuf,
}

impl Partial {
    fn create(directory: &Path) -> io::Result<(fs::File, Self)> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        const TRIES: usize = 1000;
        let (mut builder, mut options) = (fs::DirBuilder::new(), fs::OpenOptions::new());
        builder.recursive(true);
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
            builder.mode(0o700);
            options.mode(0o600);
        }
        builder.create(directory)?;
        for _ in 0..TRIES {
            let stem = format!("{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
            let path = directory.join(format!("{stem}{PART}"));
            match options.open(&path) {
                Ok(file) => return Ok((file, Self { path: Some(path), stem, directory: directory.to_owned() })),
                // Left over from another life of this process number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Removes what a killed process has left behind. How old a file is, the file system's own clock says: that of the
    /// file just made.
    fn sweep(&self, file: &fs::File) -> io::Result<()> {
        let now = file.metadata()?.modified()?;
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            let name = entry.file_name();
            if !name.to_string_lossy().ends_with(PART) {
                continue;
            }
            let written = entry.metadata()?.modified()?;
            if now.duration_since(written).is_ok_and(|age| age > ABANDONED_AFTER) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Gives the file its name, which is nobody else's.
    fn keep(&mut self, name: &str) -> io::Result<PathBuf> {
        let mut path = self.directory.join(format!("{}-{name}", self.stem));
        let mut again = 0;
        while path.try_exists()? {
            again += 1;
            path = self.directory.join(format!("{}-{again}-{name}", self.stem));
        }
        if let Some(partial) = &self.path {
            fs::rename(partial, &path)?;
        }
        self.path = None;
        Ok(path)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // Nobody is left to be told; a directory that has gone has taken the file along.
            let _ = fs::remove_file(path);
        }
    }
}

fn unwritable(directory: &Path, error: io::Error) -> Error {
    let text = format!(
        "a download could not be written to {} ({error}); see that the directory can be written and has room",
        directory.display()
    );
    Error::new(Kind::Download, text).caused_by(error)
}
