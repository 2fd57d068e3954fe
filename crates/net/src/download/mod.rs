//! Fetches a file that a message of a stranger points at, into a private file.
//!
//! The guard checks every redirect, and exactly the address that was checked is dialled. This goes over hyper directly: an
//! HTTP client would look the name up again. Behind a proxy the proxy is given that address, never the name. Nothing of
//! the account is sent: no token and no cookie. Size, time, redirects and the size after unpacking are bounded. An
//! incomplete file is removed, also when the caller drops the future.

mod error;
mod name;
mod request;
mod save;

use std::path::{Path, PathBuf};
use std::time::Duration;

use base::{Error, Kind, Result};
use tokio::time::timeout;
use url::Url;

use self::request::{Answer, fetch};
use self::save::Target;
use crate::guard::{self, Inside};
use crate::limits::{DOWNLOAD_BYTES, DOWNLOAD_TIME, REDIRECTS_MAX};
use crate::network::Network;

/// How large a download may be and how long it may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The largest file, in bytes after unpacking.
    pub max_bytes: u64,
    /// For everything together, including the wait for other downloads.
    pub timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: DOWNLOAD_BYTES, timeout: DOWNLOAD_TIME }
    }
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
        let url = Url::parse(url.trim())
            .map_err(|_| Error::new(Kind::Download, "what the message points at is no address; it is not fetched"))?;
        let fetched = async {
            let _turn = self.turn().await;
            self.follow(url.clone(), limits, directory).await
        };
        match timeout(limits.timeout, fetched).await {
            Ok(fetched) => fetched,
            Err(_) => {
                let seconds = limits.timeout.as_secs_f32();
                let text = format!("{} was not fetched within {seconds} s", guard::place(&url));
                Err(Error::new(Kind::Timeout, text))
            }
        }
    }

    async fn follow(&self, mut url: Url, limits: &Limits, directory: &Path) -> Result<Downloaded> {
        let sweeps = self.is_first_download();
        let mut beside = Vec::new();
        for _ in 0..=REDIRECTS_MAX {
            let inside = Inside { allow: self.allow(), beside: &beside };
            let addresses = guard::check(&url, self.resolver(), &inside).await?;
            let named = inside.names(&url);
            let stream = self.reach(&url, &addresses).await?;
            beside = if named { addresses } else { Vec::new() };
            let target = Target { url: &url, max_bytes: limits.max_bytes, directory, sweeps };
            match fetch(target, stream).await? {
                Answer::Saved(file) => return Ok(file),
                Answer::Redirected(next) => url = next,
            }
        }
        Err(guard::refuse(&url, &format!("it is redirected more than {REDIRECTS_MAX} times")))
    }
}
