//! Fingerprints tell texts apart without keeping them. They are written to disk, so they are the same in every build
//! and never change.

/// 128 bits, for logins, accounts and tokens: FNV-1a.
pub(crate) fn bits128(text: &str) -> u128 {
    let offset = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
    text.bytes()
        .fold(offset, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b))
}

/// [`bits128`] as 32 hexadecimal digits, for files that people read.
pub(crate) fn hex(text: &str) -> String {
    format!("{:032x}", bits128(text))
}

/// 64 bits, for message ids: FNV-1a with a final mix.
pub(crate) fn bits64(text: &str) -> u64 {
    mixed(fold64(0xcbf2_9ce4_8422_2325, text.as_bytes()))
}

/// 64 bits of two texts. The separator is no byte of any text, so that the pair is unambiguous.
pub(crate) fn pair64(first: &str, second: &str) -> u64 {
    let hash = fold64(0xcbf2_9ce4_8422_2325, first.as_bytes());
    mixed(fold64(fold64(hash, &[0xff]), second.as_bytes()))
}

fn fold64(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// FNV alone leaves the upper bits of short texts alike.
const fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_on_disk_never_change() {
        // Published test vectors of FNV-1a, 128 bits.
        assert_eq!(hex(""), "6c62272e07bb014262b821756295c58d");
        assert_eq!(hex("a"), "d228cb696f1a8caf78912b704e4a8964");
        assert_eq!(bits64("m12"), 0x1eab02eb6ca57cfe, "as version 0.3.0 computed it");
    }

    #[test]
    fn a_pair_is_more_than_its_joined_text() {
        assert_ne!(pair64("ab", "c"), pair64("a", "bc"));
        assert_ne!(pair64("", "abc"), pair64("abc", ""));
    }
}
