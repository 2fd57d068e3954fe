//! SOCKS5 (RFC 1928) with user and password (RFC 1929).

use std::io;
use std::net::IpAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::Login;
use crate::Stream;
use crate::dial::Resolver;
use crate::error_text::why;
use crate::limits::SOCKS_FIELD_MAX;

const VERSION: u8 = 5;
const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;
const NONE_ACCEPTABLE: u8 = 0xff;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Where the proxy is to connect to.
pub(super) enum Target {
    Address(IpAddr),
    Name(String),
}

impl Target {
    /// A number goes as it is, a name as it is or looked up here.
    pub(super) async fn of(host: &str, names: bool, resolver: &dyn Resolver) -> io::Result<Self> {
        if let Ok(address) = host.parse() {
            return Ok(Self::Address(address));
        }
        if names {
            return Ok(Self::Name(host.to_owned()));
        }
        let first = resolver.resolve(host).await?.into_iter().next();
        first.map(Self::Address).ok_or_else(|| why(io::ErrorKind::NotFound, "the name has no address"))
    }
}

/// Asks the proxy for a connection.
pub(super) async fn through(
    mut stream: Box<dyn Stream>,
    target: &Target,
    port: u16,
    login: Option<&Login>,
) -> io::Result<Box<dyn Stream>> {
    greet(&mut stream, login).await?;
    let mut request = vec![VERSION, CONNECT, 0];
    match target {
        Target::Address(IpAddr::V4(address)) => {
            request.push(IPV4);
            request.extend(address.octets());
        }
        Target::Address(IpAddr::V6(address)) => {
            request.push(IPV6);
            request.extend(address.octets());
        }
        Target::Name(name) => {
            request.push(NAME);
            field(&mut request, name)?;
        }
    }
    request.extend(port.to_be_bytes());
    stream.write_all(&request).await?;
    stream.flush().await?;
    let [version, reply, _, kind] = read::<4>(&mut stream).await?;
    if version != VERSION {
        return Err(odd());
    }
    if reply != 0 {
        return Err(refused(reply));
    }
    // The address the proxy connects from: of no use, but it stands before what the far side says.
    let length = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => usize::from(stream.read_u8().await?),
        _ => return Err(odd()),
    };
    let mut skipped = [0; SOCKS_FIELD_MAX + 2];
    stream.read_exact(&mut skipped[..length + 2]).await?;
    Ok(stream)
}

async fn greet(stream: &mut Box<dyn Stream>, login: Option<&Login>) -> io::Result<()> {
    let hello: &[u8] = if login.is_some() { &[VERSION, 2, NO_LOGIN, PASSWORD] } else { &[VERSION, 1, NO_LOGIN] };
    stream.write_all(hello).await?;
    stream.flush().await?;
    let [version, method] = read::<2>(stream).await?;
    match (version, method, login) {
        (VERSION, NO_LOGIN, _) => Ok(()),
        (VERSION, PASSWORD, Some(login)) => {
            let mut words = vec![1];
            field(&mut words, login.user.expose())?;
            field(&mut words, login.password.expose())?;
            stream.write_all(&words).await?;
            stream.flush().await?;
            match read::<2>(stream).await? {
                [_, 0] => Ok(()),
                _ => Err(denied("the proxy does not accept the user and password of its address")),
            }
        }
        (VERSION, NONE_ACCEPTABLE, None) => Err(denied(
            "the proxy wants a user and password; write them into its address: socks5://user:password@host:port",
        )),
        (VERSION, NONE_ACCEPTABLE, Some(_)) => {
            Err(denied("the proxy accepts neither nobody nor a user and password; set up one of the two on it"))
        }
        _ => Err(odd()),
    }
}

/// A text after its length.
fn field(bytes: &mut Vec<u8>, text: &str) -> io::Result<()> {
    let length = u8::try_from(text.len())
        .map_err(|_| why(io::ErrorKind::InvalidInput, "it is longer than the 255 bytes SOCKS5 can carry"))?;
    bytes.push(length);
    bytes.extend(text.as_bytes());
    Ok(())
}

async fn read<const N: usize>(stream: &mut Box<dyn Stream>) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

fn refused(reply: u8) -> io::Error {
    let (kind, text) = match reply {
        2 => (io::ErrorKind::PermissionDenied, "the proxy's rules do not allow the connection"),
        3 | 4 => (io::ErrorKind::HostUnreachable, "the proxy cannot reach it or find its name"),
        5 => (io::ErrorKind::ConnectionRefused, "the proxy says that nothing listens there"),
        6 => (io::ErrorKind::TimedOut, "the proxy had no answer from it in time"),
        _ => (io::ErrorKind::Other, "the proxy failed to connect"),
    };
    why(kind, text)
}

fn denied(text: &str) -> io::Error {
    why(io::ErrorKind::PermissionDenied, text)
}

fn odd() -> io::Error {
    why(io::ErrorKind::InvalidData, "what answers as the proxy is no SOCKS5 proxy; check the proxy's address")
}
