//! Turns a connection error into the second half of a sentence, with a remedy. The caller adds the address.

mod tls;

use std::error::Error;
use std::{fmt, io};

/// A reason that is already a sentence.
#[derive(Debug)]
struct Why(String);

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Why {}

/// An error whose reason is already a sentence.
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

/// The reason of an HTTP client's error, however deep it lies; none if the connection is not the cause.
pub fn http_reason(error: &reqwest::Error) -> Option<String> {
    let mut source: Option<&(dyn Error + 'static)> = error.source();
    let mut through = "";
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(format!("{through}{}", reason(error)));
        }
        if let Some(fault) = error.downcast_ref::<rustls::Error>() {
            return Some(format!("{through}{}", tls::reason(fault)));
        }
        match proxy_reason(&error.to_string()) {
            Some(Said::Here(text)) => return Some(text.to_owned()),
            Some(Said::Deeper(text)) => through = text,
            None => {}
        }
        source = error.source();
    }
    (!through.is_empty()).then(|| through.trim_end_matches([':', ' ']).to_owned())
}

/// The reason if a server refuses the certificate of the client, or the lack of one. With TLS 1.3 this comes after the
/// handshake, in place of an answer. The server has read no request then.
pub fn refused_certificate(error: &reqwest::Error) -> Option<String> {
    let mut source: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = source {
        let fault = error.downcast_ref::<rustls::Error>().or_else(|| tls_fault(error.downcast_ref()?));
        if let Some(fault) = fault.filter(|fault| tls::is_about_client_certificate(fault)) {
            return Some(tls::reason(fault));
        }
        source = error.source();
    }
    None
}

/// The TLS error inside a stream's error.
fn tls_fault(error: &io::Error) -> Option<&rustls::Error> {
    let inner = error.get_ref()?;
    inner.downcast_ref().or_else(|| tls_fault(inner.downcast_ref()?))
}

/// The reason and remedy if a proxy answers 407.
pub const PROXY_AUTH: &str = "the proxy wants a user and password that it knows (407); write them into its \
    address: http://user:password@host:port";

enum Said {
    Here(&'static str),
    /// The source says the rest.
    Deeper(&'static str),
}

/// The HTTP client has no types for the errors of proxies, so their texts are read.
fn proxy_reason(text: &str) -> Option<Said> {
    let said = text.strip_prefix("tunnel error: ").or_else(|| text.strip_prefix("SOCKS error: "))?;
    Some(match said {
        "proxy authorization required" => Said::Here(PROXY_AUTH),
        "credentials not accepted" | "server does not support user/pass authentication" => {
            Said::Here("the proxy does not accept the user and password of its address")
        }
        "unsuccessful" => {
            Said::Here("the proxy refused to make the connection; let it allow CONNECT to that host and port")
        }
        "unexpected end of file" => Said::Here("the proxy hung up; check that it is a proxy of this kind"),
        "failed to create underlying connection" => Said::Deeper("the proxy cannot be reached: "),
        _ => Said::Deeper("the proxy failed to connect: "),
    })
}
