//! Sound: WAV, MP3, Ogg (Opus, Vorbis), FLAC, AMR and AAC with their length.

use std::io::{Read, Seek};

use super::reader::{Reader, at, be16, be32, le16, le32, le64, millis};
use super::{Facts, Kind};
use crate::limits::{SNIFF_BOXES, SNIFF_WINDOW};

pub(super) fn sniff<R: Read + Seek>(reader: &mut Reader<'_, R>, head: &[u8]) -> Option<Facts> {
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WAVE") {
        return Some(Facts::new(Kind::Sound, "audio/wav", "wav").lasting(wav(reader).unwrap_or_default()));
    }
    if head.starts_with(b"OggS") {
        return Some(ogg(reader));
    }
    if head.starts_with(b"fLaC") {
        return Some(Facts::new(Kind::Sound, "audio/flac", "flac").lasting(flac(head).unwrap_or_default()));
    }
    if let Some(wide) = amr_kind(head) {
        return Some(Facts::new(Kind::Sound, "audio/amr", "amr").lasting(amr(reader, wide)));
    }
    mp3(reader, head).or_else(|| aac(reader))
}

fn wav<R: Read + Seek>(reader: &mut Reader<'_, R>) -> Option<u64> {
    let (mut from, mut rate) = (12, 0);
    for _ in 0..SNIFF_BOXES {
        let head: [u8; 8] = reader.exactly(from)?;
        let length = u64::from(le32(&head, 4)?);
        match head.get(..4)? {
            b"fmt " => rate = u64::from(le32(&reader.up_to(from + 8, 16), 8)?),
            // A recorder that was cut off leaves a length that is too large.
            b"data" => return Some(millis(length.min(reader.len.saturating_sub(from + 8)), rate)),
            _ => {}
        }
        // Chunks begin at even places.
        from += 8 + length + length % 2;
    }
    None
}

fn flac(head: &[u8]) -> Option<u64> {
    // STREAMINFO comes first: 20 bits of rate, 8 of format, 36 of samples.
    let packed = at(head, 18).map(u64::from_be_bytes)?;
    (head.get(4)? & 0x7f == 0).then(|| millis(packed & 0xf_ffff_ffff, packed >> 44))
}

/// The codec from the first page, the length from the number on the last one.
fn ogg<R: Read + Seek>(reader: &mut Reader<'_, R>) -> Facts {
    let first = reader.up_to(0, 512);
    let packet = first.get(27 + usize::from(first.get(26).copied().unwrap_or_default())..).unwrap_or_default();
    let facts = Facts::new(Kind::Sound, "audio/ogg", "ogg");
    let (rate, before) = if packet.starts_with(b"OpusHead") {
        (48_000, u64::from(le16(packet, 10).unwrap_or_default()))
    } else if packet.starts_with(b"\x01vorbis") {
        (u64::from(le32(packet, 12).unwrap_or_default()), 0)
    } else if packet.starts_with(b"\x80theora") {
        return Facts::new(Kind::Video, "video/ogg", "ogv");
    } else {
        return facts;
    };
    let serial = first.get(14..18).unwrap_or_default();
    let from = reader.len.saturating_sub(SNIFF_WINDOW as u64);
    let tail = reader.up_to(from, SNIFF_WINDOW);
    let last = tail.windows(18).rev().find(|page| page.starts_with(b"OggS") && page.get(14..18) == Some(serial));
    // All ones: no packet ends on that page.
    let samples = last.and_then(|page| le64(page, 6)).filter(|samples| *samples != u64::MAX).unwrap_or_default();
    facts.lasting(millis(samples.saturating_sub(before), rate))
}

/// Bytes of a frame by its kind, the byte that names the kind included; 20 ms each.
const AMR_NARROW: [usize; 16] = [13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1];
const AMR_WIDE: [usize; 16] = [18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1];

fn amr_kind(head: &[u8]) -> Option<bool> {
    if head.starts_with(b"#!AMR-WB\n") {
        return Some(true);
    }
    head.starts_with(b"#!AMR\n").then_some(false)
}

fn amr<R: Read + Seek>(reader: &mut Reader<'_, R>, wide: bool) -> u64 {
    let (sizes, magic) = if wide { (AMR_WIDE, 9) } else { (AMR_NARROW, 6) };
    let size = |bytes: &[u8]| bytes.first().map_or(0, |head| sizes[usize::from(head >> 3 & 0x0f)]);
    let (frames, share) = frames(reader, magic, size);
    millis(scaled(frames, share), 50)
}

/// Frames in a window from `from` on, and what share of the rest of the file they are: (all bytes, bytes walked).
fn frames<R: Read + Seek>(reader: &mut Reader<'_, R>, from: u64, size: impl Fn(&[u8]) -> usize) -> (u64, (u64, u64)) {
    let window = reader.up_to(from, SNIFF_WINDOW);
    let (mut at, mut count) = (0_usize, 0);
    while let Some(rest) = window.get(at..).filter(|rest| !rest.is_empty()) {
        let size = size(rest);
        if size == 0 || size > rest.len() {
            break;
        }
        at += size;
        count += 1;
    }
    // Less than a window is everything there is; a broken end of it adds nothing.
    let all = if window.len() < SNIFF_WINDOW { at as u64 } else { reader.len.saturating_sub(from) };
    (count, (all, at as u64))
}

