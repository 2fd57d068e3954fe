//! Files that leave by their path and arrive by their address: the options that JavaScript passes and the results it gets.

use std::path::PathBuf;

use base::TypeScript;
use openim_client::media::{Enclosure, Rules};
use serde::{Deserialize, Serialize};

/// A file that becomes a message.
#[derive(Default, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(input)]
pub(crate) struct FileByPath {
    pub(crate) path: String,
    /// The name that people see; the file's own where it is left out.
    name: Option<String>,
    /// A MIME type. Where it is left out, the bytes decide, then the name.
    content_type: Option<String>,
    /// Seconds of a voice note or video, where the file does not say.
    duration: Option<f64>,
    /// A picture of a video's beginning.
    snapshot_path: Option<String>,
    /// A larger file is refused; 2 GiB where it is left out.
    max_bytes: Option<u64>,
    /// `false` refuses a symbolic link in the last place of the path.
    follow_links: Option<bool>,
    /// The id of the message; a new one where it is left out.
    #[serde(rename = "clientMsgID")]
    client_msg_id: Option<String>,
}

impl FileByPath {
    pub(crate) fn at(path: String) -> Self {
        Self { path, ..Self::default() }
    }

    /// The id that the message is to have, and the file.
    pub(crate) fn into_enclosure(self) -> (Option<String>, Enclosure) {
        let rules = Rules {
            max_bytes: self.max_bytes.unwrap_or(Rules::default().max_bytes),
            follow_links: self.follow_links.unwrap_or(true),
        };
        let enclosure = Enclosure {
            path: PathBuf::from(self.path),
            rules,
            name: given(self.name),
            content_type: given(self.content_type),
            duration: self.duration.map(seconds),
            snapshot: given(self.snapshot_path).map(PathBuf::from),
        };
        (given(self.client_msg_id), enclosure)
    }
}

/// An empty text counts as left out.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates; a length is within a day")]
fn seconds(duration: f64) -> i64 {
    (duration.round() as i64).clamp(0, 24 * 3_600)
}

/// An uploaded file.
#[derive(Serialize, TypeScript)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UploadResult {
    /// The address of the file.
    pub(crate) url: String,
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) content_type: String,
    /// The server's hash of the content: MD5 over the MD5s of its parts.
    pub(crate) hash: String,
    /// The server had the content already, and nothing was sent.
    pub(crate) instant: bool,
}

/// The limits of a download.
#[derive(Default, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(input, name = "DownloadLimits")]
pub(crate) struct DownloadSettings {
    /// A larger file is not kept; 100 MiB where it is left out.
    pub(crate) max_bytes: Option<f64>,
    /// Milliseconds for the download; 120,000 where it is left out. Waiting for other downloads does not count.
    pub(crate) timeout_ms: Option<f64>,
    /// The sender of the message with the file. One sender has only two downloads at once.
    pub(crate) sender: Option<String>,
    /// Where the file may come from; as the account's `mediaSources` where it is left out.
    #[ts(type = "'server' | 'any'")]
    pub(crate) sources: Option<String>,
    /// The directory that the file goes to; a private directory of the account where it is left out.
    pub(crate) dir: Option<String>,
}

/// A downloaded file. The caller owns it and removes it.
#[derive(Serialize, TypeScript)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DownloadResult {
    pub(crate) path: String,
    pub(crate) size: u64,
    /// A MIME type by the file's bytes, never by the server's word.
    pub(crate) content_type: String,
    /// A harmless file name.
    pub(crate) name: String,
}
