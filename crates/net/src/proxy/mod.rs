//! A proxy: its address, and streams through it. Its password is sent to the proxy and appears nowhere else.

mod choice;
mod connect;
mod socks;

use std::{fmt, io};

use base::Redacted;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::{Host, Url};

pub(crate) use choice::Choice;

use crate::dial::{Dialer, Resolver, Stream};
use crate::error_text::why;
use crate::limits::SOCKS_FIELD_MAX;
use crate::tls::Tls;

/// One proxy.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    speaks: Speaks,
    host: String,
    port: u16,
    login: Option<Login>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speaks {
    /// HTTP CONNECT, the proxy itself reached by TLS or without.
    Http { tls: bool },
    /// SOCKS5; `names` are looked up by the proxy, not here.
    Socks { names: bool },
}

#[derive(Clone, PartialEq, Eq)]
struct Login {
    user: Redacted<String>,
    password: Redacted<String>,
}

/// Without user and password.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.scheme(), self.host, self.port)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Proxy {
    /// Reads `scheme://user:password@host:port`; without a scheme it is HTTP. The refusal says nothing of the text.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str =
            "is not a proxy's address; write http://host:port, socks5://host:port or socks5h://host:port";
        let text = text.trim();
        let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
        let url = url.map_err(|_| FORM)?;
        let (speaks, port) = match url.scheme() {
            "http" => (Speaks::Http { tls: false }, 80),
            "https" => (Speaks::Http { tls: true }, 443),
            "socks5" | "socks" => (Speaks::Socks { names: false }, 1080),
            "socks5h" => (Speaks::Socks { names: true }, 1080),
            _ => return Err(FORM),
        };
        let written = url.host_str().filter(|host| !host.is_empty()).ok_or(FORM)?;
        // For the schemes of SOCKS the parser leaves a name in another script as it is.
        let host = Host::parse(&percent_decode_str(written).decode_utf8_lossy()).map_err(|_| FORM)?.to_string();
        let decoded = |text: &str| Redacted::new(percent_decode_str(text).decode_utf8_lossy().into_owned());
        let login = (!url.username().is_empty() || url.password().is_some())
            .then(|| Login { user: decoded(url.username()), password: decoded(url.password().unwrap_or_default()) });
        if let (Some(login), Speaks::Socks { .. }) = (&login, speaks) {
            let fits = |text: &Redacted<String>| (1..=SOCKS_FIELD_MAX).contains(&text.expose().len());
            if !fits(&login.user) || !fits(&login.password) {
                return Err("has a user or password that SOCKS5 cannot carry; each has 1 to 255 bytes");
            }
        }
        Ok(Self { speaks, host, port: url.port().unwrap_or(port), login })
    }

    /// As the HTTP client takes it, user and password included.
    pub(crate) fn exposed(&self) -> Option<Url> {
        let mut url = Url::parse(&self.to_string()).ok()?;
        if let Some(login) = &self.login {
            // It decodes them once more; an URL alone would leave a percent sign as it is.
            let encoded = |text: &Redacted<String>| utf8_percent_encode(text.expose(), NON_ALPHANUMERIC).to_string();
            url.set_username(&encoded(&login.user)).ok()?;
            url.set_password(Some(&encoded(&login.password))).ok()?;
        }
        Some(url)
    }

    /// A stream to `host` through the proxy. A number goes as it is; a name is looked up by the proxy, except for
    /// `socks5://`, where it is looked up here.
    pub(crate) async fn dial(
        &self,
        dialer: &dyn Dialer,
        resolver: &dyn Resolver,
        tls: &Tls,
        host: &str,
        port: u16,
    ) -> io::Result<Box<dyn Stream>> {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        let mut stream = dialer.dial(bare, self.port).await.map_err(|error| self.fault(&error))?;
        let made = async {
            match self.speaks {
                Speaks::Http { tls: to_proxy } => {
                    if to_proxy {
                        stream = tls.wrap(stream, bare).await.map_err(|error| self.fault(&error))?;
                    }
                    connect::through(stream, host, port, self.login.as_ref()).await
                }
                Speaks::Socks { names } => {
                    let target = socks::target(host, port, names, resolver).await?;
                    socks::through(stream, target, self.login.as_ref()).await
                }
            }
        };
        // What the proxy says is told with the proxy's name.
        made.await.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                why(error.kind(), format!("the proxy {self} hung up; check that it is a proxy of this kind"))
            }
            _ => error,
        })
    }

    fn scheme(&self) -> &'static str {
        match self.speaks {
            Speaks::Http { tls: false } => "http",
            Speaks::Http { tls: true } => "https",
            Speaks::Socks { names: false } => "socks5",
            Speaks::Socks { names: true } => "socks5h",
        }
    }

    fn fault(&self, error: &io::Error) -> io::Error {
        why(error.kind(), format!("the proxy {self} cannot be reached: {}", crate::reason(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_shown_without_its_user_and_password() {
        let proxy = Proxy::parse("http://bot:s3cr%40t@proxy.lan:3128").unwrap();
        assert_eq!(format!("{proxy} {proxy:?}"), "http://proxy.lan:3128 http://proxy.lan:3128");
        assert_eq!(proxy.login.as_ref().unwrap().password.expose(), "s3cr@t");
        assert_eq!(proxy.exposed().unwrap().as_str(), "http://bot:s3cr%40t@proxy.lan:3128/");
        let odd = Proxy::parse("http://b%3Aot:a%2541%25@proxy.lan:3128").unwrap();
        assert_eq!(odd.login.as_ref().unwrap().password.expose(), "a%41%");
        assert_eq!(odd.exposed().unwrap().as_str(), "http://b%3Aot:a%2541%25@proxy.lan:3128/");
    }

    #[test]
    fn addresses_are_read_as_operators_write_them() {
        let shown = |text| Proxy::parse(text).map(|proxy| proxy.to_string());
        for (text, expected) in [
            ("proxy.lan:3128", "http://proxy.lan:3128"),
            ("https://proxy.lan", "https://proxy.lan:443"),
            ("socks5://[::1]", "socks5://[::1]:1080"),
            ("socks5h://u:p@h:9", "socks5h://h:9"),
            ("http://bücher.lan:3128", "http://xn--bcher-kva.lan:3128"),
            ("socks5h://bücher.lan", "socks5h://xn--bcher-kva.lan:1080"),
        ] {
            assert_eq!(shown(text).as_deref(), Ok(expected), "{text}");
        }
        for odd in ["", "http://", "ftp://x", "socks4://x", "http://x:99999", "socks5://u@h"] {
            assert!(shown(odd).is_err(), "{odd}");
        }
    }
}
