//! What a file is by its first bytes. What a server says of it is not asked.

/// As much as anything below looks at.
pub(super) const HEAD: usize = 512;

/// A MIME type and its usual ending.
pub(super) type Found = (&'static str, &'static str);

const UNKNOWN: Found = ("application/octet-stream", "");

/// Starts of files, where a type has one of its own.
const STARTS: [(&[u8], Found); 24] = [
    (b"\xff\xd8\xff", ("image/jpeg", "jpg")),
    (b"\x89PNG\r\n\x1a\n", ("image/png", "png")),
    (b"GIF87a", ("image/gif", "gif")),
    (b"GIF89a", ("image/gif", "gif")),
    (b"BM", ("image/bmp", "bmp")),
    (b"II*\0", ("image/tiff", "tiff")),
    (b"MM\0*", ("image/tiff", "tiff")),
    (b"\0\0\x01\0", ("image/x-icon", "ico")),
    (b"#!AMR-WB\n", ("audio/amr-wb", "awb")),
    (b"#!AMR\n", ("audio/amr", "amr")),
    (b"ID3", ("audio/mpeg", "mp3")),
    (b"fLaC", ("audio/flac", "flac")),
    (b"FLV\x01", ("video/x-flv", "flv")),
    (b"\x1a\x45\xdf\xa3", ("video/x-matroska", "mkv")),
    (b"\0\0\x01\xba", ("video/mpeg", "mpg")),
    (b"%PDF-", ("application/pdf", "pdf")),
    (b"PK\x03\x04", ("application/zip", "zip")),
    (b"PK\x05\x06", ("application/zip", "zip")),
    (b"\x1f\x8b", ("application/gzip", "gz")),
    (b"7z\xbc\xaf\x27\x1c", ("application/x-7z-compressed", "7z")),
    (b"Rar!\x1a\x07", ("application/vnd.rar", "rar")),
    (b"{\\rtf", ("application/rtf", "rtf")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ("application/x-ole-storage", "")),
    (b"\x7fELF", ("application/x-elf", "")),
];

/// What Microsoft and others keep in a ZIP file: only their name tells.
const ZIPPED: [(&str, &str); 5] = [
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("epub", "application/epub+zip"),
    ("odt", "application/vnd.oasis.opendocument.text"),
];

/// Looks at the first bytes; `name` only tells apart what looks the same.
pub(super) fn sniff(head: &[u8], name_extension: Option<&str>) -> Found {
    let ending = name_extension.unwrap_or_default().to_ascii_lowercase();
    let found = inside(head).or_else(|| STARTS.iter().find(|(start, _)| head.starts_with(start)).map(|(_, f)| *f));
    match found {
        Some(("application/zip", _)) => ZIPPED
            .iter()
            .find(|(known, _)| *known == ending)
            .map_or(("application/zip", "zip"), |(ending, kind)| (*kind, *ending)),
        Some(("application/x-ole-storage", _)) => match ending.as_str() {
            "doc" => ("application/msword", "doc"),
            "xls" => ("application/vnd.ms-excel", "xls"),
            "ppt" => ("application/vnd.ms-powerpoint", "ppt"),
            _ => ("application/x-ole-storage", ""),
        },
        Some(found) => found,
        None if head.len() > 1 && head[0] == 0xff && head[1] & 0xf6 == 0xf0 => ("audio/aac", "aac"),
        None if is_mpeg_audio(head) => ("audio/mpeg", "mp3"),
        None => text(head, &ending).unwrap_or(UNKNOWN),
    }
}

/// Containers that say further in what they hold.
fn inside(head: &[u8]) -> Option<Found> {
    let at = |from: usize, to: usize| head.get(from..to).unwrap_or_default();
    match (at(0, 4), at(8, 12)) {
        (b"RIFF", b"WEBP") => return Some(("image/webp", "webp")),
        (b"RIFF", b"WAVE") => return Some(("audio/wav", "wav")),
        (b"RIFF", b"AVI ") => return Some(("video/x-msvideo", "avi")),
        (b"OggS", _) => {
            let video = at(28, 35) == b"\x80theora";
            return Some(if video { ("video/ogg", "ogv") } else { ("audio/ogg", "ogg") });
        }
        (b"\x1a\x45\xdf\xa3", _) if head.windows(4).take(64).any(|window| window == b"webm") => {
            return Some(("video/webm", "webm"));
        }
        _ => {}
    }
    if at(4, 8) != b"ftyp" {
        return None;
    }
    Some(match at(8, 12) {
        b"M4A " | b"M4B " => ("audio/mp4", "m4a"),
        b"qt  " => ("video/quicktime", "mov"),
        b"heic" | b"heix" | b"heim" | b"heis" => ("image/heic", "heic"),
        b"mif1" | b"msf1" => ("image/heif", "heif"),
        b"avif" | b"avis" => ("image/avif", "avif"),
        brand if brand.starts_with(b"3g") => ("video/3gpp", "3gp"),
        _ => ("video/mp4", "mp4"),
    })
}

