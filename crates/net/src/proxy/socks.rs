//! Asks a SOCKS5 proxy for a connection, with or without user and password.

use std::io;
use std::net::IpAddr;

use tokio_socks::tcp::Socks5Stream;
use tokio_socks::{Error as SocksError, TargetAddr};

use super::Login;
use crate::Stream;
use crate::dial::Resolver;
use crate::error_text::why;

/// The place the proxy is to connect to. An address goes as it is; a name goes as it is if the proxy looks up `names`,
/// and is looked up here otherwise.
pub(super) async fn target<'a>(
    host: &'a str,
    port: u16,
    names: bool,
    resolver: &dyn Resolver,
) -> io::Result<TargetAddr<'a>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(TargetAddr::Ip((address, port).into()));
    }
    if names {
        return Ok(TargetAddr::Domain(host.into(), port));
    }
    let first = resolver.resolve(host).await?.into_iter().next();
    let address = first.ok_or_else(|| why(io::ErrorKind::NotFound, "the name has no address"))?;
    Ok(TargetAddr::Ip((address, port).into()))
}

/// Turns a stream to the proxy into one to the target.
pub(super) async fn through(
    stream: Box<dyn Stream>,
    target: TargetAddr<'_>,
    login: Option<&Login>,
) -> io::Result<Box<dyn Stream>> {
    let connected = match login {
        None => Socks5Stream::connect_with_socket(stream, target).await,
        Some(login) => {
            let (user, password) = (login.user.expose(), login.password.expose());
            Socks5Stream::connect_with_password_and_socket(stream, target, user, password).await
        }
    };
    connected.map(Socks5Stream::into_inner).map_err(|error| refusal(error, login.is_some()))
}

fn refusal(error: SocksError, with_login: bool) -> io::Error {
    use io::ErrorKind::{
        ConnectionRefused, HostUnreachable, InvalidData, InvalidInput, Other, PermissionDenied, TimedOut,
    };
    let (kind, text) = match error {
        SocksError::Io(error) => return error,
        SocksError::ConnectionNotAllowedByRuleset => {
            (PermissionDenied, "the proxy's rules do not allow the connection")
        }
        SocksError::NetworkUnreachable | SocksError::HostUnreachable => {
            (HostUnreachable, "the proxy cannot reach it or find its name")
        }
        SocksError::ConnectionRefused => (ConnectionRefused, "the proxy says that nothing listens there"),
        SocksError::TtlExpired => (TimedOut, "the proxy had no answer from it in time"),
        SocksError::GeneralSocksServerFailure
        | SocksError::CommandNotSupported
        | SocksError::AddressTypeNotSupported
        | SocksError::UnknownError => (Other, "the proxy failed to connect"),
        SocksError::PasswordAuthFailure(_) => {
            (PermissionDenied, "the proxy does not accept the user and password of its address")
        }
        SocksError::NoAcceptableAuthMethods if with_login => {
            (PermissionDenied, "the proxy accepts neither nobody nor a user and password; set up one of the two on it")
        }
        SocksError::NoAcceptableAuthMethods | SocksError::AuthorizationRequired => (
            PermissionDenied,
            "the proxy wants a user and password; write them into its address: socks5://user:password@host:port",
        ),
        SocksError::InvalidTargetAddress(_) => (InvalidInput, "its name is longer than the 255 bytes SOCKS5 can carry"),
        _ => (InvalidData, "what answers as the proxy is no SOCKS5 proxy; check the proxy's address"),
    };
    why(kind, text)
}
