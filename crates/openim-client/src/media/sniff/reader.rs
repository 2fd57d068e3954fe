//! Reads pieces of a file within a budget, so that no header can make us read more than a bounded part of it.

use std::io::{Read, Seek, SeekFrom};

use crate::limits::{SNIFF_BYTES, SNIFF_READS};

pub(super) struct Reader<'a, R> {
    source: &'a mut R,
    pub(super) len: u64,
    bytes_left: usize,
    reads_left: usize,
}

impl<'a, R: Read + Seek> Reader<'a, R> {
    pub(super) const fn new(source: &'a mut R, len: u64) -> Self {
        Self { source, len, bytes_left: SNIFF_BYTES, reads_left: SNIFF_READS }
    }

    /// What stands at `offset`, at most `most` bytes; less at the end of the file, of the budget, or of luck.
    pub(super) fn up_to(&mut self, offset: u64, most: usize) -> Vec<u8> {
        let most = most.min(self.bytes_left);
        if most == 0 || self.reads_left == 0 || offset >= self.len {
            return Vec::new();
        }
        self.reads_left -= 1;
        let mut found = Vec::new();
        let wanted = most.min(usize::try_from(self.len - offset).unwrap_or(most));
        let read = self.source.seek(SeekFrom::Start(offset)).and_then(|_| {
            let wanted = u64::try_from(wanted).unwrap_or_default();
            self.source.by_ref().take(wanted).read_to_end(&mut found)
        });
        self.bytes_left -= found.len().min(self.bytes_left);
        if read.is_ok() { found } else { Vec::new() }
    }

    /// Exactly `N` bytes at `offset`.
    pub(super) fn exactly<const N: usize>(&mut self, offset: u64) -> Option<[u8; N]> {
        self.up_to(offset, N).try_into().ok()
    }
}

/// `N` bytes of a piece that was read already.
pub(super) fn at<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..offset.checked_add(N)?)?.try_into().ok()
}

pub(super) fn be16(bytes: &[u8], offset: usize) -> Option<u16> {
    at(bytes, offset).map(u16::from_be_bytes)
}

pub(super) fn be32(bytes: &[u8], offset: usize) -> Option<u32> {
    at(bytes, offset).map(u32::from_be_bytes)
}

pub(super) fn be64(bytes: &[u8], offset: usize) -> Option<u64> {
    at(bytes, offset).map(u64::from_be_bytes)
}

pub(super) fn le16(bytes: &[u8], offset: usize) -> Option<u16> {
    at(bytes, offset).map(u16::from_le_bytes)
}

pub(super) fn le32(bytes: &[u8], offset: usize) -> Option<u32> {
    at(bytes, offset).map(u32::from_le_bytes)
}

pub(super) fn le64(bytes: &[u8], offset: usize) -> Option<u64> {
    at(bytes, offset).map(u64::from_le_bytes)
}

/// `units` of which `rate` make a second, in milliseconds; 0 where the rate is.
pub(super) fn millis(units: u64, rate: u64) -> u64 {
    let millis = (u128::from(units) * 1_000).checked_div(u128::from(rate)).unwrap_or_default();
    // Longer than a year is a broken header.
    const YEAR: u64 = 366 * 24 * 3_600 * 1_000;
    u64::try_from(millis).ok().filter(|millis| *millis < YEAR).unwrap_or_default()
}