/// A frame of MPEG audio whose header has no forbidden value.
fn is_mpeg_audio(head: &[u8]) -> bool {
    let [0xff, second, third, ..] = head else { return false };
    let (layer, rate) = (second >> 1 & 3, third >> 2 & 3);
    second & 0xe0 == 0xe0 && second >> 3 & 3 != 1 && layer != 0 && third >> 4 != 15 && rate != 3
}

/// Text is UTF-8 without control characters. What a browser would run is called by its name.
fn text(head: &[u8], ending: &str) -> Option<Found> {
    let known = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A character may be cut at the end of the head.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    if known.is_empty() || known.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}')) {
        return None;
    }
    let begins = known.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']).to_ascii_lowercase();
    if ["<!doctype html", "<html", "<script", "<body", "<head"].iter().any(|tag| begins.starts_with(tag)) {
        return Some(("text/html", "html"));
    }
    if begins.starts_with("<svg") || (begins.starts_with("<?xml") && begins.contains("<svg")) {
        return Some(("image/svg+xml", "svg"));
    }
    Some(match ending {
        "csv" => ("text/csv", "csv"),
        "md" => ("text/markdown", "md"),
        "json" if begins.starts_with(['{', '[']) => ("application/json", "json"),
        _ if begins.starts_with("<?xml") => ("application/xml", "xml"),
        _ => ("text/plain", "txt"),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_have_a_type(head: Vec<u8>, start in 0..STARTS.len(), name: Option<String>) {
            let started = [STARTS[start].0, &head].concat();
            for head in [&head, &started] {
                let (kind, ending) = sniff(&head[..head.len().min(HEAD)], name.as_deref());
                prop_assert!(kind.contains('/') && ending.len() <= 5);
            }
        }
    }

    #[test]
    fn bytes_tell_the_type_and_names_do_not() {
        for (head, name, expected) in [
            (&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], "exe", "image/jpeg"),
            (b"\x89PNG\r\n\x1a\n\0\0", "jpg", "image/png"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "", "image/webp"),
            (b"RIFF\x10\0\0\0WAVEfmt ", "", "audio/wav"),
            (b"\0\0\0\x20ftypM4A \0", "mp4", "audio/mp4"),
            (b"\0\0\0\x20ftypisom\0", "", "video/mp4"),
            (b"\0\0\0\x18ftypheic", "", "image/heic"),
            (b"#!AMR\n\x3c", "", "audio/amr"),
            (b"\xff\xfb\x90\x64", "", "audio/mpeg"),
            (b"\xff\xf1\x50\x80", "", "audio/aac"),
            (b"\xff\xff\xff\xff", "mp3", "application/octet-stream"),
            (b"OggS\0\x02", "", "audio/ogg"),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", "", "video/webm"),
            (b"%PDF-1.7", "png", "application/pdf"),
            (b"PK\x03\x04\x14\0", "zip", "application/zip"),
            (b"PK\x03\x04\x14\0", "DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (b"  <!DOCTYPE html><html>", "png", "text/html"),
            (b"<?xml version=\"1.0\"?><svg>", "png", "image/svg+xml"),
            ("héllo, 世界".as_bytes(), "txt", "text/plain"),
            (b"a,b\n1,2\n", "csv", "text/csv"),
            (b"{\"a\":1}", "json", "application/json"),
            (b"\0\x01\x02\x03", "png", "application/octet-stream"),
            (b"", "png", "application/octet-stream"),
        ] {
            assert_eq!(sniff(head, Some(name)).0, expected, "{:?} as {name}", String::from_utf8_lossy(head));
        }
        assert_eq!(sniff(&"世".as_bytes()[..2], None).0, "application/octet-stream");
        assert_eq!(sniff(&[b"text ".as_slice(), &"世".as_bytes()[..2]].concat(), None).0, "text/plain");
    }
}
