//! Pictures: PNG, JPEG, GIF, WebP and BMP with their size in pixels.

use std::io::{Read, Seek};

use super::reader::{Reader, be16, be32, le16, le32};
use super::{Facts, Kind};

pub(super) fn sniff<R: Read + Seek>(reader: &mut Reader<'_, R>, head: &[u8]) -> Option<Facts> {
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(Facts::new(Kind::Picture, "image/png", "png").sized(png(head).unwrap_or_default()));
    }
    if head.starts_with(&[0xff, 0xd8, 0xff]) {
        return Some(Facts::new(Kind::Picture, "image/jpeg", "jpg").sized(jpeg(reader).unwrap_or_default()));
    }
    if head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a") {
        return Some(Facts::new(Kind::Picture, "image/gif", "gif").sized(gif(head).unwrap_or_default()));
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Some(Facts::new(Kind::Picture, "image/webp", "webp").sized(webp(head).unwrap_or_default()));
    }
    // Two letters alone are no proof: the size of the second header has to be one that exists.
    if head.starts_with(b"BM") && le32(head, 14).is_some_and(|size| matches!(size, 12 | 40 | 52 | 56 | 64 | 108 | 124))
    {
        return Some(Facts::new(Kind::Picture, "image/bmp", "bmp").sized(bmp(head).unwrap_or_default()));
    }
    None
}

fn png(head: &[u8]) -> Option<(u32, u32)> {
    (head.get(12..16)? == b"IHDR").then_some((be32(head, 16)?, be32(head, 20)?))
}

fn gif(head: &[u8]) -> Option<(u32, u32)> {
    Some((le16(head, 6)?.into(), le16(head, 8)?.into()))
}

fn bmp(head: &[u8]) -> Option<(u32, u32)> {
    if le32(head, 14)? == 12 {
        return Some((le16(head, 18)?.into(), le16(head, 20)?.into()));
    }
    // A negative height means that the rows begin at the top.
    Some((le32(head, 18)?.cast_signed().unsigned_abs(), le32(head, 22)?.cast_signed().unsigned_abs()))
}

fn webp(head: &[u8]) -> Option<(u32, u32)> {
    match head.get(12..16)? {
        b"VP8 " => {
            let key_frame = head.get(23..26)? == [0x9d, 0x01, 0x2a];
            key_frame.then_some((u32::from(le16(head, 26)? & 0x3fff), u32::from(le16(head, 28)? & 0x3fff)))
        }
        b"VP8L" => {
            let bits = (*head.get(20)? == 0x2f).then_some(le32(head, 21)?)?;
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        b"VP8X" => {
            let number = |at: usize| Some(u32::from(le16(head, at)?) | u32::from(*head.get(at + 2)?) << 16);
            Some((number(24)? + 1, number(27)? + 1))
        }
        _ => None,
    }
}

/// Walks the segments to the first frame header. A preview inside the Exif segment is stepped over with it.
fn jpeg<R: Read + Seek>(reader: &mut Reader<'_, R>) -> Option<(u32, u32)> {
    let mut at = 2;
    let mut turned = false;
    loop {
        let [mark, marker, high, low] = reader.exactly(at)?;
        if mark != 0xff {
            return None;
        }
        match marker {
            // Filling before a marker.
            0xff => at += 1,
            // Markers without a segment.
            0x01 | 0xd0..=0xd8 => at += 2,
            // The end, or the picture itself without a frame header.
            0xd9 | 0xda => return None,
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let frame: [u8; 4] = reader.exactly(at + 5)?;
                let (height, width) = (be16(&frame, 0)?.into(), be16(&frame, 2)?.into());
                return Some(if turned { (height, width) } else { (width, height) });
            }
            _ => {
                if marker == 0xe1 {
                    turned |= lies_on_its_side(&reader.up_to(at + 4, EXIF_HEAD)).unwrap_or_default();
                }
                let length = u64::from(u16::from_be_bytes([high, low]));
                if length < 2 {
                    return None;
                }
                at += 2 + length;
            }
        }
    }
}

/// The first directory of an Exif segment stands at its beginning.
const EXIF_HEAD: usize = 1_024;
/// Its entry for the orientation.
const ORIENTATION: u16 = 0x0112;

/// Whether Exif says that the picture is shown with width and height exchanged.
fn lies_on_its_side(exif: &[u8]) -> Option<bool> {
    let tiff = exif.strip_prefix(b"Exif\0\0")?;
    let little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at| if little { le16(tiff, at) } else { be16(tiff, at) };
    let directory = if little { le32(tiff, 4) } else { be32(tiff, 4) };
    let directory = usize::try_from(directory?).ok()?;
    for entry in 0..usize::from(short(directory)?) {
        let at = directory.checked_add(2 + entry * 12)?;
        if short(at)? == ORIENTATION {
            return Some((5..=8).contains(&short(at.checked_add(8)?)?));
        }
    }
    Some(false)
}
