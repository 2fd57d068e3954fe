//! gzip of binary frames, asked for with `compression=gzip`. What comes out is bounded, whatever the header promises.

use std::io::Write as _;

use base::gzip::{GunzipError, gunzip_up_to};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::Malformed;
use crate::limits::GUNZIP_MAX;

/// Compresses a frame.
pub fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 2 + 32), Compression::fast());
    // Writing into memory cannot fail; an empty answer would be refused by the peer as a failed gunzip.
    if encoder.write_all(plain).is_err() {
        return Vec::new();
    }
    encoder.finish().unwrap_or_default()
}

/// Unpacks a frame of at most [`GUNZIP_MAX`] bytes.
pub fn gunzip(packed: &[u8]) -> Result<Vec<u8>, Malformed> {
    gunzip_up_to(packed, GUNZIP_MAX).map_err(|error| match error {
        GunzipError::Damaged => Malformed("gzip"),
        GunzipError::TooLarge => Malformed("gzip: larger than it may be"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_out_again() {
        let text = "a frame ".repeat(1000);
        assert_eq!(gunzip(&gzip(text.as_bytes())).unwrap(), text.as_bytes());
    }

    #[test]
    fn a_bomb_is_refused_at_the_limit() {
        let bomb = gzip(&vec![0; GUNZIP_MAX + 1]);
        assert_eq!(gunzip(&bomb), Err(Malformed("gzip: larger than it may be")));
        assert_eq!(gunzip(&gzip(&vec![0; GUNZIP_MAX])).unwrap().len(), GUNZIP_MAX);
    }

    #[test]
    fn what_is_not_gzip_is_malformed() {
        assert!(gunzip(b"{}").is_err());
        assert!(gunzip(&gzip(b"cut off in the middle of it")[..12]).is_err());
    }
}
