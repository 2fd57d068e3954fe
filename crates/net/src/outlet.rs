//! One account's way out: what it trusts, which proxy it takes, and which private places it may reach.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use base::{Error, Kind, Result};
use tokio::time::timeout;
use url::Url;

use crate::dial::{Dialer, Resolver, Stream, SystemResolver, TcpDialer};
use crate::http;
use crate::limits::DIAL_MAX;
use crate::places::Places;
use crate::proxy::Choice;
use crate::tls::{self, Tls};
use crate::why::{reason, why};

/// What an account's configuration says about its way out.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// A PEM file with roots to trust besides the system's.
    pub ca: Option<PathBuf>,
    /// A proxy's address for everything, `direct` or nothing for none; where it is left out the environment decides.
    pub proxy: Option<base::Redacted<String>>,
    /// Private places a download may come from: the account's own server and its object storage.
    pub allow: Places,
}

impl Settings {
    /// Whether what can be known without opening anything is right.
    pub fn check(&self) -> Result<()> {
        self.choice(&|_| None).map(drop)
    }

    fn choice(&self, environment: &dyn Fn(&str) -> Option<String>) -> Result<Choice> {
        Choice::new(self.proxy.as_ref().map(|proxy| proxy.expose().as_str()), environment)
    }
}

/// The way out. Cheap to clone; everything an account opens goes through its one outlet.
#[derive(Clone)]
pub struct Outlet(Arc<Inner>);

struct Inner {
    dialer: Arc<dyn Dialer>,
    resolver: Arc<dyn Resolver>,
    proxies: Choice,
    #[expect(dead_code, reason = "read by downloads")]
    allow: Places,
    tls: Tls,
    http: OnceLock<reqwest::Client>,
}

impl Outlet {
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
        let mut extra = settings.ca.as_deref().map(tls::of_account).transpose()?.unwrap_or_default();
        if let Some(path) = environment("NODE_EXTRA_CA_CERTS") {
            extra.extend(tls::of_node(Path::new(&path)));
        }
        let proxies = settings.choice(environment)?;
        let allow = settings.allow.clone();
        Ok(Self(Arc::new(Inner { dialer, resolver, proxies, allow, tls: Tls::new(extra), http: OnceLock::new() })))
    }

    /// Streams of the caller's making and nothing else: no proxy, no file, no environment.
    pub fn over(dialer: Arc<dyn Dialer>) -> Self {
        let (proxies, allow, tls) = (Choice::Direct, Places::default(), Tls::new(Vec::new()));
        Self(Arc::new(Inner { dialer, resolver: Arc::new(SystemResolver), proxies, allow, tls, http: OnceLock::new() }))
    }

    /// A stream to the host of an address, through the proxy it takes, with TLS for `wss` and `https`. Settles within the
    /// limits of dialling and of TLS; [`reason`] says why it failed.
    pub async fn open(&self, url: &Url) -> io::Result<Box<dyn Stream>> {
        let host = url.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = url.port_or_known_default().unwrap_or_default();
        let stream = match timeout(DIAL_MAX, self.dial(url, host, port)).await {
            Ok(dialled) => dialled?,
            Err(_) => return Err(why(io::ErrorKind::TimedOut, self.silence(url))),
        };
        if matches!(url.scheme(), "wss" | "https") { self.0.tls.wrap(stream, host).await } else { Ok(stream) }
    }

    /// The client for the account's own API. Its errors in words: [`crate::http_reason`].
    pub fn http(&self) -> Result<reqwest::Client> {
        if let Some(client) = self.0.http.get() {
            return Ok(client.clone());
        }
        let tls = self.0.tls.config().map_err(|error| Error::new(Kind::Internal, reason(&error)))?;
        let client = http::client(&tls, &self.0.proxies)?;
        Ok(self.0.http.get_or_init(|| client).clone())
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
