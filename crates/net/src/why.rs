//! Says in words why a stream could not be made. Whoever made the stream knows the place; here is only the reason, as the
//! second half of a sentence, with what to do.

use std::error::Error;
use std::{fmt, io};

use crate::tls;

/// A reason in words of ours.
#[derive(Debug)]
struct Why(String);

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Why {}

/// An error whose reason is said already.
pub(crate) fn why(kind: io::ErrorKind, text: impl Into<String>) -> io::Error {
    io::Error::new(kind, Why(text.into()))
}

/// The reason of a stream's error.
pub fn reason(error: &io::Error) -> String {
    if let Some(inner) = error.get_ref() {
        if let Some(why) = inner.downcast_ref::<Why>() {
            return why.0.clone();
        }
        if let Some(fault) = inner.downcast_ref::<rustls::Error>() {
            return tls::reason(fault);
        }
        if let Some(deeper) = inner.downcast_ref::<io::Error>() {
            return reason(deeper);
        }
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "nothing listens there".into(),
        io::ErrorKind::TimedOut => "it does not answer".into(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            "it hung up during the handshake".into()
        }
        _ => error.to_string(),
    }
}

/// The reason of an HTTP client's error, however deep it lies; none where it is nothing of a stream's.
pub fn http_reason(error: &reqwest::Error) -> Option<String> {
    let mut source: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(reason(error));
        }
        if let Some(fault) = error.downcast_ref::<rustls::Error>() {
            return Some(tls::reason(fault));
        }
        if error.source().is_none() && error.to_string() == "proxy authorization required" {
            return Some(PROXY_AUTH.to_owned());
        }
        source = error.source();
    }
    None
}

pub(crate) const PROXY_AUTH: &str =
    "the proxy wants a user and a password (407); write them into its address: http://user:password@host:port";
