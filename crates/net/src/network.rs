//! The network of one account: which certificates it trusts, which proxy it uses, and where its files come from and go to.

use std::env;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use base::{Error, Kind, Result};
use tokio::time::timeout;
use tracing::debug;
use url::Url;

use crate::certificates::{self, ClientCertificate};
use crate::dial::{Dialer, Dialled, Resolver, Stream, SystemResolver, TcpDialer};
use crate::error_text::{reason, why};
use crate::guard::{self, Allowed, PublicEntries};
use crate::host_patterns::HostPatterns;
use crate::http::{self, HttpClient};
use crate::limits::{ADDRESS_MAX, ADDRESSES_TRIED, DIAL_MAX};
use crate::own_server::{Own, OwnServer};
use crate::proxy::Choice;
use crate::slots::Slots;
use crate::tls::Tls;

/// The configuration of an account's outgoing connections.
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
    /// Hosts that files may come from and go to besides the own server, also private ones: `mediaHosts`.
    pub media_hosts: HostPatterns,
    /// Where files come from: `mediaSources`.
    pub media_sources: MediaSources,
    /// The account's own server.
    pub server: Option<OwnServer>,
}

/// Where files that messages point to come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MediaSources {
    /// The account's own server, its object storage, and the hosts that the operator has named.
    #[default]
    Server,
    /// Any public address as well.
    Any,
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

/// The network. Cheap to clone; everything an account opens goes through its one network.
#[derive(Clone)]
pub struct Network(Arc<Inner>);

struct Inner {
    dialer: Arc<dyn Dialer>,
    resolver: Arc<dyn Resolver>,
    proxies: Choice,
    places: Places,
    tls: Tls,
    http: OnceLock<HttpClient>,
    downloads: Slots,
    downloaded: AtomicBool,
}

/// Where files come from and go to.
pub(crate) struct Places {
    /// The hosts that the operator has named.
    pub(crate) media_hosts: HostPatterns,
    pub(crate) public_entries: PublicEntries,
    pub(crate) media_sources: MediaSources,
    pub(crate) own: Own,
}

impl Places {
    fn new(settings: &Settings) -> Self {
        Self {
            media_hosts: settings.media_hosts.clone(),
            public_entries: PublicEntries::default(),
            media_sources: settings.media_sources,
            own: Own::new(settings.server.clone()),
        }
    }

