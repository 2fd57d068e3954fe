//! Files made by hand, one of each kind, and what becomes of them when bytes are changed.

use std::io::{Cursor, Read, Seek, SeekFrom};

use proptest::prelude::*;

use super::*;
use crate::limits::{SNIFF_BYTES, SNIFF_READS};

fn told(bytes: &[u8]) -> Facts {
    sniff(&mut Cursor::new(bytes), bytes.len() as u64).expect("a kind that is known")
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn png(width: u32, height: u32) -> Vec<u8> {
    joined(&[b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", &width.to_be_bytes(), &height.to_be_bytes(), &[8, 6, 0, 0, 0]])
}

/// A JPEG whose Exif holds a preview with a frame of its own, and perhaps an orientation.
fn jpeg(width: u16, height: u16, orientation: Option<u16>) -> Vec<u8> {
    let preview = [0xff, 0xd8, 0xff, 0xc0, 0, 17, 8, 0, 1, 0, 1];
    let mut tiff = b"Exif\0\0MM\0*\0\0\0\x08".to_vec();
    if let Some(orientation) = orientation {
        tiff.extend([0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1]);
        tiff.extend(orientation.to_be_bytes());
        tiff.extend([0, 0]);
    }
    tiff.extend(preview);
    let length = u16::try_from(tiff.len() + 2).unwrap().to_be_bytes();
    joined(&[
        &[0xff, 0xd8, 0xff, 0xe1],
        &length,
        &tiff,
        // A comment, filling, a table, then the frame.
        &[0xff, 0xfe, 0, 4, b'h', b'i', 0xff, 0xff, 0xdb, 0, 3, 0, 0xff, 0xc2, 0, 17, 8],
        &height.to_be_bytes(),
        &width.to_be_bytes(),
        &[3; 10],
    ])
}

fn wav(seconds: u32, claimed: u32) -> Vec<u8> {
    let rate = 8_000_u32;
    joined(&[
        b"RIFF\xff\xff\xff\xffWAVELIST\x03\0\0\0abc\0fmt \x10\0\0\0\x01\0\x01\0",
        &rate.to_le_bytes(),
        &(rate * 2).to_le_bytes(),
        &[2, 0, 16, 0],
        b"data",
        &claimed.to_le_bytes(),
        &vec![0; (seconds * rate * 2) as usize],
    ])
}

/// Frames of 128 kbit/s at 44.1 kHz.
fn mp3(frames: usize, noted: Option<u32>) -> Vec<u8> {
    let mut first = vec![0xff, 0xfb, 0x90, 0x44];
    first.resize(417, 0);
    if let Some(count) = noted {
        first[36..44].copy_from_slice(b"Xing\0\0\0\x01");
        first[44..48].copy_from_slice(&count.to_be_bytes());
    }
    let mut all = first.clone();
    for _ in 1..frames {
        let mut frame = vec![0xff, 0xfb, 0x90, 0x44];
        frame.resize(417, 0x55);
        all.extend(frame);
    }
    all
}

fn tagged(tag_len: u32, body: &[u8]) -> Vec<u8> {
    let size: Vec<u8> = (0..4).rev().map(|n| u8::try_from(tag_len >> (7 * n) & 0x7f).unwrap()).collect();
    joined(&[b"ID3\x04\0\0", &size, &vec![0; tag_len as usize], body])
}

fn ogg_page(granule: u64, packet: &[u8]) -> Vec<u8> {
    let segments = u8::try_from(packet.len()).unwrap();
    joined(&[b"OggS\0\0", &granule.to_le_bytes(), b"ser1\0\0\0\0crc.\x01", &[segments], packet])
}

fn opus(seconds: u64) -> Vec<u8> {
    let head = joined(&[b"OpusHead\x01\x01", &312_u16.to_le_bytes(), &48_000_u32.to_le_bytes(), &[0, 0, 0]]);
    joined(&[&ogg_page(0, &head), &ogg_page(48_000, &[1; 200]), &ogg_page(seconds * 48_000 + 312, &[2; 100])])
}

fn amr(frames: usize) -> Vec<u8> {
    let mut frame = vec![0x3c];
    frame.resize(32, 7);
    joined(&[b"#!AMR\n", &frame.repeat(frames)])
}

fn aac(frames: usize) -> Vec<u8> {
    let length = 200_usize;
    let packed = [
        0xff,
        0xf1,
        0x50,
        0x80,
        u8::try_from(length >> 3).unwrap(),
        u8::try_from((length & 7) << 5).unwrap() | 0x1f,
        0xfc,
    ];
    let mut frame = packed.to_vec();
    frame.resize(length, 9);
    frame.repeat(frames)
}

fn flac(seconds: u64) -> Vec<u8> {
    let packed = (48_000_u64 << 44) | (1 << 41) | (15 << 36) | (seconds * 48_000);
    joined(&[b"fLaC\0\0\0\x22", &[0; 10], &packed.to_be_bytes(), &[0; 16]])
}

fn boxed(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    joined(&[&u32::try_from(body.len() + 8).unwrap().to_be_bytes(), name, body])
}

fn track(handler: &[u8; 4], width: u32, height: u32, turned: bool) -> Vec<u8> {
    let one = 0x1_0000_u32;
    let (a, b, c, d) = if turned { (0, one, one, 0) } else { (one, 0, 0, one) };
    let matrix: Vec<u8> = [a, b, 0, c, d, 0, 0, 0, 0x4000_0000].iter().flat_map(|n| n.to_be_bytes()).collect();
    let tkhd = joined(&[&[0; 40], &matrix, &(width << 16).to_be_bytes(), &(height << 16).to_be_bytes()]);
    let hdlr = joined(&[&[0; 8], handler, &[0; 13]]);
    boxed(b"trak", &joined(&[&boxed(b"tkhd", &tkhd), &boxed(b"mdia", &boxed(b"hdlr", &hdlr))]))
}

fn mp4(brand: &[u8; 4], ms: u32, tracks: &[Vec<u8>]) -> Vec<u8> {
    let mvhd = joined(&[&[0; 12], &1_000_u32.to_be_bytes(), &ms.to_be_bytes(), &[0; 80]]);
    let moov = boxed(b"moov", &joined(&[&boxed(b"mvhd", &mvhd), &tracks.concat()]));
    // The films stand before their directory, in a box with a long length.
    let films = joined(&[b"\0\0\0\x01mdat", &(16_u64 + 5_000).to_be_bytes(), &vec![0; 5_000]]);
    joined(&[&boxed(b"ftyp", &joined(&[brand, &[0; 4]])), &films, &moov])
}

fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
    joined(&[id, &[0x08], &(u32::try_from(body.len()).unwrap()).to_be_bytes()[..], body])
}

fn webm(ms: f64, video: bool) -> Vec<u8> {
    // Five bytes of length: the first says so.
    let head = element(&[0x1a, 0x45, 0xdf, 0xa3], &element(&[0x42, 0x82], b"webm"));
    let info = element(&[0x15, 0x49, 0xa9, 0x66], &element(&[0x44, 0x89], &ms.to_be_bytes()));
    let size = joined(&[&element(&[0xb0], &640_u16.to_be_bytes()), &element(&[0xba], &360_u16.to_be_bytes())]);
    let kind =
        if video { joined(&[&element(&[0x83], &[1]), &element(&[0xe0], &size)]) } else { element(&[0x83], &[2]) };
    let tracks = element(&[0x16, 0x54, 0xae, 0x6b], &element(&[0xae], &kind));
    // A segment of unknown length, as a recorder writes it.
    joined(&[
        &head,
        &[0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &info,
        &tracks,
        &element(&[0x1f, 0x43, 0xb6, 0x75], &[0; 9]),
    ])
}

fn samples() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("image/png", png(640, 480)),
        ("image/jpeg", jpeg(640, 480, None)),
        ("image/gif", joined(&[b"GIF89a", &640_u16.to_le_bytes(), &480_u16.to_le_bytes(), &[0; 8]])),
        (
            "image/bmp",
            joined(&[
                b"BM",
                &[0; 12],
                &40_u32.to_le_bytes(),
                &640_i32.to_le_bytes(),
                &(-480_i32).to_le_bytes(),
                &[0; 28],
            ]),
        ),
        ("image/webp", joined(&[b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0", &[0x7f, 2, 0, 0xdf, 1, 0]])),
        (
            "image/webp",
            joined(&[
                b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a",
                &640_u16.to_le_bytes(),
                &480_u16.to_le_bytes(),
            ]),
        ),
        ("image/webp", joined(&[b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f", &(639_u32 | 479 << 14).to_le_bytes()])),
        ("audio/wav", wav(3, 48_000)),
        ("audio/mpeg", mp3(115, None)),
        ("audio/ogg", opus(3)),
        ("audio/flac", flac(3)),
        ("audio/amr", amr(150)),
        ("audio/aac", aac(129)),
        ("audio/mp4", mp4(b"M4A ", 3_000, &[track(b"soun", 0, 0, false)])),
        ("video/mp4", mp4(b"isom", 3_000, &[track(b"soun", 0, 0, false), track(b"vide", 640, 480, false)])),
        ("video/webm", webm(3_000.0, true)),
        ("audio/webm", webm(3_000.0, false)),
    ]
}

#[test]
fn every_kind_is_told_by_its_bytes() {
    for (content_type, bytes) in samples() {
        assert_eq!(told(&bytes).content_type, content_type);
    }
    assert_eq!(told(b"%PDF-1.7").content_type, "application/pdf");
    assert_eq!(told(b"PK\x03\x04....").kind, Kind::File);
}

#[test]
fn pictures_tell_their_size() {
    for (content_type, bytes) in samples().into_iter().filter(|(content_type, _)| content_type.starts_with("image/")) {
        let Facts { kind, width, height, .. } = told(&bytes);
        assert_eq!((kind, width, height), (Kind::Picture, 640, 480), "{content_type}");
    }
}

#[test]
fn a_photograph_that_lies_on_its_side_is_measured_as_it_is_shown() {
    let size = |orientation| {
        let facts = told(&jpeg(640, 480, Some(orientation)));
        (facts.width, facts.height)
    };
    assert_eq!((size(1), size(6), size(8)), ((640, 480), (480, 640), (480, 640)));
}

#[test]
fn recordings_tell_their_length() {
    for (content_type, bytes) in samples().into_iter().filter(|(content_type, _)| !content_type.starts_with("image/")) {
        let facts = told(&bytes);
        assert!(facts.duration_ms.abs_diff(3_000) < 20, "{content_type}: {} ms", facts.duration_ms);
        assert_eq!(facts.seconds(), 3, "{content_type}");
    }
}

#[test]
fn a_length_that_an_encoder_noted_wins_over_the_estimate() {
    assert!(told(&mp3(3, Some(1_150))).duration_ms.abs_diff(30_041) < 10);
}

#[test]
fn a_tag_before_the_sound_is_stepped_over() {
    let facts = told(&tagged(70_000, &mp3(115, None)));
    assert_eq!((facts.content_type, facts.seconds()), ("audio/mpeg", 3));
}

#[test]
fn a_recording_whose_end_was_never_written_is_as_long_as_its_bytes() {
    assert_eq!(told(&wav(3, u32::MAX)).seconds(), 3);
}

#[test]
fn a_film_turned_by_a_quarter_is_measured_as_it_is_shown() {
    let facts = told(&mp4(b"qt  ", 1_500, &[track(b"vide", 1_920, 1_080, true)]));
    assert_eq!((facts.content_type, facts.width, facts.height), ("video/quicktime", 1_080, 1_920));
    assert_eq!(facts.seconds(), 2, "rounded");
}

#[test]
fn a_film_without_pictures_is_sound() {
    let facts = told(&mp4(b"isom", 700, &[track(b"soun", 0, 0, false)]));
    assert_eq!((facts.kind, facts.content_type, facts.seconds()), (Kind::Sound, "audio/mp4", 1));
}

#[test]
fn what_only_looks_like_something_is_nothing() {
    let cases: [&[u8]; 8] = [
        b"",
        b"BM is how this text begins, and it is no picture at all",
        b"\xff\xfb\x90\x44 one header alone is no sound, for nothing follows it where it should",
        b"\xff\xf1\x50\x80\x19\x1f\xfc",
        b"RIFF\0\0\0\0AVI LIST",
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        b"#!/bin/sh\n",
        b"\0\0\0\0\0\0\0\0",
    ];
    for bytes in cases {
        assert_eq!(sniff(&mut Cursor::new(bytes), bytes.len() as u64), None, "{bytes:?}");
    }
}

/// Counts what is read of it, and is endless zeros after its first bytes.
struct Endless {
    head: Vec<u8>,
    at: u64,
    read: usize,
    reads: usize,
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        for byte in into.iter_mut() {
            *byte = usize::try_from(self.at).ok().and_then(|at| self.head.get(at)).copied().unwrap_or_default();
            self.at += 1;
        }
        self.read += into.len();
        Ok(into.len())
    }
}

impl Seek for Endless {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let SeekFrom::Start(at) = to else { return Err(std::io::ErrorKind::Unsupported.into()) };
        (self.at, self.reads) = (at, self.reads + 1);
        Ok(at)
    }
}

fn within_budget(bytes: Vec<u8>, len: u64) -> Result<(), TestCaseError> {
    let mut source = Endless { head: bytes, at: 0, read: 0, reads: 0 };
    if let Some(facts) = sniff(&mut source, len) {
        prop_assert!(facts.seconds() >= 0);
    }
    prop_assert!(source.reads <= SNIFF_READS, "{} reads", source.reads);
    prop_assert!(source.read <= SNIFF_BYTES, "{} bytes", source.read);
    Ok(())
}

proptest! {
    #[test]
    fn changed_bytes_never_cost_more_than_the_budget(
        sample in 0..samples().len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..24),
        len in prop_oneof![Just(0), 0..4_096_u64, Just(u64::MAX), any::<u64>()],
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = samples().swap_remove(sample).1;
        // The structure stands at the beginning and at the end.
        for (at, byte) in changes {
            let span = bytes.len().min(400);
            let at = at.index(span * 2);
            let at = if at < span { at } else { bytes.len() - 1 - (at - span) };
            bytes[at] = byte;
        }
        let whole = bytes.len() as u64;
        within_budget(bytes.clone(), len)?;
        bytes.truncate(cut.index(bytes.len()));
        within_budget(bytes, whole)?;
    }

    #[test]
    fn any_bytes_after_a_known_beginning_are_survived(
        sample in 0..samples().len(),
        keep in 4..40_usize,
        rest in prop::collection::vec(any::<u8>(), 0..600),
        len: u64,
    ) {
        let mut bytes = samples().swap_remove(sample).1;
        bytes.truncate(keep);
        bytes.extend(rest);
        within_budget(bytes, len)?;
    }
}
