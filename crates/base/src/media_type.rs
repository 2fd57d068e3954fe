//! Media types: of a file by its first bytes, and of a file name ending. `infer` and `mime_guess` know the formats; this
//! module settles the spelling and the cases that they leave open, so that one format has one name everywhere.

use infer::MatcherType;

/// The number of first bytes that [`of_file`] looks at.
pub const HEAD: usize = 512;

/// The type of a file about which nothing is known.
pub const UNKNOWN: &str = "application/octet-stream";

/// A longer ending is left to the file's own name.
const EXTENSION_MAX: usize = 5;

/// A media type and the usual ending of such a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaType {
    /// Such as `image/png`.
    pub mime: &'static str,
    /// Without the dot; empty where there is no usual ending, and for programs.
    pub extension: &'static str,
}

impl MediaType {
    const fn new(mime: &'static str, extension: &'static str) -> Self {
        Self { mime, extension }
    }
}

/// The type that an ending stands for, whatever its case.
pub fn of_extension(extension: &str) -> Option<&'static str> {
    Some(match extension.to_ascii_lowercase().as_str() {
        "amr" => "audio/amr",
        "m4a" => "audio/mp4",
        "xml" => "application/xml",
        "yaml" | "yml" => "application/yaml",
        // Source code far more often than a video stream.
        "ts" => return None,
        other => return mime_guess::from_ext(other).first_raw(),
    })
}

/// The type of a file by its first bytes, whatever the server or the sender says. The ending of its name only tells apart
/// what looks the same: the formats inside ZIP and OLE files, and kinds of text.
pub fn of_file(head: &[u8], name_extension: Option<&str>) -> MediaType {
    let ending = name_extension.unwrap_or_default().to_ascii_lowercase();
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return named(&ending, &["doc", "xls", "ppt"]).unwrap_or(MediaType::new("application/x-ole-storage", ""));
    }
    let found = container(head).or_else(|| audio_frame(head)).or_else(|| by_magic(head, |_| true));
    if found.is_some_and(|found| found.mime == "application/zip") {
        return named(&ending, &["docx", "xlsx", "pptx", "epub", "odt"])
            .unwrap_or(MediaType::new("application/zip", "zip"));
    }
    found.or_else(|| text(head, &ending)).unwrap_or(MediaType::new(UNKNOWN, ""))
}

/// The type of an archive or a document, by its first bytes alone.
pub fn of_document(head: &[u8]) -> Option<MediaType> {
    by_magic(head, |kind| matches!(kind, MatcherType::Archive | MatcherType::Doc | MatcherType::Book))
}

