//! `download`: fetches what a message points at into a private file.

use std::path::PathBuf;
use std::time::Duration;

use base::Result;
use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use openim_client::system::SystemChance;
use openim_client::{DownloadLimits, Network, new_message_id};
use serde_json::{Value, json};

use super::OpenImClient;
use super::media::{apart, followed};
use crate::js_args;
use crate::json::Json;
use crate::limits::DOWNLOAD_TIME_MAX;
use crate::outcome::{self, Promised};
use crate::transfer::Transfer;

#[napi]
impl OpenImClient {
    /// Fetches the file behind an address that came with a message into a private file, which the caller removes. Every
    /// hop is checked: the internet and the account's own server may be reached, and what its `mediaHosts` names; other
    /// private addresses are refused. The type is told by the bytes.
    #[napi(
        catch_unwind,
        ts_args_type = "url: string, options?: DownloadOptions | undefined | null",
        ts_return_type = "Promise<DownloadResult>"
    )]
    pub fn download<'env>(&self, env: &'env Env, url: Unknown<'env>, options: Unknown<'env>) -> Promised<'env> {
        let begun = outcome::caught("download", || {
            let Value::String(url) = js_args::plain(&url)? else {
                return Err(js_args::config("download takes an address"));
            };
            let (limits, dir) = settings(&options)?;
            let login = self.core.running()?;
            let (transfer, course) = Transfer::begin(env, &options, &login.closed)?;
            Ok((transfer, (login, course, url, limits, dir)))
        });
        let (transfer, begun) = apart(begun);
        let promise = outcome::promise(env, "download", async move {
            let (login, course, url, limits, dir) = begun?;
            let dir = dir.as_ref().unwrap_or(&login.downloads.dir);
            let file = course
                .run(login.until_closed("download", login.downloads.network.download(&url, &limits, dir)))
                .await?;
            Ok(Json::new(&json!({
                "path": file.path.to_string_lossy(),
                "size": file.size,
                "contentType": file.content_type,
                "name": file.name,
            })))
        })?;
        followed(transfer, promise)
    }
}

fn settings(options: &Unknown<'_>) -> Result<(DownloadLimits, Option<PathBuf>)> {
    let Value::Object(options) = js_args::plain(options)? else {
        return Ok((DownloadLimits::default(), None));
    };
    let number = |name: &str| match options.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_f64().filter(|number| *number >= 1.0) {
            Some(number) => Ok(Some(number)),
            None => Err(js_args::config(format!("{name} is a number, at least 1"))),
        },
    };
    let mut limits = DownloadLimits::default();
    if let Some(bytes) = number("maxBytes")? {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 1, and a cast saturates")]
        let bytes = bytes as u64;
        limits.max_bytes = bytes;
    }
    if let Some(ms) = number("timeoutMs")? {
        limits.timeout = Duration::from_secs_f64(ms.min(DOWNLOAD_TIME_MAX.as_secs_f64() * 1_000.0) / 1_000.0);
    }
    Ok((limits, js_args::text(&options, "dir").map(PathBuf::from)))
}

/// Where an account's downloads go, and by which way they come.
pub(super) struct Downloads {
    network: Network,
    dir: PathBuf,
}

impl Downloads {
    /// Beside the ledger, or in a directory whose name nobody can have guessed and taken before.
    pub(super) fn new(network: Network, state_dir: Option<&PathBuf>) -> Self {
        let dir = match state_dir {
            Some(dir) => dir.join("multi-openim").join("downloads"),
            None => std::env::temp_dir().join(format!("multi-openim-{}", new_message_id(&SystemChance))),
        };
        Self { network, dir }
    }

    pub(super) fn network(&self) -> Network {
        self.network.clone()
    }
}
