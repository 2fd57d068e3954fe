//! WebM and Matroska: length and size where the head tells them. What a browser records live has no length in it.

use std::io::{Read, Seek};

use super::reader::{Reader, at};
use super::{Facts, Kind};
use crate::limits::SNIFF_BOXES;

const EBML: u64 = 0x1a45_dfa3;
const DOC_TYPE: u64 = 0x4282;
const SEGMENT: u64 = 0x1853_8067;
const CLUSTER: u64 = 0x1f43_b675;
const INFO: u64 = 0x1549_a966;
const TIMECODE_SCALE: u64 = 0x002a_d7b1;
const DURATION: u64 = 0x4489;
const TRACKS: u64 = 0x1654_ae6b;
const TRACK_ENTRY: u64 = 0xae;
const TRACK_TYPE: u64 = 0x83;
const VIDEO: u64 = 0xe0;
const PIXEL_WIDTH: u64 = 0xb0;
const PIXEL_HEIGHT: u64 = 0xba;
/// A millisecond in nanoseconds: the unit where none is told.
const SCALE_DEFAULT: u64 = 1_000_000;

pub(super) fn sniff<R: Read + Seek>(reader: &mut Reader<'_, R>, head: &[u8]) -> Option<Facts> {
    if !head.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) {
        return None;
    }
    let mut film = Film { scale: SCALE_DEFAULT, ..Film::default() };
    let (end, mut elements) = (reader.len, SNIFF_BOXES);
    walk(reader, 0, end, &mut elements, &mut film);
    let webm = film.webm;
    let facts = if film.has_sound && !film.has_picture {
        let (kind, ending) = if webm { ("audio/webm", "webm") } else { ("audio/x-matroska", "mka") };
        Facts::new(Kind::Sound, kind, ending)
    } else {
        let (kind, ending) = if webm { ("video/webm", "webm") } else { ("video/x-matroska", "mkv") };
        Facts::new(Kind::Video, kind, ending).sized((film.width, film.height))
    };
    Some(facts.lasting(film.millis()))
}

#[derive(Default)]
struct Film {
    webm: bool,
    scale: u64,
    duration: f64,
    width: u32,
    height: u32,
    has_picture: bool,
    has_sound: bool,
}

impl Film {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a cast from a float saturates, and what is no sensible length is dropped"
    )]
    fn millis(&self) -> u64 {
        let millis = self.duration * self.scale as f64 / 1e6;
        if millis.is_finite() && millis > 0.0 { super::reader::millis(millis as u64, 1_000) } else { 0 }
    }
}

fn walk<R: Read + Seek>(reader: &mut Reader<'_, R>, mut from: u64, end: u64, elements: &mut usize, film: &mut Film) {
    while from < end && *elements > 0 {
        *elements -= 1;
        let head = reader.up_to(from, 12);
        let Some((id, id_len)) = number(&head, false) else { return };
        let Some((length, length_len)) = number(head.get(id_len..).unwrap_or_default(), true) else { return };
        let body = from + (id_len + length_len) as u64;
        // All ones: to the end of what it is in.
        let unknown = length == (1 << (7 * length_len)) - 1;
        let next = if unknown { end } else { body.saturating_add(length) };
        match id {
            EBML | SEGMENT | INFO | TRACKS | TRACK_ENTRY | VIDEO => {
                walk(reader, body, next.min(end), elements, film);
            }
            // The films themselves begin: what comes before them has been read.
            CLUSTER => return,
            _ => leaf(id, &reader.up_to(body, usize::try_from(length.min(8)).unwrap_or(8)), film),
        }
        from = next;
    }
}

fn leaf(id: u64, value: &[u8], film: &mut Film) {
    let pixels = || u32::try_from(unsigned(value)).unwrap_or_default();
    match id {
        DOC_TYPE => film.webm = value.starts_with(b"webm"),
        TIMECODE_SCALE => film.scale = unsigned(value),
        DURATION => film.duration = float(value).unwrap_or_default(),
        TRACK_TYPE => match unsigned(value) {
            1 => film.has_picture = true,
            2 => film.has_sound = true,
            _ => {}
        },
        PIXEL_WIDTH => film.width = pixels(),
        PIXEL_HEIGHT => film.height = pixels(),
        _ => {}
    }
}

/// A number whose first byte tells its length by its leading zeros; the marking bit is part of an id, not of a length.
fn number(bytes: &[u8], strip: bool) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let len = first.leading_zeros() as usize + 1;
    if len > 8 {
        return None;
    }
    let mark = if strip { 0x80_u8.checked_shr(first.leading_zeros())? } else { 0 };
    let value = bytes.get(1..len)?.iter().fold(u64::from(first & !mark), |value, byte| value << 8 | u64::from(*byte));
    Some((value, len))
}

fn unsigned(value: &[u8]) -> u64 {
    value.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn float(value: &[u8]) -> Option<f64> {
    match value.len() {
        4 => at(value, 0).map(f32::from_be_bytes).map(f64::from),
        8 => at(value, 0).map(f64::from_be_bytes),
        _ => None,
    }
}
