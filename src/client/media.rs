//! `uploadFile`, and messages whose file is still here: `create*MessageByPath`.

use std::path::PathBuf;
use std::sync::Arc;

use base::Result;
use napi::Env;
use napi::bindgen_prelude::{PromiseRaw, Unknown};
use napi_derive::napi;
use openim_client::media::{Attachment, Enclosure, Form, Rules, Upload};
use serde_json::{Map, Value, json};

use super::send::{Draft, new_id, now};
use super::{Core, OpenImClient};
use crate::js_args;
use crate::json::Json;
use crate::message::{self, Own, SENDING};
use crate::outcome::{self, Outcome, Promised, Settled};
use crate::transfer::Transfer;

/// What is wrong with an argument.
const NOT_A_PATH: &str = "takes the path of a file, or an object with a path";

#[napi]
impl OpenImClient {
    /// Uploads a file by its path into the server's object storage and resolves with its address. Works while the
    /// client is logged in; a message is not made of it.
    ///
    /// The file is read in blocks and never kept in memory. It must stay as it is until the promise settles. A
    /// `contentType` that is left out is told by the bytes, then by the name.
    #[napi(catch_unwind, ts_args_type = "params: UploadParams", ts_return_type = "Promise<UploadResult>")]
    pub fn upload_file<'env>(&self, env: &'env Env, params: Unknown<'env>) -> Promised<'env> {
        let begun = outcome::caught("uploadFile", || {
            let Enclosure { path, rules, name, content_type, .. } = enclosure("uploadFile", &params)?;
            let login = self.core.running()?;
            let (transfer, course) = Transfer::begin(env, &params, &login.closed)?;
            let upload = Upload { path, rules, name, content_type, watch: course.watch() };
            Ok((transfer, (login, course, upload)))
        });
        let (transfer, begun) = apart(begun);
        let promise = outcome::promise(env, "uploadFile", async move {
            let (login, course, upload) = begun?;
            let uploaded = course.run(login.until_closed("uploadFile", login.uploader.upload(upload))).await?;
            Ok(Json::new(&json!({
                "url": uploaded.url,
                "name": uploaded.name,
                "size": uploaded.size,
                "contentType": uploaded.content_type,
                "hash": uploaded.hash,
                "instant": uploaded.instant,
            })))
        })?;
        followed(transfer, promise)
    }

    /// Makes a picture message of a file; `sendMessage` uploads it. Rejects what is no picture.
    #[napi(catch_unwind, ts_args_type = "file: string | FileByPath", ts_return_type = "Promise<Message>")]
    pub fn create_image_message_by_path<'env>(&self, env: &'env Env, file: Unknown<'env>) -> Promised<'env> {
        self.create_by_path(env, "createImageMessageByPath", Some(Form::Picture), &file)
    }

    /// Makes a voice message of a file; `sendMessage` uploads it. `duration` is told by the file where it can be.
    #[napi(catch_unwind, ts_args_type = "file: string | FileByPath", ts_return_type = "Promise<Message>")]
    pub fn create_sound_message_by_path<'env>(&self, env: &'env Env, file: Unknown<'env>) -> Promised<'env> {
        self.create_by_path(env, "createSoundMessageByPath", Some(Form::Sound), &file)
    }

    /// Makes a video message of a file; `sendMessage` uploads it, and the picture at `snapshotPath` before it. Without
    /// one the video is sent without a picture of its beginning.
    #[napi(catch_unwind, ts_args_type = "file: string | FileByPath", ts_return_type = "Promise<Message>")]
    pub fn create_video_message_by_path<'env>(&self, env: &'env Env, file: Unknown<'env>) -> Promised<'env> {
        self.create_by_path(env, "createVideoMessageByPath", Some(Form::Video), &file)
    }

    /// Makes a picture, voice, video or file message, as the file's bytes are; `sendMessage` uploads it.
    #[napi(catch_unwind, ts_args_type = "file: string | FileByPath", ts_return_type = "Promise<Message>")]
    pub fn create_message_by_path<'env>(&self, env: &'env Env, file: Unknown<'env>) -> Promised<'env> {
        self.create_by_path(env, "createMessageByPath", None, &file)
    }

    /// Makes a file message; `sendMessage` uploads the file.
    #[napi(catch_unwind, ts_args_type = "file: string | FileByPath", ts_return_type = "Promise<Message>")]
    pub fn create_file_message_by_path<'env>(&self, env: &'env Env, file: Unknown<'env>) -> Promised<'env> {
        self.create_by_path(env, "createFileMessageByPath", Some(Form::File), &file)
    }
}

