//! MP4 and its relatives (MOV, M4A, 3GP): length, size as shown, and whether there is a moving picture in it at all.

use std::io::{Read, Seek};

use super::reader::{Reader, be32, be64, millis};
use super::{Facts, Kind};
use crate::limits::SNIFF_BOXES;

pub(super) fn sniff<R: Read + Seek>(reader: &mut Reader<'_, R>, head: &[u8]) -> Option<Facts> {
    if head.get(4..8)? != b"ftyp" {
        return None;
    }
    let brand = head.get(8..12)?;
    if let Some(still) = still(brand) {
        return Some(still);
    }
    let mut film = Film::default();
    let end = reader.len;
    let mut boxes = SNIFF_BOXES;
    walk(reader, 0, end, &mut boxes, &mut film, Level::File);
    let sound_only = film.has_sound && !film.has_picture;
    let facts = match brand {
        b"M4A " | b"M4B " => Facts::new(Kind::Sound, "audio/mp4", "m4a"),
        _ if sound_only => Facts::new(Kind::Sound, "audio/mp4", "m4a"),
        b"qt  " => Facts::new(Kind::Video, "video/quicktime", "mov").sized(film.size),
        [b'3', b'g', b'p' | b'2', _] => Facts::new(Kind::Video, "video/3gpp", "3gp").sized(film.size),
        _ => Facts::new(Kind::Video, "video/mp4", "mp4").sized(film.size),
    };
    Some(facts.lasting(film.duration_ms))
}

/// Photographs in the same boxes.
fn still(brand: &[u8]) -> Option<Facts> {
    match brand {
        b"heic" | b"heix" | b"heim" | b"heis" | b"mif1" => Some(Facts::new(Kind::Picture, "image/heic", "heic")),
        b"avif" => Some(Facts::new(Kind::Picture, "image/avif", "avif")),
        _ => None,
    }
}

#[derive(Default)]
struct Film {
    duration_ms: u64,
    timescale: u64,
    size: (u32, u32),
    /// The size of the track being read; it counts once the track is known to be a picture.
    track: (u32, u32),
    has_picture: bool,
    has_sound: bool,
}

/// Which boxes are entered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    File,
    Movie,
    Extends,
    Track,
    Media,
}

fn walk<R: Read + Seek>(
    reader: &mut Reader<'_, R>,
    mut at: u64,
    end: u64,
    boxes: &mut usize,
    film: &mut Film,
    level: Level,
) {
    while at < end && *boxes > 0 {
        *boxes -= 1;
        let head = reader.up_to(at, 16);
        let (Some(short), Some(name)) = (be32(&head, 0), head.get(4..8)) else { return };
        let (length, header) = match short {
            0 => (end - at, 8),
            1 => (be64(&head, 8).unwrap_or_default(), 16),
            length => (u64::from(length), 8),
        };
        if length < header {
            return;
        }
        let (from, next) = (at + header, at.saturating_add(length));
        let inside = match (level, name) {
            (Level::File, b"moov") => Some(Level::Movie),
            (Level::Movie, b"trak") => Some(Level::Track),
            (Level::Movie, b"mvex") => Some(Level::Extends),
            (Level::Track, b"mdia") => Some(Level::Media),
            _ => None,
        };
        match (level, name) {
            (Level::Movie, b"mvhd") => movie(&reader.up_to(from, 32), film),
            (Level::Extends, b"mehd") => fragments(&reader.up_to(from, 12), film),
            (Level::Track, b"tkhd") => film.track = track(&reader.up_to(from, 96)).unwrap_or_default(),
            (Level::Media, b"hdlr") => handler(&reader.up_to(from, 12), film),
            _ => {}
        }
        if let Some(inside) = inside {
            walk(reader, from, next.min(end), boxes, film, inside);
        }
        // Everything asked for stands in the one movie box.
        if (level, name) == (Level::File, b"moov") {
            return;
        }
        at = next;
    }
}

fn movie(body: &[u8], film: &mut Film) {
    let told = match body.first() {
        Some(0) => be32(body, 12).zip(be32(body, 16).map(u64::from)),
        Some(1) => be32(body, 20).zip(be64(body, 24)),
        _ => None,
    };
    let Some((timescale, duration)) = told else { return };
    film.timescale = timescale.into();
    // All ones: not known.
    if duration != u64::MAX && duration != u64::from(u32::MAX) {
        film.duration_ms = millis(duration, film.timescale);
    }
}

/// The length of a film that comes in fragments; the movie's own is 0 then.
fn fragments(body: &[u8], film: &mut Film) {
    let duration = if body.first() == Some(&1) { be64(body, 4) } else { be32(body, 4).map(u64::from) };
    if film.duration_ms == 0 {
        film.duration_ms = millis(duration.unwrap_or_default(), film.timescale);
    }
}

/// Width and height of a track, exchanged where its matrix turns it by a quarter.
fn track(body: &[u8]) -> Option<(u32, u32)> {
    let matrix = if *body.first()? == 1 { 52 } else { 40 };
    let (a, d) = (be32(body, matrix)?, be32(body, matrix + 16)?);
    let (width, height) = (be32(body, matrix + 36)? >> 16, be32(body, matrix + 40)? >> 16);
    Some(if a == 0 && d == 0 { (height, width) } else { (width, height) })
}

fn handler(body: &[u8], film: &mut Film) {
    match body.get(8..12) {
        Some(b"vide") => {
            film.has_picture = true;
            if film.size == (0, 0) {
                film.size = film.track;
            }
        }
        Some(b"soun") => film.has_sound = true,
        _ => {}
    }
}