fn scaled(count: u64, (all, walked): (u64, u64)) -> u64 {
    let scaled = (u128::from(count) * u128::from(all)).checked_div(u128::from(walked)).unwrap_or_default();
    u64::try_from(scaled).unwrap_or_default()
}

const AAC_RATES: [u64; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
/// Samples in a frame of AAC.
const AAC_FRAME: u64 = 1_024;

fn aac<R: Read + Seek>(reader: &mut Reader<'_, R>) -> Option<Facts> {
    let size = |bytes: &[u8]| match bytes {
        [0xff, second, _, a, b, c, ..] if second & 0xf6 == 0xf0 => {
            usize::from(a & 0x03) << 11 | usize::from(*b) << 3 | usize::from(c >> 5)
        }
        _ => 0,
    };
    let head: [u8; 3] = reader.exactly(0)?;
    let (count, share) = frames(reader, 0, size);
    // Two frames in a row: twelve bits alone are no proof.
    let rate = AAC_RATES.get(usize::from(head[2] >> 2 & 0x0f)).filter(|_| count >= 2)?;
    let facts = Facts::new(Kind::Sound, "audio/aac", "aac");
    Some(facts.lasting(millis(scaled(count, share).saturating_mul(AAC_FRAME), *rate)))
}

/// One frame header of MPEG audio.
struct Mp3 {
    bitrate: u64,
    rate: u64,
    samples: u64,
    length: usize,
    /// Where a count of frames would stand in the first frame.
    xing: usize,
}

fn mp3<R: Read + Seek>(reader: &mut Reader<'_, R>, head: &[u8]) -> Option<Facts> {
    let tagged = head.starts_with(b"ID3");
    let from = if tagged { id3(head)? } else { 0 };
    let window = reader.up_to(from, SNIFF_WINDOW);
    let facts = Facts::new(Kind::Sound, "audio/mpeg", "mp3");
    // Only a tag may be followed by something else before the first frame.
    let search = if tagged { window.len() } else { 1 };
    let Some((at, frame)) = (0..search).find_map(|at| Some((at, first_frame(window.get(at..)?)?))) else {
        return tagged.then_some(facts);
    };
    let body = window.get(at..).unwrap_or_default();
    let duration = match counted(body, &frame) {
        Some(frames) => millis(frames.saturating_mul(frame.samples), frame.rate),
        None => millis(reader.len.saturating_sub(from + at as u64).saturating_mul(8), frame.bitrate),
    };
    Some(facts.lasting(duration))
}

/// The length of the tag in front, in seven bits a byte.
fn id3(head: &[u8]) -> Option<u64> {
    let size: [u8; 4] = at(head, 6)?;
    let size = size.iter().fold(0, |size, byte| size << 7 | u64::from(byte & 0x7f));
    let footer = if head.get(5)? & 0x10 == 0 { 0 } else { 10 };
    Some(10 + size + footer)
}

/// A frame that is followed by another one, or by the end of what was read.
fn first_frame(bytes: &[u8]) -> Option<Mp3> {
    let frame = frame(bytes)?;
    match bytes.get(frame.length..) {
        Some(next) if next.len() >= 4 => self::frame(next).map(|_| frame),
        _ => Some(frame).filter(|frame| bytes.len() + 4 > frame.length),
    }
}

fn frame(bytes: &[u8]) -> Option<Mp3> {
    const V1: [u64; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const V2: [u64; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    const RATES: [u64; 3] = [44_100, 48_000, 32_000];
    let head = be16(bytes, 0)?;
    // Layer III only: everything else called MP3 is not.
    if head & 0xffe6 != 0xffe2 {
        return None;
    }
    let third = *bytes.get(2)?;
    let (version, mono) = (head >> 3 & 3, bytes.get(3)? >> 6 == 3);
    let first = version == 3;
    let half = match version {
        3 => 1,
        2 => 2,
        0 => 4,
        _ => return None,
    };
    let bitrate = 1_000 * if first { V1 } else { V2 }.get(usize::from(third >> 4)).filter(|rate| **rate > 0)?;
    let rate = RATES.get(usize::from(third >> 2 & 3))? / half;
    let samples = if first { 1_152 } else { 576 };
    let length = samples / 8 * bitrate / rate + u64::from(third >> 1 & 1);
    let xing = 4 + match (first, mono) {
        (true, false) => 32,
        (true, true) | (false, false) => 17,
        (false, true) => 9,
    };
    Some(Mp3 { bitrate, rate, samples, length: usize::try_from(length).ok()?, xing })
}

/// How many frames there are, where an encoder noted it in the first one.
fn counted(body: &[u8], frame: &Mp3) -> Option<u64> {
    if matches!(body.get(frame.xing..frame.xing + 4), Some(b"Xing" | b"Info")) {
        let noted = be32(body, frame.xing + 4)? & 1 == 1;
        return noted.then_some(u64::from(be32(body, frame.xing + 8)?)).filter(|frames| *frames > 0);
    }
    (body.get(36..40)? == b"VBRI").then_some(u64::from(be32(body, 50)?)).filter(|frames| *frames > 0)
}
