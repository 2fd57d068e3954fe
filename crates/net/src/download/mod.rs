//! Fetches what a stranger's message points at, into a private file.
//!
//! The law of it: every hop is checked by the guard and dialled at the very address that was checked, by hand over hyper
//! and not by an HTTP client that would look the name up again; behind a proxy the proxy is given that address, never the
//! name. Nothing of the account is sent: no token, no cookie, no header but the host. Size, time, hops and what gzip may
//! unfold are bounded. A file that is not whole is removed, also when the caller loses interest.

mod name;
mod redirect;
mod save;

use std::path::{Path, PathBuf};
use std::time::Duration;

use base::{Error, Kind, Result};
use tokio::time::timeout;
use url::Url;

use self::redirect::{Answer, Redirect};
use crate::guard::{self, Inside};
use crate::limits::{DOWNLOAD_BYTES, DOWNLOAD_TIME, REDIRECTS_MAX};
use crate::network::Network;

/// How much and how long.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub max_bytes: u64,
    /// For everything together, waiting included.
    pub timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: DOWNLOAD_BYTES, timeout: DOWNLOAD_TIME }
    }
}

/// A fetched file. Whoever asked for it owns it, and removes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    pub path: PathBuf,
    pub size: u64,
    /// By its bytes, never by what the server says.
    pub content_type: &'static str,
    /// A harmless file name.
    pub name: String,
}

impl Network {
    /// Fetches `url` into a file of its own in `directory`, which is made for this user alone if it is not there.
    pub async fn download(&self, url: &str, limits: &Limits, directory: &Path) -> Result<Downloaded> {
        let url = Url::parse(url.trim()).map_err(|_| {
            let what = if url.is_ascii() { "no address" } else { "no address written in ASCII" };
            Error::new(Kind::Download, format!("what the message points at is {what}; it is not fetched"))
        })?;
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
        let first = self.is_first_download();
        let mut beside = Vec::new();
        for _ in 0..=REDIRECTS_MAX {
            let inside = Inside { allow: self.allow(), beside: &beside };
            let addresses = guard::check(&url, self.resolver(), &inside).await?;
            let named = inside.names(&url);
            let stream = self.reach(&url, &addresses).await?;
            beside = if named { addresses } else { Vec::new() };
            match (Redirect { url: &url, limits, directory, first }).run(stream).await? {
                Answer::Saved(file) => return Ok(file),
                Answer::Elsewhere(next) => url = next,
            }
        }
        Err(guard::refuse(&url, &format!("it is redirected more than {REDIRECTS_MAX} times")))
    }
}
