//! One account's way out: what it trusts, which proxy it takes, and which private places it may reach.

use std::env;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use base::{Error, Kind, Result};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use url::Url;

use crate::certificates::{self, ClientCertificate};
use crate::dial::{Dialer, Resolver, Stream, SystemResolver, TcpDialer};
use crate::error_text::{reason, why};
use crate::guard::{self, Inside};
use crate::host_patterns::HostPatterns;
use crate::http::{self, HttpClient};
use crate::limits::{ADDRESS_MAX, ADDRESSES_TRIED, DIAL_MAX, DOWNLOADS_AT_ONCE};
use crate::proxy::Choice;
use crate::tls::Tls;

/// What an account's configuration says about its way out.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// A PEM file with roots to trust besides the system's.
    pub ca: Option<PathBuf>,
    /// A PEM file with the account's own certificate, for servers that ask for one.
    pub client_cert: Option<PathBuf>,
    /// A PEM file with the key of that certificate.
    pub client_key: Option<PathBuf>,
    /// A proxy's address for everything, `direct` or nothing for none; where it is left out the environment decides.
    pub proxy: Option<base::Redacted<String>>,
    /// Private places a download may come from: the account's own server and its object storage.
    pub allow: HostPatterns,
    /// Private places a file may be put to: as `allow`, and the account's own server on every port, for its object storage
    /// often stands there.
    pub storage: HostPatterns,
}

impl Settings {
    /// Checks what can be checked without opening a file.
    pub fn check(&self) -> Result<()> {
        self.client_files()?;
        self.choice(&|_| None).map(drop)
    }

    /// The files of the client certificate and its key: both or neither.
    fn client_files(&self) -> Result<Option<(&Path, &Path)>> {
        let lacks = |option: &str, other: &str| {
            let text = format!("{other} is set without {option}; set both, or neither");
            Err(Error::new(Kind::Config, text))
        };
        match (&self.client_cert, &self.client_key) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
            (Some(_), None) => lacks("clientKey", "clientCert"),
            (None, Some(_)) => lacks("clientCert", "clientKey"),
        }
    }

    fn choice(&self, environment: &dyn Fn(&str) -> Option<String>) -> Result<Choice> {
        Choice::new(self.proxy.as_ref().map(|proxy| proxy.expose().as_str()), environment)
    }
}

/// The way out. Cheap to clone; everything an account opens goes through its one network.
#[derive(Clone)]
pub struct Network(Arc<Inner>);

struct Inner {
    dialer: Arc<dyn Dialer>,
    resolver: Arc<dyn Resolver>,
    proxies: Choice,
    allow: HostPatterns,
    storage: HostPatterns,
    tls: Tls,
    http: OnceLock<HttpClient>,
    downloads: Semaphore,
    downloaded: AtomicBool,
}

impl Network {
    /// Over TCP. Reads the CA file and the environment now and never again; opens nothing.
    pub fn new(settings: &Settings) -> Result<Self> {
        Self::with(settings, Arc::new(TcpDialer), Arc::new(SystemResolver), &|name| env::var(name).ok())
    }

    /// Over streams, names and an environment of the caller's making.
    pub fn with(
        settings: &Settings,
        dialer: Arc<dyn Dialer>,
        resolver: Arc<dyn Resolver>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let mut extra = settings.ca.as_deref().map(certificates::of_account).transpose()?.unwrap_or_default();
        if let Some(path) = environment("NODE_EXTRA_CA_CERTS") {
            extra.extend(certificates::of_node(Path::new(&path)));
        }
        let client = settings.client_files()?.map(|(cert, key)| ClientCertificate::read(cert, key)).transpose()?;
        let proxies = settings.choice(environment)?;
        let places = (settings.allow.clone(), settings.storage.clone());
        Ok(Self::of(dialer, resolver, proxies, places, Tls::new(extra, client)))
    }

    /// Streams of the caller's making and nothing else: no proxy, no file, no environment.
    pub fn over(dialer: Arc<dyn Dialer>) -> Self {
        Self::of(dialer, Arc::new(SystemResolver), Choice::Direct, Default::default(), Tls::new(Vec::new(), None))
    }

    fn of(
        dialer: Arc<dyn Dialer>,
        resolver: Arc<dyn Resolver>,
        proxies: Choice,
        (allow, storage): (HostPatterns, HostPatterns),
        tls: Tls,
    ) -> Self {
        let (http, downloads) = (OnceLock::new(), Semaphore::new(DOWNLOADS_AT_ONCE));
        Self(Arc::new(Inner {
            dialer,
            resolver,
            proxies,
            allow,
            storage,
            tls,
            http,
            downloads,
            downloaded: AtomicBool::new(false),
        }))
    }

