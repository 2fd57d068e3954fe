//! The server's hash of a file: of each part the MD5 in lower-case hex, joined with commas, and of that the MD5 again.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base::Result;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use md5::{Digest as _, Md5};

use super::file::Source;
use super::pool;
use crate::limits::{UPLOAD_BLOCK, UPLOAD_THREADS};

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// Counted from 1, as the server counts.
    pub(crate) number: i32,
    pub(crate) offset: u64,
    pub(crate) len: u64,
}

/// The parts of a file of `size` bytes; none where the numbers make no sense.
pub(crate) fn parts(size: u64, part_size: u64) -> impl Iterator<Item = Part> + Clone {
    let count = if part_size == 0 { 0 } else { size.div_ceil(part_size) };
    (0..count).zip(1..).map(move |(index, number)| {
        let offset = index * part_size;
        Part { number, offset, len: part_size.min(size - offset) }
    })
}

/// Hashes the parts side by side. Dropping the future stops the work after the block at hand.
pub(crate) async fn hash_parts(source: &Source, part_size: u64) -> Result<Vec<String>> {
    let gone = Flag(Arc::default());
    let each = parts(source.len, part_size).map(|part| {
        let (source, gone) = (source.clone(), gone.0.clone());
        async move { pool::run(move || hash_part(&source, part, &gone)).await? }
    });
    stream::iter(each).buffered(UPLOAD_THREADS).try_collect().await
}

fn hash_part(source: &Source, part: Part, gone: &AtomicBool) -> Result<String> {
    let mut hash = Md5::new();
    let mut block = vec![0; usize::try_from(part.len).unwrap_or(UPLOAD_BLOCK).min(UPLOAD_BLOCK)];
    let mut done = 0;
    while done < part.len && !gone.load(Ordering::Relaxed) {
        let len = usize::try_from(part.len - done).unwrap_or(UPLOAD_BLOCK).min(block.len());
        source.fill(part.offset + done, &mut block[..len])?;
        hash.update(&block[..len]);
        done += len as u64;
    }
    Ok(hex(&hash.finalize()))
}

/// The hash of the whole from those of its parts.
pub(crate) fn joined(parts: &[String]) -> String {
    hex(&Md5::digest(parts.join(",")))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Raised when whoever waits for the hashes has gone.
struct Flag(Arc<AtomicBool>);

impl Drop for Flag {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::media::Rules;

    async fn source(bytes: &[u8]) -> (tempfile::NamedTempFile, Source) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file.flush().unwrap();
        let source = Source::open(file.path().to_path_buf(), Rules::default()).await.unwrap();
        (file, source)
    }

    #[tokio::test]
    async fn case_73_the_hash_is_that_of_the_joined_hashes_of_the_parts() {
        let (_file, hello) = source(b"hello").await;
        let parts = hash_parts(&hello, 5 << 20).await.unwrap();
        assert_eq!(parts, ["5d41402abc4b2a76b9719d911017c592"]);
        assert_eq!(joined(&parts), "69a329523ce1ec88bf63061863d9cb14");
        let (_file, two) = source(&[b'A'; 5_242_890]).await;
        let parts = hash_parts(&two, 5 << 20).await.unwrap();
        assert_eq!(parts, ["b8fc857a25e7958868c2f003d5e0952d", "16c52c6e8326c071da771e66dc6e9e57"]);
        assert_eq!(joined(&parts), "24e0ccb8a8bb6be761103c32b6367229");
    }

    #[tokio::test]
    async fn the_hashes_stand_in_the_order_of_the_parts_however_many_there_are() {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
        let (_file, file) = source(&bytes).await;
        let expected: Vec<String> = bytes.chunks(70_001).map(|part| hex(&Md5::digest(part))).collect();
        assert_eq!(hash_parts(&file, 70_001).await.unwrap(), expected);
    }

    #[test]
    fn parts_cover_a_file_without_gap_or_overlap() {
        for (size, part_size) in [(1, 1), (10, 3), (9, 3), (5, 100), (1 << 40, 5 << 20)] {
            let mut end = 0;
            for (part, number) in parts(size, part_size).zip(1..) {
                assert_eq!((part.number, part.offset), (number, end));
                assert!(part.len > 0);
                end += part.len;
            }
            assert_eq!(end, size);
        }
        assert_eq!(parts(5, 0).count(), 0);
    }
}
