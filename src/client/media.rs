//! `uploadFile`, and messages whose file is still here: `create*MessageByPath`.

use std::sync::Arc;

use base::Result;
use napi::Env;
use napi::bindgen_prelude::{PromiseRaw, Unknown};
use napi_derive::napi;
use openim_client::media::{Attachment, Enclosure, Form, Upload};
use serde_json::Value;

use super::send::{Draft, new_id, now};
use super::{Core, OpenImClient};
use crate::answer::{self, Answer};
use crate::files::{FileByPath, UploadResult};
use crate::js_args;
use crate::message::{self, Message, SENDING};
use crate::outcome::{self, Outcome, Promised, Settled};
use crate::transfer::Transfer;

/// What a method that sends a file takes.
const FILE_BY_PATH: &str = "the path of a file, or an object with a path";

#[napi]
impl OpenImClient {
    /// Uploads a file by its path to the server's object storage and resolves with its address. Works while the client
    /// is logged in, and makes no message.
    ///
    /// The file is read in blocks and never held in memory. It must not change until the promise settles. Without a
    /// `contentType` the bytes of the file decide its type, then its name.
    #[napi(catch_unwind, ts_args_type = "params: UploadParams", ts_return_type = "Promise<UploadResult>")]
    pub fn upload_file<'env>(&self, env: &'env Env, params: Unknown<'env>) -> Promised<'env> {
        let begun = outcome::caught("uploadFile", || {
            let (_, Enclosure { path, rules, name, content_type, .. }) = file_by_path("uploadFile", &params)?;
            let login = self.core.running()?;
            let (transfer, course) = Transfer::begin(env, &params, &login.closed)?;
            let upload = Upload { path, rules, name, content_type, watch: course.watch() };
            Ok((transfer, (login, course, upload)))
        });
        let (transfer, begun) = apart(begun);
        let promise = outcome::promise(env, "uploadFile", async move {
            let (login, course, upload) = begun?;
            let uploaded = course.run(login.until_closed("uploadFile", login.uploader.upload(upload))).await?;
            Ok(answer::json(&UploadResult {
                url: uploaded.url,
                name: uploaded.name,
                size: uploaded.size,
                content_type: uploaded.content_type,
                hash: uploaded.hash,
                instant: uploaded.instant,
            }))
        })?;
        followed(transfer, promise)
    }

    /// Makes a picture message from a file; `sendMessage` uploads it. Rejects a file that is not a picture.
    #[napi(catch_unwind, ts_args_type = "file: string | FileByPath", ts_return_type = "Promise<Message>")]
    pub fn create_image_message_by_path<'env>(&self, env: &'env Env, file: Unknown<'env>) -> Promised<'env> {
        self.create_by_path(env, "createImageMessageByPath", Some(Form::Picture), &file)
    }

    /// Makes a voice message from a file; `sendMessage` uploads it. Without a `duration` the file's own is used, if it
    /// can be read.
    #[napi(catch_unwind, ts_args_type = "file: string | FileByPath", ts_return_type = "Promise<Message>")]
    pub fn create_sound_message_by_path<'env>(&self, env: &'env Env, file: Unknown<'env>) -> Promised<'env> {
        self.create_by_path(env, "createSoundMessageByPath", Some(Form::Sound), &file)
    }

    /// Makes a video message from a file; `sendMessage` uploads it, after the picture at `snapshotPath`. Without that
    /// path the video has no preview.
    #[napi(catch_unwind, ts_args_type = "file: string | FileByPath", ts_return_type = "Promise<Message>")]
    pub fn create_video_message_by_path<'env>(&self, env: &'env Env, file: Unknown<'env>) -> Promised<'env> {
        self.create_by_path(env, "createVideoMessageByPath", Some(Form::Video), &file)
    }

    /// Makes a picture, voice, video or file message, as the bytes of the file decide; `sendMessage` uploads it.
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
        let file = outcome::caught(op, || file_by_path(op, file));
        outcome::promise(env, op, async move {
            let (id, enclosure) = file?;
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
    pub(super) async fn enclose(&self, form: Option<Form>, enclosure: Enclosure, id: String) -> Result<Answer> {
        let attachment = Attachment::new(form, enclosure).await?;
        let (content, parts) = attachment.content().written();
        let own = Message {
            client_msg_id: &id,
            send_id: &self.self_id(),
            content_type: attachment.form().content_type(),
            content: &content,
            create_time: now(),
            status: SENDING,
            ..message::own(None)
        };
        let made = answer::message(&own, &parts);
        self.attachments.keep(&id, attachment);
        Ok(made)
    }
}

/// Reads the file that an argument names: its path alone, or an object with its path.
pub(super) fn file_by_path(op: &str, params: &Unknown<'_>) -> Result<(Option<String>, Enclosure)> {
    let file = match js_args::plain(params)? {
        Value::String(path) => FileByPath::at(path),
        params => js_args::read(params, op, FILE_BY_PATH)?,
    };
    if file.path.is_empty() {
        return Err(js_args::config(format!("{op} takes {FILE_BY_PATH}")));
    }
    if file.path.contains('\0') {
        return Err(js_args::config(format!("{op}: a path holds no zero byte")));
    }
    Ok(file.into_enclosure())
}
