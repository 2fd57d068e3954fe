//! gzip of binary frames, asked for with `compression=gzip`. What comes out is bounded, whatever the header promises.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

use super::Malformed;
use crate::limits::GUNZIP_MAX;

pub fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 2 + 32), Compression::fast());
    // Writing into memory cannot fail; an empty answer would be refused by the peer as a failed gunzip.
    if encoder.write_all(plain).is_err() {
        return Vec::new();
    }
    encoder.finish().unwrap_or_default()
}

/// Why there is no result where it would be larger than it may.
pub const TOO_LARGE: &str = "gzip: larger than it may be";

pub fn gunzip(packed: &[u8]) -> Result<Vec<u8>, Malformed> {
    gunzip_up_to(packed, GUNZIP_MAX)
}

pub fn gunzip_up_to(packed: &[u8], max: usize) -> Result<Vec<u8>, Malformed> {
    let mut plain = Vec::new();
    let limit = max as u64 + 1;
    MultiGzDecoder::new(packed).take(limit).read_to_end(&mut plain).map_err(|_| Malformed("gzip"))?;
    if plain.len() > max {
        return Err(Malformed(TOO_LARGE));
    }
    Ok(plain)
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
        let bomb = gzip(&vec![0; 100_000]);
        assert_eq!(gunzip_up_to(&bomb, 99_999), Err(Malformed(TOO_LARGE)));
        assert_eq!(gunzip_up_to(&bomb, 100_000).unwrap().len(), 100_000);
    }

    #[test]
    fn what_is_not_gzip_is_malformed() {
        assert!(gunzip(b"{}").is_err());
        assert!(gunzip(&gzip(b"cut off in the middle of it")[..12]).is_err());
    }
}
