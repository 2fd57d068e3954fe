//! The errors of a download. Each names scheme, host and port. The rest of an address may be a key to the file.

use std::io;
use std::path::Path;

use base::{Error, Kind};
use url::Url;

use crate::guard::{place, refuse};
use crate::limits::{DOWNLOAD_HEAD_TIME, LEAST_BYTES, LEAST_TIME};

/// The file is larger than the caller allows.
pub(super) fn too_large(url: &Url, max_bytes: u64) -> Error {
    Error::new(Kind::TooLarge, format!("{} is not fetched: it is larger than {max_bytes} bytes", place(url)))
}

/// The file comes at less than the least rate.
pub(super) fn too_slow(url: &Url) -> Error {
    let text = format!("{} sends less than {LEAST_BYTES} bytes in {} s", place(url), LEAST_TIME.as_secs());
    Error::new(Kind::Timeout, text)
}

/// The server accepted a connection and does not answer.
pub(super) fn silent(url: &Url) -> Error {
    let text = format!("{} did not begin to answer within {} s", place(url), DOWNLOAD_HEAD_TIME.as_secs());
    Error::new(Kind::Timeout, text)
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
