//! Tells texts apart without keeping them. Written to disk, so it is the same in every build.

/// 128-bit FNV-1a.
pub(crate) fn wide(text: &str) -> u128 {
    let offset = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
    text.bytes()
        .fold(offset, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b))
}