impl OpenImClient {
    fn create_by_path<'env>(
        &self,
        env: &'env Env,
        op: &'static str,
        form: Option<Form>,
        file: &Unknown<'env>,
    ) -> Promised<'env> {
        let core = self.core.clone();
        let told = outcome::caught(op, || Ok((enclosure(op, file)?, own_id(file)?)));
        outcome::promise(env, op, async move {
            let (enclosure, id) = told?;
            core.enclose(form, enclosure, id.unwrap_or_else(new_id)).await
        })
    }
}

impl OpenImClient {
    /// Uploads the file of a message, then sends it under the id it has.
    pub(super) fn send_attached<'env>(
        &self,
        env: &'env Env,
        params: &Unknown<'env>,
        attachment: Arc<Attachment>,
        draft: Draft,
    ) -> Promised<'env> {
        let core = self.core.clone();
        let begun = outcome::caught("sendMessage", || {
            let login = core.running()?;
            let (transfer, course) = Transfer::begin(env, params, &login.closed)?;
            Ok((transfer, (login, course)))
        });
        let (transfer, begun) = apart(begun);
        let promise = outcome::promise(env, "sendMessage", async move {
            let (login, course) = begun?;
            let made = course
                .run(login.until_closed("sendMessage", attachment.uploaded(&login.uploader, course.watch())))
                .await?;
            let (content, parts) = made.written();
            let id = draft.id.clone();
            let sent = core.send(draft.saying(content, parts))?.await?;
            core.attachments.forget(&id);
            Ok(sent)
        })?;
        followed(transfer, promise)
    }
}

type Promise<'env> = PromiseRaw<'env, Outcome<Settled>>;

/// What stays on this thread and what goes along with the work.
pub(super) fn apart<'env, T>(begun: Result<(Transfer<'env>, T)>) -> (Option<Transfer<'env>>, Result<T>) {
    match begun {
        Ok((transfer, course)) => (Some(transfer), Ok(course)),
        Err(error) => (None, Err(error)),
    }
}

pub(super) fn followed<'env>(transfer: Option<Transfer<'env>>, promise: Promise<'env>) -> napi::Result<Promise<'env>> {
    if let Some(transfer) = transfer {
        transfer.follow(&promise).map_err(|error| napi::Error::from_reason(error.to_string()))?;
    }
    Ok(promise)
}

impl Core {
    /// Looks at the file and keeps it under the id of the message that is made of it.
    pub(super) async fn enclose(&self, form: Option<Form>, enclosure: Enclosure, id: String) -> Result<Json> {
        let attachment = Attachment::new(form, enclosure).await?;
        let (content, parts) = attachment.content().written();
        let own = Own {
            id: &id,
            self_id: &self.self_id(),
            kind: attachment.form().content_type(),
            content: &content,
            parts: &parts,
            created_at: now(),
            status: SENDING,
            ..Own::default()
        };
        let made = Json::new(&message::object(&own));
        self.attachments.keep(&id, attachment);
        Ok(made)
    }
}

/// The id a caller wants the message to have.
fn own_id(params: &Unknown<'_>) -> Result<Option<String>> {
    match js_args::plain(params)? {
        Value::Object(params) => Ok(js_args::text(&params, "clientMsgID").map(str::to_owned)),
        _ => Ok(None),
    }
}

/// Reads what names a file: its path alone, or with more.
pub(super) fn enclosure(op: &str, params: &Unknown<'_>) -> Result<Enclosure> {
    let params = match js_args::plain(params)? {
        Value::String(path) => Map::from_iter([("path".to_owned(), Value::String(path))]),
        Value::Object(params) => params,
        _ => return Err(js_args::config(format!("{op} {NOT_A_PATH}"))),
    };
    let Some(path) = js_args::text(&params, "path") else {
        return Err(js_args::config(format!("{op} {NOT_A_PATH}")));
    };
    if path.contains('\0') {
        return Err(js_args::config(format!("{op}: a path holds no zero byte")));
    }
    let rules = Rules {
        max_bytes: params.get("maxBytes").and_then(Value::as_u64).unwrap_or(Rules::default().max_bytes),
        follow_links: params.get("followLinks").and_then(Value::as_bool).unwrap_or(true),
    };
    let text = |name| js_args::text(&params, name).map(str::to_owned);
    Ok(Enclosure {
        path: PathBuf::from(path),
        rules,
        name: text("name"),
        content_type: text("contentType"),
        duration: params.get("duration").and_then(Value::as_f64).map(seconds),
        snapshot: text("snapshotPath").map(PathBuf::from),
    })
}

#[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates; a length is within a day")]
fn seconds(duration: f64) -> i64 {
    (duration.round() as i64).clamp(0, 24 * 3_600)
}