/// One of the endings, with its type.
fn named(ending: &str, endings: &[&'static str]) -> Option<MediaType> {
    let extension = *endings.iter().find(|known| **known == ending)?;
    Some(MediaType::new(of_extension(extension)?, extension))
}

/// Containers, and formats with variants that `infer` does not tell apart.
fn container(head: &[u8]) -> Option<MediaType> {
    let at = |from: usize, to: usize| head.get(from..to).unwrap_or_default();
    let (mime, extension) = match (at(0, 4), at(4, 8), at(8, 12)) {
        (b"RIFF", _, b"WEBP") => ("image/webp", "webp"),
        (b"RIFF", _, b"WAVE") => ("audio/wav", "wav"),
        (b"RIFF", _, b"AVI ") => ("video/x-msvideo", "avi"),
        (b"OggS", ..) if at(28, 35) == b"\x80theora" => ("video/ogg", "ogv"),
        (b"OggS", ..) => ("audio/ogg", "ogg"),
        (b"\x1a\x45\xdf\xa3", ..) if head.windows(4).take(64).any(|window| window == b"webm") => ("video/webm", "webm"),
        (b"\x1a\x45\xdf\xa3", ..) => ("video/x-matroska", "mkv"),
        (_, b"ftyp", brand) => match brand {
            b"M4A " | b"M4B " => ("audio/mp4", "m4a"),
            b"qt  " => ("video/quicktime", "mov"),
            b"heic" | b"heix" | b"heim" | b"heis" => ("image/heic", "heic"),
            b"mif1" | b"msf1" => ("image/heif", "heif"),
            b"avif" | b"avis" => ("image/avif", "avif"),
            brand if brand.starts_with(b"3g") => ("video/3gpp", "3gp"),
            _ => ("video/mp4", "mp4"),
        },
        _ if head.starts_with(b"#!AMR-WB\n") => ("audio/amr-wb", "awb"),
        _ if head.starts_with(b"#!AMR\n") => ("audio/amr", "amr"),
        _ => return None,
    };
    Some(MediaType::new(mime, extension))
}

/// A frame of AAC, or one of MPEG audio whose header has no forbidden value.
fn audio_frame(head: &[u8]) -> Option<MediaType> {
    let [0xff, second, rest @ ..] = head else { return None };
    if second & 0xf6 == 0xf0 {
        return Some(MediaType::new("audio/aac", "aac"));
    }
    let third = rest.first()?;
    let (layer, rate) = (second >> 1 & 3, third >> 2 & 3);
    let is_mpeg = second & 0xe0 == 0xe0 && second >> 3 & 3 != 1 && layer != 0 && third >> 4 != 15 && rate != 3;
    is_mpeg.then_some(MediaType::new("audio/mpeg", "mp3"))
}

/// What `infer` says, spelt as everywhere here.
fn by_magic(head: &[u8], wanted: fn(MatcherType) -> bool) -> Option<MediaType> {
    let found = infer::get(head)?;
    if found.matcher_type() == MatcherType::Text || !wanted(found.matcher_type()) {
        return None;
    }
    // Two letters are enough for some formats. A text that happens to begin with them is a text.
    if text(head, "").is_some() && !matches!(found.mime_type(), "application/pdf" | "application/rtf" | "image/gif") {
        return None;
    }
    let (mime, extension) = match (found.mime_type(), found.extension()) {
        ("audio/mpeg", _) if !head.starts_with(b"ID3") => return None,
        ("audio/x-flac", extension) => ("audio/flac", extension),
        ("image/tiff", _) => ("image/tiff", "tiff"),
        ("image/vnd.microsoft.icon", extension) => ("image/x-icon", extension),
        ("application/x-executable", "elf") => ("application/x-elf", ""),
        (mime, extension) if found.matcher_type() == MatcherType::App || extension.len() > EXTENSION_MAX => (mime, ""),
        known => known,
    };
    Some(MediaType::new(mime, extension))
}

/// Text is UTF-8 without control characters. A page or picture that a browser would run is called by its name.
fn text(head: &[u8], ending: &str) -> Option<MediaType> {
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
    let (mime, extension) =
        if ["<!doctype html", "<html", "<script", "<body", "<head"].iter().any(|tag| begins.starts_with(tag)) {
            ("text/html", "html")
        } else if begins.starts_with("<svg") || (begins.starts_with("<?xml") && begins.contains("<svg")) {
            ("image/svg+xml", "svg")
        } else {
            match ending {
                "csv" => ("text/csv", "csv"),
                "md" => ("text/markdown", "md"),
                "json" if begins.starts_with(['{', '[']) => ("application/json", "json"),
                _ if begins.starts_with("<?xml") => ("application/xml", "xml"),
                _ => ("text/plain", "txt"),
            }
        };
    Some(MediaType::new(mime, extension))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Starts of files, where a type has one of its own.
    const STARTS: [(&[u8], &str, &str); 25] = [
        (b"\xff\xd8\xff", "image/jpeg", "jpg"),
        (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
        (b"GIF87a", "image/gif", "gif"),
        (b"GIF89a", "image/gif", "gif"),
        (b"BM", "image/bmp", "bmp"),
        (b"II*\0", "image/tiff", "tiff"),
        (b"MM\0*", "image/tiff", "tiff"),
        (b"\0\0\x01\0", "image/x-icon", "ico"),
        (b"#!AMR-WB\n", "audio/amr-wb", "awb"),
        (b"#!AMR\n", "audio/amr", "amr"),
        (b"ID3", "audio/mpeg", "mp3"),
        (b"fLaC", "audio/flac", "flac"),
        (b"FLV\x01", "video/x-flv", "flv"),
        (b"\x1a\x45\xdf\xa3", "video/x-matroska", "mkv"),
        (b"\0\0\x01\xba", "video/mpeg", "mpg"),
        (b"%PDF-", "application/pdf", "pdf"),
        (b"PK\x03\x04", "application/zip", "zip"),
        (b"PK\x05\x06", "application/zip", "zip"),
        (b"\x1f\x8b\x08", "application/gzip", "gz"),
        (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", "7z"),
        (b"Rar!\x1a\x07\0", "application/vnd.rar", "rar"),
        (b"Rar!\x1a\x07\x01", "application/vnd.rar", "rar"),
        (b"{\\rtf", "application/rtf", "rtf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage", ""),
        (b"\x7fELF", "application/x-elf", ""),
    ];

    #[test]
    fn the_start_of_a_file_tells_its_type() {
        for (start, mime, extension) in STARTS {
            let head = [start, b"\0\x10 and more that is no text, so that 32 bytes are full"].concat();
            assert_eq!(of_file(&head, None), MediaType::new(mime, extension), "{start:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_type(head: Vec<u8>, start in 0..STARTS.len(), name: Option<String>) {
            let started = [STARTS[start].0, &head].concat();
            for head in [&head, &started] {
                let MediaType { mime, extension } = of_file(&head[..head.len().min(HEAD)], name.as_deref());
                prop_assert!(mime.contains('/') && extension.len() <= 5);
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
            assert_eq!(of_file(head, Some(name)).mime, expected, "{:?} as {name}", String::from_utf8_lossy(head));
        }
        assert_eq!(of_file(&"世".as_bytes()[..2], None).mime, "application/octet-stream");
        assert_eq!(of_file(&[b"text ".as_slice(), &"世".as_bytes()[..2]].concat(), None).mime, "text/plain");
    }

    #[test]
    fn a_text_that_begins_like_a_binary_format_is_text() {
        for head in ["BM is a bitmap", "MZ and friends", "-----BEGIN CERTIFICATE-----"] {
            assert_eq!(of_file(head.as_bytes(), None).mime, "text/plain", "{head}");
        }
    }

    #[test]
    fn a_program_gets_no_ending() {
        let head = [b"MZ\x90\0".as_slice(), &[0; 64]].concat();
        assert_eq!(of_file(&head, Some("jpg")).extension, "");
    }

    /// The types that uploads have had since 0.1.
    #[test]
    fn the_ending_tells_the_type_whatever_its_case() {
        let office = "application/vnd.openxmlformats-officedocument";
        for (endings, expected) in [
            ("aac", "audio/aac"),
            ("amr", "audio/amr"),
            ("avif", "image/avif"),
            ("bmp", "image/bmp"),
            ("csv", "text/csv"),
            ("doc", "application/msword"),
            ("docx", &format!("{office}.wordprocessingml.document")),
            ("flac", "audio/flac"),
            ("gif", "image/gif"),
            ("gz", "application/gzip"),
            ("heic", "image/heic"),
            ("htm html", "text/html"),
            ("ics", "text/calendar"),
            ("jpeg jpg", "image/jpeg"),
            ("json", "application/json"),
            ("log txt", "text/plain"),
            ("m4a", "audio/mp4"),
            ("md", "text/markdown"),
            ("mkv", "video/x-matroska"),
            ("mov", "video/quicktime"),
            ("mp3", "audio/mpeg"),
            ("mp4", "video/mp4"),
            ("oga ogg opus", "audio/ogg"),
            ("pdf PDF", "application/pdf"),
            ("png", "image/png"),
            ("ppt", "application/vnd.ms-powerpoint"),
            ("pptx", &format!("{office}.presentationml.presentation")),
            ("rtf", "application/rtf"),
            ("svg", "image/svg+xml"),
            ("tar", "application/x-tar"),
            ("wav", "audio/wav"),
            ("webm", "video/webm"),
            ("webp", "image/webp"),
            ("xls", "application/vnd.ms-excel"),
            ("xlsx", &format!("{office}.spreadsheetml.sheet")),
            ("xml", "application/xml"),
            ("yaml yml", "application/yaml"),
            ("zip", "application/zip"),
        ] {
            for ending in endings.split(' ') {
                assert_eq!(of_extension(ending), Some(expected), "{ending}");
            }
        }
        assert_eq!(of_extension("ts"), None);
        assert_eq!(of_extension("no such ending"), None);
    }
}
