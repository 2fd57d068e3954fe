//! Servers to go out to: a CA and what it signs, TLS in front of something, an HTTP proxy, a SOCKS5 proxy.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A certificate authority of the test's own.
pub(crate) struct Ca {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
}

impl Ca {
    pub(crate) fn new() -> Self {
        Self::named("a CA of somebody's own")
    }

    pub(crate) fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// The CA's certificate as a file.
    pub(crate) fn file(&self, directory: &Path) -> PathBuf {
        let path = directory.join("ca.pem");
        std::fs::write(&path, &self.pem).unwrap();
        path
    }

    /// A server made out to names, good for this century.
    pub(crate) fn server(&self, names: &[&str]) -> Arc<ServerConfig> {
        self.server_valid(names, 2001, 2099)
    }

    /// ... or from the beginning of one year to that of another.
    pub(crate) fn server_valid(&self, names: &[&str], from: i32, until: i32) -> Arc<ServerConfig> {
        let (certificate, key) = self.sign(names, from, until);
        config(certificate.der().clone(), &key)
    }

    /// A certificate of this CA, and its key.
    pub(crate) fn sign(&self, names: &[&str], from: i32, until: i32) -> (rcgen::Certificate, KeyPair) {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate, key)
    }
}

/// A server that shows this certificate.
pub(crate) fn config(certificate: rustls::pki_types::CertificateDer<'static>, key: &KeyPair) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Arc::new(builder.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap())
}

/// Serves every connection to a free port of this machine until the test ends.
pub(crate) async fn listen<S, F>(serve: S) -> SocketAddr
where
    S: Fn(TcpStream) -> F + Send + Sync + 'static,
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // What becomes of a connection is seen from its other end.
            tokio::spawn(serve(stream));
        }
    });
    address
}

/// TLS in front of another server.
pub(crate) async fn tls_before(config: Arc<ServerConfig>, behind: SocketAddr) -> SocketAddr {
    listen(move |stream| {
        let acceptor = TlsAcceptor::from(config.clone());
        async move {
            let mut stream = acceptor.accept(stream).await?;
            let mut behind = TcpStream::connect(behind).await?;
            copy_bidirectional(&mut stream, &mut behind).await.map(drop)
        }
    })
    .await
}

/// A proxy: where it leads, and what it was asked for.
#[derive(Clone, Default)]
pub(crate) struct Routes {
    /// Where a place of the test's world is on this machine.
    pub(crate) to: HashMap<String, SocketAddr>,
    pub(crate) login: Option<(&'static str, &'static str)>,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl Routes {
    pub(crate) fn new(to: &[(&str, SocketAddr)]) -> Self {
        let to = to.iter().map(|(place, address)| ((*place).to_owned(), *address)).collect();
        Self { to, ..Self::default() }
    }

    pub(crate) fn with_login(self, user: &'static str, password: &'static str) -> Self {
        Self { login: Some((user, password)), ..self }
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    async fn connect(&self, place: &str) -> Option<TcpStream> {
        self.asked.lock().unwrap().push(place.to_owned());
        TcpStream::connect(self.to.get(place)?).await.ok()
    }
}

/// The head of a message, without the empty line at its end.
pub(crate) async fn read_head<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).trim_end().to_owned())
}

/// An HTTP proxy: CONNECT, and whole addresses for plain HTTP.
pub(crate) async fn http_proxy(routes: Routes) -> SocketAddr {
    listen(move |stream| through_http(stream, routes.clone())).await
}

/// The same behind TLS.
pub(crate) async fn https_proxy(routes: Routes, config: Arc<ServerConfig>) -> SocketAddr {
    let plain = http_proxy(routes).await;
    tls_before(config, plain).await
}

async fn through_http(mut stream: TcpStream, routes: Routes) -> io::Result<()> {
    let head = read_head(&mut stream).await?;
    let given = head
        .lines()
        .find_map(|line| line.strip_prefix("Proxy-Authorization: ").or(line.strip_prefix("proxy-authorization: ")));
    let wanted =
        routes.login.map(|(user, password)| format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))));
    if wanted.is_some() && given != wanted.as_deref() {
        let refusal =
            "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n";
        return stream.write_all(refusal.as_bytes()).await;
    }
    let line: Vec<_> = head.lines().next().unwrap_or_default().split(' ').collect();
    let (method, target) = (line[0], line[1]);
    let whole = target.strip_prefix("http://");
    let place = match whole.and_then(|rest| rest.split('/').next()) {
        Some(place) if place.contains(':') => place.to_owned(),
        Some(place) => format!("{place}:80"),
        None => target.to_owned(),
    };
    let Some(mut behind) = routes.connect(&place).await else {
        return stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").await;
    };
    if method == "CONNECT" {
        stream.write_all(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n").await?;
    } else {
        let path = target.splitn(4, '/').nth(3).unwrap_or_default();
        let rest = head.split_once("\r\n").map_or("", |(_, rest)| rest);
        behind.write_all(format!("{method} /{path} HTTP/1.1\r\n{rest}\r\n\r\n").as_bytes()).await?;
    }
    copy_bidirectional(&mut stream, &mut behind).await.map(drop)
}

/// A SOCKS5 proxy.
pub(crate) async fn socks_proxy(routes: Routes) -> SocketAddr {
    listen(move |stream| through_socks(stream, routes.clone())).await
}

async fn through_socks(mut stream: TcpStream, routes: Routes) -> io::Result<()> {
    let version = stream.read_u8().await?;
    let methods = read_field(&mut stream).await?;
    let method = if routes.login.is_some() { 2 } else { 0 };
    if version != 5 || !methods.contains(&method) {
        return stream.write_all(&[5, 0xff]).await;
    }
    stream.write_all(&[5, method]).await?;
    if let Some((user, password)) = routes.login {
        stream.read_u8().await?;
        let given = (read_field(&mut stream).await?, read_field(&mut stream).await?);
        let good = given == (user.as_bytes().to_vec(), password.as_bytes().to_vec());
        stream.write_all(&[1, u8::from(!good)]).await?;
        if !good {
            return Ok(());
        }
    }
    let mut request = [0; 4];
    stream.read_exact(&mut request).await?;
    let host = match request[3] {
        1 => {
            let mut octets = [0; 4];
            stream.read_exact(&mut octets).await?;
            IpAddr::from(octets).to_string()
        }
        4 => {
            let mut octets = [0; 16];
            stream.read_exact(&mut octets).await?;
            format!("[{}]", IpAddr::from(octets))
        }
        _ => String::from_utf8_lossy(&read_field(&mut stream).await?).into_owned(),
    };
    let port = stream.read_u16().await?;
    match routes.connect(&format!("{host}:{port}")).await {
        None => stream.write_all(&[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]).await,
        Some(mut behind) => {
            // A name as its own address: the longest form the answer has.
            stream.write_all(b"\x05\x00\x00\x03\x04here\x00\x00").await?;
            copy_bidirectional(&mut stream, &mut behind).await.map(drop)
        }
    }
}

async fn read_field(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let length = stream.read_u8().await?;
    let mut bytes = vec![0; usize::from(length)];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}
