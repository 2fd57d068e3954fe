//! A world of names and addresses that leads to this machine, so that a test may speak of the internet.

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use net::{
    BoxFuture, Dialer, Dialled, HostPattern, HostPatterns, MediaSources, Network, OwnServer, Resolver, Settings,
    Stream, TcpDialer,
};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use url::Url;

use crate::peers::{listen, read_head};

/// Which place is where, what a name means, and what was asked of both.
#[derive(Default)]
pub(crate) struct World {
    places: Mutex<HashMap<String, SocketAddr>>,
    names: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
    dialled: Mutex<Vec<String>>,
}

impl World {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// `host:port` is a server of this machine.
    pub(crate) fn place(&self, place: &str, server: SocketAddr) {
        self.places.lock().unwrap().insert(place.to_owned(), server);
    }

    /// What a name means, one look-up after the other; the last answer stays.
    pub(crate) fn name(&self, name: &str, answers: &[&[&str]]) {
        let answers = answers.iter().map(|answer| answer.iter().map(|text| text.parse().unwrap()).collect()).collect();
        self.names.lock().unwrap().insert(name.to_owned(), answers);
    }

    /// What was dialled, in order.
    pub(crate) fn dialled(&self) -> Vec<String> {
        self.dialled.lock().unwrap().clone()
    }

    pub(crate) fn network(self: &Arc<Self>, settings: &Settings) -> Network {
        self.outlet_in(settings, &[]).unwrap()
    }

    /// ... in an environment.
    pub(crate) fn outlet_in(
        self: &Arc<Self>,
        settings: &Settings,
        environment: &[(&str, &str)],
    ) -> base::Result<Network> {
        let find = |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_owned());
        Network::with(settings, self.clone(), self.clone(), &find)
    }
}

impl Dialer for World {
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let place = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
            self.dialled.lock().unwrap().push(place.clone());
            let server = self.places.lock().unwrap().get(&place).copied();
            let server = server.ok_or(io::ErrorKind::ConnectionRefused)?;
            TcpDialer.dial(&server.ip().to_string(), server.port()).await
        })
    }

    fn dial_with_address<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Dialled>> {
        Box::pin(async move {
            let address = match host.parse() {
                Ok(address) => Some(address),
                Err(_) => self.resolve(host).await.ok().and_then(|found| found.first().copied()),
            };
            let is_placed = self.places.lock().unwrap().contains_key(&format!("{host}:{port}"));
            let target = address.filter(|_| !is_placed).map_or_else(|| host.to_owned(), |address| address.to_string());
            Ok((self.dial(&target, port).await?, address))
        })
    }
}

impl Resolver for World {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let mut names = self.names.lock().unwrap();
            let answers = names
                .get_mut(host.trim_end_matches('.'))
                .ok_or_else(|| io::Error::other("no such name in this world"))?;
            Ok(if answers.len() > 1 { answers.remove(0) } else { answers.first().cloned().unwrap_or_default() })
        })
    }
}

pub(crate) fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// Files may come from anywhere.
pub(crate) fn anywhere() -> Settings {
    Settings { media_sources: MediaSources::Any, ..Settings::default() }
}

pub(crate) fn with_ca(ca: PathBuf) -> Settings {
    Settings { ca: Some(ca), ..anywhere() }
}

pub(crate) fn with_proxy(proxy: &str) -> Settings {
    Settings { proxy: Some(proxy.to_owned().into()), ..anywhere() }
}

pub(crate) fn allowing(places: &[&str]) -> Settings {
    let places = places.iter().map(|place| HostPattern::parse(place, true).unwrap()).collect();
    Settings { media_hosts: HostPatterns::new(places), ..anywhere() }
}

/// The own server has its socket and its files at these addresses, and files come from there only.
pub(crate) fn with_server(socket: &str, files: &str) -> Settings {
    Settings { server: Some(OwnServer { socket: url(socket), files: url(files) }), ..Settings::default() }
}

/// Why a stream could not be opened.
pub(crate) async fn failure(network: &Network, address: &str) -> String {
    match network.open(&url(address)).await {
        Ok(_) => panic!("{address} was opened"),
        Err(error) => net::reason(&error),
    }
}

/// A stream opens and carries bytes, or it does not and the reason begins with these words.
pub(crate) async fn opens_or_says(network: &Network, address: &str, words: Option<&str>) {
    match words {
        None => assert!(echoes(network.open(&url(address)).await.unwrap()).await),
        Some(words) => {
            let reason = failure(network, address).await;
            assert!(reason.starts_with(words), "{reason}");
        }
    }
}

/// Sends back whatever comes.
pub(crate) async fn echo() -> SocketAddr {
    listen(|stream| async move {
        let (mut from, mut to) = tokio::io::split(stream);
        tokio::io::copy(&mut from, &mut to).await.map(drop)
    })
    .await
}

/// Whether what is written to a stream comes back.
pub(crate) async fn echoes<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) -> bool {
    let mut back = [0; 5];
    stream.write_all(b"hello").await.is_ok()
        && stream.flush().await.is_ok()
        && stream.read_exact(&mut back).await.is_ok()
        && back == *b"hello"
}

/// Answers everything with these bytes and hangs up.
pub(crate) async fn answering(bytes: impl Into<Vec<u8>>) -> SocketAddr {
    let bytes = Arc::new(bytes.into());
    listen(move |mut stream| {
        let bytes = bytes.clone();
        async move {
            read_head(&mut stream).await?;
            stream.write_all(&bytes).await?;
            stream.shutdown().await
        }
    })
    .await
}

pub(crate) fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
