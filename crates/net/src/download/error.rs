//! The errors of a download. Each names the place, never what follows it: that may be a key to the file.

use std::io;
use std::path::Path;

use base::{Error, Kind};
use url::Url;

use crate::guard::{place, refuse};

/// The file is larger than the caller allows.
pub(super) fn too_large(url: &Url, max_bytes: u64) -> Error {
    Error::new(Kind::TooLarge, format!("{} is not fetched: it is larger than {max_bytes} bytes", place(url)))
}

/// The connection failed before the answer was complete.
pub(super) fn broken(url: &Url, error: hyper::Error) -> Error {
    let what = if error.is_parse() { "does not answer as HTTP servers do" } else { "broke off the download" };
    Error::new(Kind::Offline, format!("{} {what}", place(url))).caused_by(error)
}

/// The body is not the gzip that its header announced.
pub(super) fn not_gzip(url: &Url) -> Error {
    refuse(url, "it is not the gzip its server says it is")
}

/// The file cannot be written.
pub(super) fn unwritable(directory: &Path, error: io::Error) -> Error {
    let text = format!(
        "a download could not be written to {} ({error}); see that the directory can be written and has room",
        directory.display()
    );
    Error::new(Kind::Download, text).caused_by(error)
}
