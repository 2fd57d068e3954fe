//! Makes byte streams to hosts, and resolves names. Both are traits, so that tests can connect in memory under a paused
//! clock and change the addresses of a name.

use std::io;
use std::net::{IpAddr, SocketAddr};

use base::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::debug;

use crate::error_text::why;
use crate::limits::{ADDRESSES_TRIED, HEAD_START};

/// Any byte stream.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Makes byte streams.
pub trait Dialer: Send + Sync {
    /// Connects to a host, given by its name or its address.
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Box<dyn Stream>>>;

    /// The same, with the address that was connected to, if the dialer knows it.
    fn dial_with_address<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Dialled>> {
        Box::pin(async move { Ok((self.dial(host, port).await?, None)) })
    }
}

/// A stream and the address that it is connected to.
pub type Dialled = (Box<dyn Stream>, Option<IpAddr>);

/// Looks names up. Asked once for each connection that has to be checked: what was checked is what is dialled.
pub trait Resolver: Send + Sync {
    /// The addresses of a name.
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// TCP, without Nagle's delay: frames are small and somebody waits for each. Of several addresses the first that answers
/// is taken: one family of addresses that leads nowhere keeps nobody from the other.
#[derive(Debug, Clone, Copy, Default)]
pub struct TcpDialer;

impl Dialer for TcpDialer {
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move { Ok(self.dial_with_address(host, port).await?.0) })
    }

    fn dial_with_address<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Dialled>> {
        Box::pin(async move {
            let found = lookup_host((host, port)).await.map_err(|error| {
                why(
                    error.kind(),
                    format!("its name cannot be looked up ({error}); check the name and this machine's DNS"),
                )
            })?;
            let stream = race(alternating(found.collect()), TcpStream::connect).await?;
            stream.set_nodelay(true)?;
            let address = stream.peer_addr().ok().map(|peer| peer.ip());
            Ok((Box::new(stream) as Box<dyn Stream>, address))
        })
    }
}

/// IPv6 and IPv4 in turns, as far as addresses are tried.
fn alternating(found: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = found.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = found.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let mut second = second.into_iter();
    let mut turns = Vec::new();
    for address in first {
        turns.push(address);
        turns.extend(second.next());
    }
    turns.extend(second);
    turns.truncate(ADDRESSES_TRIED);
    turns
}

/// One attempt after the other, the next when one has failed or has had its head start.
async fn race<C, F, S>(addresses: Vec<SocketAddr>, connect: C) -> io::Result<S>
where
    C: Fn(SocketAddr) -> F,
    F: Future<Output = io::Result<S>> + Send + 'static,
    S: Send + 'static,
{
    let mut waiting = addresses.into_iter();
    let mut attempts = JoinSet::new();
    let mut last = why(io::ErrorKind::NotFound, "its name has no address");
    loop {
        if let Some(address) = waiting.next() {
            attempts.spawn(connect(address));
        }
        let ended = match waiting.len() {
            0 => attempts.join_next().await,
            _ => match timeout(HEAD_START, attempts.join_next()).await {
                Ok(ended) => ended,
                Err(_) => continue,
            },
        };
        match ended {
            Some(Ok(Ok(stream))) => return Ok(stream),
            Some(Ok(Err(error))) => {
                debug!(%error, "one address of the host was not reached");
                last = error;
            }
            // One that panicked says nothing; the others go on.
            Some(Err(_)) => {}
            None => return Err(last),
        }
    }
}

/// The machine's own.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::{Duration, Instant};

    use super::*;

    fn addresses(list: &[&str]) -> Vec<SocketAddr> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn families_take_turns() {
        let found = addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "1.1.1.2:1"]);
        assert_eq!(alternating(found), addresses(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "1.1.1.2:1"]));
        assert_eq!(alternating(addresses(&["1.1.1.1:1", "[::1]:1"])), addresses(&["1.1.1.1:1", "[::1]:1"]));
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_leads_nowhere_costs_a_quarter_of_a_second() {
        let began = Instant::now();
        let connect =
            |address: SocketAddr| async move { if address.is_ipv6() { pending().await } else { Ok(address) } };
        let found = addresses(&["[::1]:1", "1.1.1.1:1"]);
        assert_eq!(race(found, connect).await.unwrap(), addresses(&["1.1.1.1:1"])[0]);
        assert_eq!(began.elapsed(), HEAD_START);
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_refuses_costs_nothing_and_the_last_reason_is_told() {
        let began = Instant::now();
        let refused = |_| async { Err::<(), _>(io::Error::from(io::ErrorKind::ConnectionRefused)) };
        let error = race(addresses(&["[::1]:1", "1.1.1.1:1", "1.1.1.2:1"]), refused).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(race(Vec::new(), refused).await.unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(began.elapsed(), Duration::ZERO);
    }

    #[tokio::test]
    async fn a_name_that_nobody_knows_is_said() {
        // Too long for a question: it is refused on this machine.
        let error = TcpDialer.dial(&"x".repeat(300), 1).await.err().unwrap();
        assert!(crate::reason(&error).starts_with("its name cannot be looked up ("), "{error}");
    }
}
