//! Writes the body of an answer into a private file, which is removed unless it is complete.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base::Result;
use base::gzip::{GunzipError, GunzipStream};
use base::limits::GUNZIP_SLICE;
use base::media_type::{self, HEAD, MediaType};
use hyper::body::Incoming;
use tempfile::{Builder, TempPath};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::task::spawn_blocking;
use url::Url;

use super::Downloaded;
use super::error::{broken, not_gzip, too_large, too_slow, unwritable};
use super::pace::{Pace, TooSlow};
use super::sweep::{self, PART};
use crate::{names, private_file};

/// How the server packed the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    None,
    Gzip,
}

/// Where a file comes from and where it goes.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) url: &'a Url,
    pub(super) max_bytes: u64,
    pub(super) directory: &'a Path,
    /// Whether to remove what killed processes have left in the directory.
    pub(super) sweeps: bool,
}

/// Writes the body into a file whose name ends with `name`.
pub(super) async fn save(
    target: Target<'_>,
    mut body: Incoming,
    encoding: Encoding,
    name: String,
) -> Result<Downloaded> {
    let mut sink = Sink::new(target).await?;
    let mut packed = 0;
    let mut gunzip = (encoding == Encoding::Gzip).then(|| GunzipStream::new(target.max_bytes));
    let unpacked = |result: Result<Vec<u8>, GunzipError>| {
        result.map_err(|error| match error {
            GunzipError::Damaged => not_gzip(target.url),
            GunzipError::TooLarge => too_large(target.url, target.max_bytes),
        })
    };
    let mut pace = Pace::new();
    while let Some(frame) = pace.next(&mut body).await.map_err(|TooSlow| too_slow(target.url))? {
        let frame = frame.map_err(|error| broken(target.url, error))?;
        // Trailers are of no use here.
        let Ok(bytes) = frame.into_data() else { continue };
        packed += bytes.len() as u64;
        if packed > target.max_bytes {
            return Err(too_large(target.url, target.max_bytes));
        }
        match &mut gunzip {
            None => sink.write(&bytes).await?,
            Some(gunzip) => {
                for slice in bytes.chunks(GUNZIP_SLICE) {
                    sink.write(&unpacked(gunzip.push(slice))?).await?;
                }
            }
        }
    }
    if let Some(gunzip) = gunzip {
        sink.write(&unpacked(gunzip.finish())?).await?;
    }
    sink.finish(name).await
}

/// Counts what is written, and keeps its first bytes to tell the type.
struct Sink<'a> {
    target: Target<'a>,
    file: File,
    partial: Partial,
    size: u64,
    head: Vec<u8>,
}

impl<'a> Sink<'a> {
    async fn new(target: Target<'a>) -> Result<Self> {
        let (directory, sweeps) = (target.directory.to_owned(), target.sweeps);
        let made = on_disk(target.directory, move || {
            let (file, partial) = Partial::create(&directory)?;
            if sweeps {
                // This download does not depend on it.
                let _ = partial.sweep(&file);
            }
            Ok((file, partial))
        });
        let (file, partial) = made.await?;
        Ok(Self { target, file: file.into(), partial, size: 0, head: Vec::with_capacity(HEAD) })
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.size += bytes.len() as u64;
        if self.size > self.target.max_bytes {
            return Err(too_large(self.target.url, self.target.max_bytes));
        }
        let wanted = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..wanted]);
        self.file.write_all(bytes).await.map_err(|error| unwritable(self.target.directory, error))
    }

    async fn finish(mut self, mut name: String) -> Result<Downloaded> {
        let MediaType { mime: content_type, extension: ending } =
            media_type::of_file(&self.head, names::extension(&name));
        if names::extension(&name).is_none() && !ending.is_empty() {
            name = names::safe(&format!("{name}.{ending}"));
        }
        self.file.flush().await.map_err(|error| unwritable(self.target.directory, error))?;
        let (partial, own) = (self.partial, name.clone());
        let path = on_disk(self.target.directory, move || partial.keep(&own)).await?;
        Ok(Downloaded { path, size: self.size, content_type, name })
    }
}

/// Does something with the directory, on a thread that may wait.
async fn on_disk<T: Send + 'static>(
    directory: &Path,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let done = spawn_blocking(work).await.unwrap_or_else(|_| Err(io::Error::other("it failed by a bug")));
    done.map_err(|error| unwritable(directory, error))
}

/// A private file that is removed when dropped, unless it is kept.
struct Partial(TempPath);

impl Partial {
    fn create(directory: &Path) -> io::Result<(fs::File, Self)> {
        private_file::make_directory(directory)?;
        let made = Builder::new().prefix("").suffix(PART).rand_bytes(12).tempfile_in(directory)?;
        let (file, path) = made.into_parts();
        Ok((file, Self(path)))
    }

    /// Removes the incomplete files of killed processes. The age of a file is told by the file system's own clock: that of
    /// the file just made.
    fn sweep(&self, file: &fs::File) -> io::Result<()> {
        sweep::parts(private_file::directory_of(&self.0), file.metadata()?.modified()?)
    }

    /// Gives the file its final name, which begins with the random part of the one it has.
    fn keep(self, name: &str) -> io::Result<PathBuf> {
        let stem = self.0.file_stem().unwrap_or_else(|| OsStr::new("file")).to_string_lossy();
        let path = self.0.with_file_name(format!("{stem}-{name}"));
        self.0.persist(&path)?;
        Ok(path)
    }
}