    /// A stream to the host of an address, through the proxy it takes, with TLS for `wss` and `https`. Settles within the
    /// limits of dialling and of TLS; [`reason`] says why it failed.
    pub async fn open(&self, url: &Url) -> io::Result<Box<dyn Stream>> {
        let port = url.port_or_known_default().unwrap_or_default();
        match timeout(DIAL_MAX, self.dial(url, bare(url), port)).await {
            Ok(dialled) => self.secure(url, dialled?).await,
            Err(_) => Err(why(io::ErrorKind::TimedOut, self.silence(url))),
        }
    }

    /// The client for the account's own API. Its errors in words: [`crate::http_reason`].
    pub fn http(&self) -> Result<HttpClient> {
        if let Some(client) = self.0.http.get() {
            return Ok(client.clone());
        }
        let tls = self.0.tls.config().map_err(|error| Error::new(Kind::Internal, reason(&error)))?;
        let client = http::client(&tls, &self.0.proxies)?;
        Ok(self.0.http.get_or_init(|| HttpClient::new(client)).clone())
    }

    /// The account has ended: no connection is kept for its next request.
    pub fn close(&self) {
        if let Some(client) = self.0.http.get() {
            client.close();
        }
    }

    /// A client for putting files where the account's own server says. The address is checked and its name pinned to what
    /// was found, except behind a proxy, which looks it up for itself; it follows no redirect.
    pub async fn storage(&self, url: &Url) -> Result<reqwest::Client> {
        let found = guard::check(url, self.resolver(), &Inside { allow: &self.0.storage, beside: &[] }).await?;
        let tls = self.0.tls.config().map_err(|error| Error::new(Kind::Internal, reason(&error)))?;
        http::pinned(&tls, &self.0.proxies, bare(url), &found)
    }

    /// A stream for a download: to one of exactly these addresses, through the proxy if the address takes one.
    pub(crate) async fn reach(&self, url: &Url, addresses: &[IpAddr]) -> Result<Box<dyn Stream>> {
        let port = url.port_or_known_default().unwrap_or_default();
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        let tried = &addresses[..addresses.len().min(ADDRESSES_TRIED)];
        for (index, address) in tried.iter().enumerate() {
            let patience = if index + 1 == tried.len() { DIAL_MAX } else { ADDRESS_MAX };
            let opened = async {
                let stream = self.dial(url, &address.to_string(), port).await?;
                self.secure(url, stream).await
            };
            match timeout(patience, opened).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => last = error,
                Err(_) => last = why(io::ErrorKind::TimedOut, self.silence(url)),
            }
        }
        Err(Error::new(Kind::Offline, format!("no connection to {}: {}", guard::place(url), reason(&last)))
            .caused_by(last))
    }

    pub(crate) fn resolver(&self) -> &dyn Resolver {
        &*self.0.resolver
    }

    pub(crate) fn allow(&self) -> &HostPatterns {
        &self.0.allow
    }

    /// Whether nothing was fetched before.
    pub(crate) fn is_first_download(&self) -> bool {
        !self.0.downloaded.swap(true, Ordering::Relaxed)
    }

    /// A place among the downloads that run at once.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.0.downloads.acquire().await.ok()
    }

    /// TLS where the address asks for it.
    async fn secure(&self, url: &Url, stream: Box<dyn Stream>) -> io::Result<Box<dyn Stream>> {
        if !matches!(url.scheme(), "wss" | "https") {
            return Ok(stream);
        }
        self.0.tls.wrap(stream, bare(url).trim_end_matches('.')).await
    }

    async fn dial(&self, url: &Url, host: &str, port: u16) -> io::Result<Box<dyn Stream>> {
        let inner = &self.0;
        match inner.proxies.pick(url) {
            Some(proxy) => proxy.dial(&*inner.dialer, &*inner.resolver, &inner.tls, host, port).await,
            None => inner.dialer.dial(host, port).await,
        }
    }

    fn silence(&self, url: &Url) -> String {
        match self.0.proxies.pick(url) {
            Some(proxy) => format!("the proxy {proxy} does not answer, or has no answer from there"),
            None => "it does not answer".into(),
        }
    }
}

/// The host without the brackets of IPv6.
fn bare(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
}