    /// Where a file may be put: to public addresses, to named hosts, and to these private addresses.
    fn allowed<'a>(&'a self, private: &'a [IpAddr]) -> Allowed<'a> {
        let (named, public_entries) = (&self.media_hosts, &self.public_entries);
        Allowed { named, public_entries, private, is_own: false, only_named: false }
    }
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
        Ok(Self::of(dialer, resolver, proxies, Places::new(settings), Tls::new(extra, client)))
    }

    /// Streams of the caller's making and nothing else: no proxy, no file, no environment.
    pub fn over(dialer: Arc<dyn Dialer>) -> Self {
        let places = Places::new(&Settings::default());
        Self::of(dialer, Arc::new(SystemResolver), Choice::Direct, places, Tls::new(Vec::new(), None))
    }

    fn of(dialer: Arc<dyn Dialer>, resolver: Arc<dyn Resolver>, proxies: Choice, places: Places, tls: Tls) -> Self {
        let (http, downloads, downloaded) = (OnceLock::new(), Slots::new(), AtomicBool::new(false));
        Self(Arc::new(Inner { dialer, resolver, proxies, places, tls, http, downloads, downloaded }))
    }

    /// A stream to the host of an address, through the proxy it takes, with TLS for `wss` and `https`. Settles within the
    /// limits of dialling and of TLS; [`reason`] says why it failed.
    pub async fn open(&self, url: &Url) -> io::Result<Box<dyn Stream>> {
        let opened = self.opened(url).await;
        match &opened {
            Ok(_) => debug!(place = guard::place(url), "connected"),
            Err(error) => debug!(place = guard::place(url), reason = reason(error), "no connection"),
        }
        opened
    }

    async fn opened(&self, url: &Url) -> io::Result<Box<dyn Stream>> {
        let port = url.port_or_known_default().unwrap_or_default();
        let dialled = timeout(DIAL_MAX, self.dial(url, bare(url), port)).await;
        let (stream, address) = dialled.unwrap_or_else(|_| Err(why(io::ErrorKind::TimedOut, self.silence(url))))?;
        let stream = self.secure(url, stream).await?;
        if let Some(address) = address {
            self.places().own.logged_in(url, address);
        }
        Ok(stream)
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

    /// A client for putting files where the account's own server says. The address is checked and its name pinned to the
    /// addresses that were found, except behind a proxy, which resolves it itself. It follows no redirect.
    pub async fn storage(&self, url: &Url) -> Result<reqwest::Client> {
        let private = self.exempt().await;
        let found = guard::check(url, self.resolver(), &self.places().allowed(&private)).await?;
        let tls = self.0.tls.config().map_err(|error| Error::new(Kind::Internal, reason(&error)))?;
        let client = http::pinned(&tls, &self.0.proxies, bare(url), &found)?;
        self.places().own.stores_at(url);
        Ok(client)
    }

    /// The private addresses of the own server that are exempt from the guard. If no connection of this login has led to
    /// the host of its files, one is made now. Behind a proxy nobody knows where a connection leads, so no name is exempt.
    pub(crate) async fn exempt(&self) -> Vec<IpAddr> {
        let own = &self.places().own;
        if let Some(files) = own.unknown_files_host().filter(|files| self.0.proxies.pick(files).is_none()) {
            let port = files.port_or_known_default().unwrap_or_default();
            if let Ok(Ok((_, Some(address)))) = timeout(DIAL_MAX, self.dial(files, bare(files), port)).await {
                own.found_files_host(address);
            }
        }
        own.exempt()
    }

    /// A stream for a download: to one of exactly these addresses, through the proxy if the address takes one. With it the
    /// address that was taken.
    pub(crate) async fn reach(&self, url: &Url, addresses: &[IpAddr]) -> Result<(Box<dyn Stream>, IpAddr)> {
        let port = url.port_or_known_default().unwrap_or_default();
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        let tried = &addresses[..addresses.len().min(ADDRESSES_TRIED)];
        for (index, address) in tried.iter().enumerate() {
            let patience = if index + 1 == tried.len() { DIAL_MAX } else { ADDRESS_MAX };
            let opened = async {
                let (stream, _) = self.dial(url, &address.to_string(), port).await?;
                self.secure(url, stream).await
            };
            match timeout(patience, opened).await {
                Ok(Ok(stream)) => return Ok((stream, *address)),
                Ok(Err(error)) => last = error,
                Err(_) => last = why(io::ErrorKind::TimedOut, self.silence(url)),
            }
            debug!(place = guard::place(url), %address, reason = reason(&last), "no connection for a download");
        }
        Err(Error::new(Kind::Offline, format!("no connection to {}: {}", guard::place(url), reason(&last)))
            .caused_by(last))
    }

    pub(crate) fn resolver(&self) -> &dyn Resolver {
        &*self.0.resolver
    }

    pub(crate) fn places(&self) -> &Places {
        &self.0.places
    }

    pub(crate) fn slots(&self) -> &Slots {
        &self.0.downloads
    }

    /// Whether nothing was fetched before.
    pub(crate) fn is_first_download(&self) -> bool {
        !self.0.downloaded.swap(true, Ordering::Relaxed)
    }

    /// TLS where the address asks for it.
    async fn secure(&self, url: &Url, stream: Box<dyn Stream>) -> io::Result<Box<dyn Stream>> {
        if !matches!(url.scheme(), "wss" | "https") {
            return Ok(stream);
        }
        self.0.tls.wrap(stream, bare(url).trim_end_matches('.')).await
    }

    /// Connects to a host through the proxy of an address. The address that was connected to is known without a proxy.
    async fn dial(&self, url: &Url, host: &str, port: u16) -> io::Result<Dialled> {
        let inner = &self.0;
        let Some(proxy) = inner.proxies.pick(url) else {
            return inner.dialer.dial_with_address(host, port).await;
        };
        debug!(%proxy, "connecting through a proxy");
        let dialled = proxy.dial(&*inner.dialer, &*inner.resolver, &inner.tls, host, port).await;
        if let Err(error) = &dialled {
            debug!(%proxy, reason = reason(error), "the proxy made no connection");
        }
        Ok((dialled?, None))
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
