//! The files of the object storage: one folder per upload, one file per part.

use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use md5::{Digest as _, Md5};
use tempfile::TempDir;
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

use crate::model::objects::{Content, Part, hex};

/// Stores files in a folder of the data directory, or in a temporary folder that is removed with the server.
pub(crate) enum FileStore {
    Permanent(PathBuf),
    Temporary(OnceLock<TempDir>),
}

impl FileStore {
    pub(crate) fn temporary() -> Self {
        Self::Temporary(OnceLock::new())
    }

    fn path(&self) -> io::Result<&Path> {
        match self {
            Self::Permanent(path) => Ok(path),
            Self::Temporary(made) => {
                if let Some(made) = made.get() {
                    return Ok(made.path());
                }
                let fresh = tempfile::Builder::new().prefix("openim-dev-server-").tempdir()?;
                // If two tasks create a folder at once, one of them is removed again.
                Ok(made.get_or_init(|| fresh).path())
            }
        }
    }

    /// A file for a part that is being received; it is used once it is kept.
    pub(super) async fn receive(&self, folder: &str, attempt: &str) -> io::Result<IncomingPart> {
        let folder = self.path()?.join(folder);
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        builder.mode(0o700);
        builder.create(&folder).await?;
        let path = folder.join(format!("{attempt}.new"));
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        options.mode(0o600);
        Ok(IncomingPart { file: options.open(&path).await?, path, md5: Md5::new(), size: 0 })
    }

    /// Reads up to `most` bytes of the content, beginning at `offset`.
    pub(super) async fn read(&self, content: &Content, offset: u64, most: usize) -> io::Result<Vec<u8>> {
        let folder = self.path()?.join(&content.folder);
        let mut before = 0;
        for (at, size) in content.sizes.iter().enumerate() {
            if offset < before + size {
                let mut file = File::open(folder.join((at + 1).to_string())).await?;
                file.seek(SeekFrom::Start(offset - before)).await?;
                let mut bytes = Vec::with_capacity(most);
                file.take(most as u64).read_to_end(&mut bytes).await?;
                return Ok(bytes);
            }
            before += size;
        }
        Ok(Vec::new())
    }
}

/// A part that is being received. Dropping it before it is kept leaves an unused file.
pub(super) struct IncomingPart {
    file: File,
    path: PathBuf,
    md5: Md5,
    size: u64,
}

impl IncomingPart {
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.md5.update(bytes);
        self.size += bytes.len() as u64;
        self.file.write_all(bytes).await
    }

    /// Stores the file under the part's number and replaces an earlier one.
    pub(super) async fn keep(mut self, number: u32) -> io::Result<Part> {
        self.file.flush().await?;
        fs::rename(&self.path, self.path.with_file_name(number.to_string())).await?;
        Ok(Part { md5: hex(&self.md5.finalize()), size: self.size })
    }

    pub(super) async fn discard(self) {
        // A file that cannot be removed costs disk space and nothing else.
        let _ = fs::remove_file(&self.path).await;
    }
}
