//! `sendMessage`.

use base::{Clock as _, Error, Kind, Result, TypeScript};
use channel::message::Sender;
use channel::{Body, Outgoing, Push, Receipt, Target};
use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use openim_client::compose::{Composed, of_message};
use openim_client::system::{SystemClock, SystemRandom};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Core, OpenImClient, Slot};
use crate::answer::{self, Answer};
use crate::js_args;
use crate::message::{self, Message, SENT};
use crate::outcome::{self, Promised};

#[napi]
impl OpenImClient {
    /// Sends a message to a user or a group and resolves with the message as the server took it. An error with
    /// `maybeDelivered` means that the message may or may not have reached the server.
    ///
    /// A message made from a file is uploaded first, and takes its place among the other messages when the upload is
    /// complete. When it is sent again after an error, the file is not uploaded again. `onProgress` and `signal` are
    /// for the upload.
    #[napi(catch_unwind, ts_args_type = "params: SendParams", ts_return_type = "Promise<Message>")]
    pub fn send_message<'env>(&self, env: &'env Env, params: Unknown<'env>) -> Promised<'env> {
        let draft = outcome::caught("sendMessage", || Draft::read(js_args::plain(&params)?));
        if let Ok(draft) = &draft
            && let Some(attachment) = self.core.attachments.of(&draft.id)
        {
            return self.send_attached(env, &params, attachment, draft.clone());
        }
        // Here, on the calling thread, the message takes its place in the order of the calls.
        let sending = outcome::caught("sendMessage", || self.core.send(draft?));
        outcome::promise(env, "sendMessage", async move { sending?.await })
    }

    /// The same as `sendMessage`. Bots written for OpenIM's JS client use this name for media by URL.
    #[napi(catch_unwind, ts_args_type = "params: SendParams", ts_return_type = "Promise<Message>")]
    pub fn send_message_not_oss<'env>(&self, env: &'env Env, params: Unknown<'env>) -> Promised<'env> {
        self.send_message(env, params)
    }
}

/// A message to send, read from JavaScript.
#[derive(Clone)]
pub(super) struct Draft {
    target: Target,
    pub(super) id: String,
    created_at: i64,
    said: Composed,
    extra: String,
    push: Option<Push>,
    ephemeral: bool,
    until_stored: bool,
}

impl Draft {
    /// The same message with its content as it is now.
    pub(super) fn saying(self, content: String, parts: String) -> Self {
        Self { said: Composed { content, parts, ..self.said }, ..self }
    }

    fn read(params: Value) -> Result<Self> {
        let takes = "a message made by createTextMessage or another create method";
        let options: SendOptions = js_args::read(params, "sendMessage", takes)?;
        let target = options.target()?;
        let message = &options.message;
        Ok(Self {
            target,
            id: js_args::text(message, "clientMsgID").map_or_else(new_id, str::to_owned),
            created_at: message.get("createTime").and_then(Value::as_i64).unwrap_or_else(now),
            said: of_message(message, false)?,
            extra: js_args::text(message, "ex").unwrap_or_default().to_owned(),
            push: options.offline_push_info.map(Into::into),
            ephemeral: options.is_online_only.unwrap_or_default(),
            until_stored: options.until_stored.unwrap_or_default(),
        })
    }
}

/// The argument of `sendMessage` without the functions in it.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(input)]
pub(crate) struct SendOptions {
    /// The user that the message goes to.
    #[serde(rename = "recvID")]
    recv_id: Option<String>,
    /// The group that the message goes to.
    #[serde(rename = "groupID")]
    group_id: Option<String>,
    #[ts(type = "Partial<Message>")]
    message: Map<String, Value>,
    /// The notification that sleeping devices show.
    offline_push_info: Option<OfflinePushInfo>,
    /// Delivers only to users who are connected now. The message is not stored and gets no place in the conversation.
    is_online_only: Option<bool>,
    /// Resolves only once the message was seen in its conversation: the server's acknowledgement alone does not promise
    /// that the message is stored. Takes a moment longer.
    until_stored: Option<bool>,
}

impl SendOptions {
    fn target(&self) -> Result<Target> {
        let refused = |why: &str| {
            let text = format!("sendMessage takes either recvID or groupID: {why}");
            Err(Error::new(Kind::Target, text))
        };
        let id = |id: &Option<String>| id.as_deref().map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned);
        let target = match (id(&self.recv_id), id(&self.group_id)) {
            (Some(user), None) => Target::User(user),
            (None, Some(group)) => Target::Group(group),
            (None, None) => return refused("none is given"),
            (Some(_), Some(_)) => return refused("both are given"),
        };
        if target.id().chars().any(char::is_control) {
            return refused("an id holds no control characters");
        }
        Ok(target)
    }
}

