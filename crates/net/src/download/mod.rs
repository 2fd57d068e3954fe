//! Fetches a file that a stranger's message points to into a private file.
//!
//! The guard checks every redirect, and exactly the address that was checked is dialled. This goes over hyper directly: an
//! HTTP client would look the name up again. Behind a proxy the proxy is given that address, never the name. Nothing of
//! the account is sent: no token and no cookie. Size, time, redirects and the size after unpacking are bounded. An
//! incomplete file is removed, also when the caller drops the future.

mod error;
mod name;
mod pace;
mod request;
mod save;
mod sweep;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::{Error, Kind, Result};
use tokio::time::timeout;
use tracing::debug;
use url::Url;

pub use self::name::download_name;
use self::request::{Answer, fetch};
use self::save::Target;
pub use self::sweep::sweep;
use crate::guard::{self, Allowed, Leads, is_named, leads};
use crate::limits::{DOWNLOAD_BYTES, DOWNLOAD_TIME, REDIRECTS_MAX};
use crate::network::{MediaSources, Network};

/// How large a download may be and how long it may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The largest file, in bytes after unpacking.
    pub max_bytes: u64,
    /// For the download itself. Waiting for other downloads does not count.
    pub timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: DOWNLOAD_BYTES, timeout: DOWNLOAD_TIME }
    }
}

/// For whom a file is fetched.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The sender of the message with the file. One sender has only some of the places for downloads.
    pub sender: Option<String>,
    /// Where files come from; as the account is configured if left out.
    pub sources: Option<MediaSources>,
}

/// A fetched file. The caller owns it and removes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// The media type by its bytes; what the server says does not count.
    pub content_type: &'static str,
    /// A harmless file name.
    pub name: String,
}

impl Network {
    /// Fetches `url` into a file of its own in `directory`, which is made for this user alone if it is not there.
    pub async fn download(&self, url: &str, limits: &Limits, directory: &Path) -> Result<Downloaded> {
        self.download_for(&Origin::default(), url, limits, directory).await
    }

    /// The same for a sender, or from other sources than the account's.
    pub async fn download_for(
        &self,
        origin: &Origin,
        url: &str,
        limits: &Limits,
        directory: &Path,
    ) -> Result<Downloaded> {
        let url = Url::parse(url.trim())
            .map_err(|_| Error::new(Kind::Download, "what the message points at is no address; it is not fetched"))?;
        let _slot = self.slots().take(origin.sender.as_deref()).await?;
        let sources = origin.sources.unwrap_or(self.places().media_sources);
        let fetched = timeout(limits.timeout, self.follow(url.clone(), sources, limits, directory)).await;
        let fetched = fetched.unwrap_or_else(|_| {
            let seconds = limits.timeout.as_secs_f32();
            Err(Error::new(Kind::Timeout, format!("{} was not fetched within {seconds} s", guard::place(&url))))
        });
        match &fetched {
            Ok(file) => debug!(place = guard::place(&url), size = file.size, "a file was fetched"),
            Err(error) => debug!(place = guard::place(&url), %error, "a file was not fetched"),
        }
        fetched
    }

    async fn follow(
        &self,
        mut url: Url,
        sources: MediaSources,
        limits: &Limits,
        directory: &Path,
    ) -> Result<Downloaded> {
        let sweeps = self.is_first_download();
        let mut from = CameFrom::Message;
        for _ in 0..=REDIRECTS_MAX {
            let hop = self.hop(&url, &from, sources).await;
            let addresses = guard::check(&url, self.resolver(), &hop.allowed(self)).await?;
            let (stream, address) = self.reach(&url, &addresses).await?;
            let target = Target { url: &url, max_bytes: limits.max_bytes, directory, sweeps };
            let next = match fetch(target, stream).await? {
                Answer::Saved(file) => return Ok(file),
                Answer::Redirected(next) => next,
            };
            if url.scheme() == "https" && next.scheme() == "http" && !is_named(&next, &self.places().media_hosts) {
                return Err(guard::downgraded(&next));
            }
            from = if hop.is_own { CameFrom::OwnServer(address) } else { CameFrom::Elsewhere };
            url = next;
        }
        Err(guard::refuse(&url, &format!("it is redirected more than {REDIRECTS_MAX} times")))
    }

    /// Judges one address of a download by where it comes from.
    async fn hop(&self, url: &Url, from: &CameFrom, sources: MediaSources) -> Hop {
        let own = &self.places().own;
        let is_own = own.keeps(url);
        let private = match from {
            _ if is_own => self.exempt().await,
            // The object storage of a private server often stands on another port of it.
            CameFrom::OwnServer(address) if matches!(leads(*address), Leads::Inside(_)) => vec![address.to_canonical()],
            _ => Vec::new(),
        };
        let is_listed = is_own || matches!(from, CameFrom::OwnServer(_)) || own.has_stored_at(url);
        Hop { private, is_own, only_named: sources == MediaSources::Server && !is_listed }
    }
}

/// Where an address of a download comes from.
enum CameFrom {
    Message,
    /// A redirect by the account's own server, which was reached at this address.
    OwnServer(IpAddr),
    /// A redirect by another server.
    Elsewhere,
}

/// One address of a download.
struct Hop {
    private: Vec<IpAddr>,
    is_own: bool,
    only_named: bool,
}

impl Hop {
    fn allowed<'a>(&'a self, network: &'a Network) -> Allowed<'a> {
        let places = network.places();
        Allowed {
            named: &places.media_hosts,
            public_entries: &places.public_entries,
            private: &self.private,
            is_own: self.is_own,
            only_named: self.only_named,
        }
    }
}
