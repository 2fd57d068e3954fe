//! Types for `index.d.ts` alone: files out by their path and in by their address.
#![expect(dead_code, reason = "stated for TypeScript; nothing in Rust makes or reads them")]

use napi::bindgen_prelude::Null;
use napi_derive::napi;

/// A file that becomes a message.
#[napi(object, object_to_js = false)]
pub struct FileByPath {
    pub path: String,
    /// The name people see; the file's own where it is left out.
    pub name: Option<String>,
    /// WireEvent by the bytes, then by the name, where it is left out.
    pub content_type: Option<String>,
    /// Seconds of a voice note or video, where the file does not tell them.
    pub duration: Option<f64>,
    /// A picture of a video's beginning.
    pub snapshot_path: Option<String>,
    /// A larger file is refused; 2 GiB where it is left out.
    pub max_bytes: Option<f64>,
    /// `false` refuses a symbolic link in the last place of the path.
    pub follow_links: Option<bool>,
    /// The id of the message; a new one where it is left out.
    #[napi(js_name = "clientMsgID")]
    pub client_msg_id: Option<String>,
}

/// What `uploadFile` takes.
#[napi(object, object_to_js = false)]
pub struct UploadParams {
    pub path: String,
    /// The name people see; the file's own where it is left out.
    pub name: Option<String>,
    /// WireEvent by the bytes, then by the name, where it is left out.
    pub content_type: Option<String>,
    /// A larger file is refused; 2 GiB where it is left out.
    pub max_bytes: Option<f64>,
    /// `false` refuses a symbolic link in the last place of the path.
    pub follow_links: Option<bool>,
    /// Called a few times a second, and once more when everything is through.
    #[napi(ts_type = "(progress: { sent: number, total: number }) => void")]
    pub on_progress: Option<Null>,
    #[napi(ts_type = "AbortSignal")]
    pub signal: Option<Null>,
}

/// What `download` takes besides the address.
#[napi(object, object_to_js = false)]
pub struct DownloadOptions {
    /// A larger file is not kept; 100 MiB where it is left out.
    pub max_bytes: Option<f64>,
    /// For everything together; 120,000 where it is left out.
    pub timeout_ms: Option<f64>,
    /// Where the file goes; a private directory of the account where it is left out.
    pub dir: Option<String>,
    #[napi(ts_type = "AbortSignal")]
    pub signal: Option<Null>,
}

/// A fetched file. Whoever asked for it owns it, and removes it.
#[napi(object, object_from_js = false)]
pub struct DownloadResult {
    pub path: String,
    pub size: f64,
    /// WireEvent by the bytes, never by the server.
    pub content_type: String,
    /// A harmless file name.
    pub name: String,
}

/// An uploaded file.
#[napi(object, object_from_js = false)]
pub struct UploadResult {
    pub url: String,
    pub name: String,
    pub size: f64,
    pub content_type: String,
    /// The server's hash of the content: MD5 over the MD5s of its parts.
    pub hash: String,
    /// The server had the content already; nothing was sent.
    pub instant: bool,
}
