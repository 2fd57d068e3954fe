//! `download`: fetches a file of a message into a private file.

use std::path::PathBuf;
use std::time::Duration;

use base::Result;
use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use openim_client::{DownloadLimits, DownloadOrigin, MediaSources};
use serde_json::Value;

use super::OpenImClient;
use super::media::{apart, followed};
use crate::answer;
use crate::files::{DownloadResult, DownloadSettings};
use crate::js_args;
use crate::limits::DOWNLOAD_TIME_MAX;
use crate::outcome::{self, Promised};
use crate::transfer::Transfer;

#[napi]
impl OpenImClient {
    /// Fetches the file behind an address of a message into a private file, which the caller removes. Files come from
    /// the account's own server, its storage and its `mediaHosts`, or, with `sources: "any"`, from any public address.
    /// Other private addresses are refused, also in redirects. The bytes of the file decide its type.
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
            let (limits, origin, dir) = settings(&options)?;
            let login = self.core.running()?;
            let (transfer, course) = Transfer::begin(env, &options, &login.closed)?;
            Ok((transfer, (login, course, url, limits, origin, dir)))
        });
        let (transfer, begun) = apart(begun);
        let promise = outcome::promise(env, "download", async move {
            let (login, course, url, limits, origin, dir) = begun?;
            if dir.is_none() {
                login.downloads.sweep().await;
            }
            let dir = dir.as_ref().unwrap_or(&login.downloads.dir);
            let fetching = login.downloads.network.download_for(&origin, &url, &limits, dir);
            let file = course.run(login.until_closed("download", fetching)).await?;
            Ok(answer::json(&DownloadResult {
                path: file.path.to_string_lossy().into_owned(),
                size: file.size,
                content_type: file.content_type.to_owned(),
                name: file.name,
            }))
        })?;
        followed(transfer, promise)
    }
}

fn settings(options: &Unknown<'_>) -> Result<(DownloadLimits, DownloadOrigin, Option<PathBuf>)> {
    let settings: DownloadSettings = match js_args::plain(options)? {
        options @ Value::Object(_) => js_args::read(options, "download", "options")?,
        _ => DownloadSettings::default(),
    };
    let number = |name: &str, number: Option<f64>| match number {
        Some(number) if number < 1.0 => Err(js_args::config(format!("{name} is a number, at least 1"))),
        number => Ok(number),
    };
    let mut limits = DownloadLimits::default();
    if let Some(bytes) = number("maxBytes", settings.max_bytes)? {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 1, and a cast saturates")]
        let bytes = bytes as u64;
        limits.max_bytes = bytes;
    }
    if let Some(ms) = number("timeoutMs", settings.timeout_ms)? {
        limits.timeout = Duration::from_secs_f64(ms.min(DOWNLOAD_TIME_MAX.as_secs_f64() * 1_000.0) / 1_000.0);
    }
    let sources = match settings.sources.as_deref() {
        None => None,
        Some("server") => Some(MediaSources::Server),
        Some("any") => Some(MediaSources::Any),
        Some(_) => return Err(js_args::config("sources is \"server\" or \"any\"")),
    };
    let origin = DownloadOrigin { sender: settings.sender, sources };
    Ok((limits, origin, settings.dir.filter(|dir| !dir.is_empty()).map(PathBuf::from)))
}