/// The notification that sleeping devices show. Members that are left out are empty.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(input)]
pub(crate) struct OfflinePushInfo {
    title: Option<String>,
    desc: Option<String>,
    ex: Option<String>,
    #[serde(rename = "iOSPushSound")]
    ios_push_sound: Option<String>,
    #[serde(rename = "iOSBadgeCount")]
    ios_badge_count: Option<bool>,
    /// Not sent. Bots written for OpenIM's JS client may set it.
    #[serde(rename = "signalInfo")]
    _signal_info: Option<String>,
}

impl From<OfflinePushInfo> for Push {
    fn from(info: OfflinePushInfo) -> Self {
        Self {
            title: info.title.unwrap_or_default(),
            text: info.desc.unwrap_or_default(),
            extra: info.ex.unwrap_or_default(),
            sound: info.ios_push_sound.unwrap_or_default(),
            badge: info.ios_badge_count.unwrap_or_default(),
        }
    }
}

pub(super) fn new_id() -> String {
    openim_client::new_message_id(&SystemRandom)
}

pub(super) fn now() -> i64 {
    SystemClock.now_ms()
}

impl Core {
    /// Who writes; nobody before the login.
    pub(super) fn self_id(&self) -> String {
        match &*self.login.lock() {
            Slot::Login(login) => login.account.self_id().to_owned(),
            Slot::Idle | Slot::Starting(_) => String::new(),
        }
    }

    pub(super) fn send(&self, draft: Draft) -> Result<impl Future<Output = Result<Answer>> + Send + 'static> {
        let login = self.running()?;
        let Composed { kind, content, .. } = &draft.said;
        let body = Body::Wire { kind: *kind, content: content.clone() };
        let outgoing = Outgoing {
            until_stored: draft.until_stored,
            ephemeral: draft.ephemeral,
            mentions: draft.said.mentions.clone(),
            push: draft.push.clone(),
            extra: draft.extra.clone(),
            ..Outgoing::new(draft.target.clone(), draft.id.clone(), draft.created_at, body)
        };
        let sending = login.account.send(outgoing);
        Ok(async move {
            let receipt = sending.await?;
            Ok(sent(&login.calls.own_sender(), &draft, &receipt))
        })
    }
}

/// The message as the server took it.
fn sent(sender: &Sender, draft: &Draft, receipt: &Receipt) -> Answer {
    let Composed { kind, content, text, parts, mentions } = &draft.said;
    let sent = Message {
        client_msg_id: &receipt.id,
        server_msg_id: &receipt.server_id,
        conversation_id: &receipt.conversation,
        send_id: &sender.id,
        sender_nickname: &sender.name,
        sender_face_url: &sender.face,
        sender_platform_id: sender.platform,
        content_type: *kind,
        content,
        text,
        at_user_id_list: mentions,
        ex: &draft.extra,
        send_time: receipt.sent_at,
        create_time: draft.created_at,
        status: SENT,
        ..message::own(Some(&draft.target))
    };
    answer::message(&sent, parts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn draft(params: Value) -> Result<Draft> {
        Draft::read(params)
    }

    #[test]
    fn the_text_of_the_element_wins_over_the_raw_content() {
        let message = json!({"contentType": 101, "content": r#"{"content":"old"}"#, "textElem": {"content": "new"}, "clientMsgID": "id", "createTime": 5});
        let draft = draft(json!({"recvID": " alice ", "message": message})).unwrap();
        assert_eq!((draft.said.text.as_str(), draft.id.as_str(), draft.created_at), ("new", "id", 5));
        assert_eq!(draft.target, Target::User("alice".into()));
    }

    #[test]
    fn a_message_without_an_id_gets_one() {
        let draft = draft(json!({"groupID": "g", "message": {"content": r#"{"content":"hi"}"#}})).unwrap();
        assert_eq!((draft.id.len(), draft.said.text.as_str()), (32, "hi"));
    }

    #[test]
    fn a_refusal_says_what_is_wrong() {
        let message = json!({"textElem": {"content": "x"}});
        let cases = [
            (json!({"message": message}), Kind::Target, "none is given"),
            (json!({"recvID": "a", "groupID": "g", "message": message}), Kind::Target, "both are given"),
            (json!({"recvID": "a\nb", "message": message}), Kind::Target, "control characters"),
            (json!({"recvID": "a"}), Kind::Config, "made by createTextMessage"),
            (json!({"recvID": "a", "message": {"content": "{}"}}), Kind::Config, "holds nothing of its kind"),
            (json!({"recvID": "a", "message": {"contentType": "text"}}), Kind::Config, "contentType"),
        ];
        for (params, kind, words) in cases {
            let error = draft(params).err().unwrap();
            assert_eq!(error.kind(), kind);
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
