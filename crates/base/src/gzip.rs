//! Unpacks gzip within a limit: a few kilobytes may unpack to gigabytes.

use std::io::{Read as _, Write as _};
use std::{error, fmt, mem};

use flate2::read::MultiGzDecoder;
use flate2::write::MultiGzDecoder as StreamDecoder;

/// Why packed bytes gave no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GunzipError {
    /// The bytes are no gzip, are damaged or end too early.
    Damaged,
    /// The unpacked bytes would exceed the limit.
    TooLarge,
}

impl fmt::Display for GunzipError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Damaged => "the bytes are not gzip",
            Self::TooLarge => "the unpacked bytes are larger than allowed",
        })
    }
}

impl error::Error for GunzipError {}

/// Unpacks `packed`, if the result has at most `max` bytes.
///
/// ```
/// use base::gzip::{GunzipError, gunzip_up_to};
///
/// assert_eq!(gunzip_up_to(b"not packed", 100), Err(GunzipError::Damaged));
/// ```
pub fn gunzip_up_to(packed: &[u8], max: usize) -> Result<Vec<u8>, GunzipError> {
    let mut plain = Vec::new();
    let limit = max as u64 + 1;
    MultiGzDecoder::new(packed).take(limit).read_to_end(&mut plain).map_err(|_| GunzipError::Damaged)?;
    if plain.len() > max {
        return Err(GunzipError::TooLarge);
    }
    Ok(plain)
}

/// Unpacks a stream piece by piece and counts what comes out.
#[derive(Debug)]
pub struct GunzipStream {
    decoder: StreamDecoder<Vec<u8>>,
    /// Bytes that may still come out.
    left: u64,
    is_empty: bool,
}

impl GunzipStream {
    /// A stream that may unpack to at most `max` bytes.
    pub fn new(max: u64) -> Self {
        Self { decoder: StreamDecoder::new(Vec::new()), left: max, is_empty: true }
    }

    /// Unpacks the next piece. The result may be a thousand times as large, so pieces should have at most
    /// [`GUNZIP_SLICE`](crate::limits::GUNZIP_SLICE) bytes.
    pub fn push(&mut self, packed: &[u8]) -> Result<Vec<u8>, GunzipError> {
        self.is_empty &= packed.is_empty();
        self.decoder.write_all(packed).map_err(|_| GunzipError::Damaged)?;
        self.take()
    }

    /// The rest, after the last piece. A stream without a single byte is an empty file.
    pub fn finish(mut self) -> Result<Vec<u8>, GunzipError> {
        if !self.is_empty {
            self.decoder.try_finish().map_err(|_| GunzipError::Damaged)?;
        }
        self.take()
    }

    fn take(&mut self) -> Result<Vec<u8>, GunzipError> {
        let plain = mem::take(self.decoder.get_mut());
        self.left = self.left.checked_sub(plain.len() as u64).ok_or(GunzipError::TooLarge)?;
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn through_stream(packed: &[u8], max: u64) -> Result<Vec<u8>, GunzipError> {
        let mut stream = GunzipStream::new(max);
        let mut plain = stream.push(&packed[..packed.len() / 2])?;
        plain.extend(stream.push(&packed[packed.len() / 2..])?);
        plain.extend(stream.finish()?);
        Ok(plain)
    }

    #[test]
    fn packed_bytes_come_out_again() {
        let text = "a frame ".repeat(1000).into_bytes();
        assert_eq!(gunzip_up_to(&gzip(&text), 8000).as_ref(), Ok(&text));
        assert_eq!(through_stream(&gzip(&text), 8000), Ok(text));
    }

    #[test]
    fn a_bomb_is_refused_at_the_limit() {
        let bomb = gzip(&vec![0; 100_000]);
        assert_eq!(gunzip_up_to(&bomb, 99_999), Err(GunzipError::TooLarge));
        assert_eq!(through_stream(&bomb, 99_999), Err(GunzipError::TooLarge));
        assert_eq!(gunzip_up_to(&bomb, 100_000).unwrap().len(), 100_000);
        assert_eq!(through_stream(&bomb, 100_000).unwrap().len(), 100_000);
    }

    #[test]
    fn bytes_that_are_cut_off_or_no_gzip_are_damaged() {
        for broken in [b"{}".as_slice(), &gzip(b"cut off in the middle of it")[..12]] {
            assert_eq!(gunzip_up_to(broken, 100), Err(GunzipError::Damaged));
            assert_eq!(through_stream(broken, 100), Err(GunzipError::Damaged));
        }
    }

    #[test]
    fn a_stream_without_a_byte_is_an_empty_file() {
        assert_eq!(GunzipStream::new(10).finish(), Ok(Vec::new()));
    }
}
