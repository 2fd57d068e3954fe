//! `sendMessage`.

use base::{Clock as _, Error, Kind, Result};
use channel::{Body, Outgoing, Push, Receipt, Target};
use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use openim_client::compose::{Composed, of_message};
use openim_client::system::{SystemChance, SystemClock};
use serde_json::{Map, Value};

use super::{Core, OpenImClient, Slot};
use crate::js_args;
use crate::json::Json;
use crate::message::{self, Own, SENT};
use crate::outcome::{self, Promised};

#[napi]
impl OpenImClient {
    /// Sends a message to a user or a group and resolves with it as the server took it. An error with `maybeDelivered`
    /// means that nobody knows whether the server took it.
    ///
    /// A message made of a file is uploaded first and takes its place among the others when it is through; sent again
    /// after an error, it is not uploaded again. `onProgress` and `signal` are for the upload.
    #[napi(catch_unwind, ts_args_type = "params: SendParams", ts_return_type = "Promise<Message>")]
    pub fn send_message<'env>(&self, env: &'env Env, params: Unknown<'env>) -> Promised<'env> {
        let draft = outcome::caught("sendMessage", || Draft::read(&js_args::object(&params, "sendMessage")?));
        if let Ok(draft) = &draft
            && let Some(attachment) = self.core.attachments.of(&draft.id)
        {
            return self.send_attached(env, &params, attachment, draft.clone());
        }
        // Here, on the calling thread, the message takes its place in the order of the calls.
        let sending = outcome::caught("sendMessage", || self.core.send(draft?));
        outcome::promise(env, "sendMessage", async move { sending?.await })
    }

    /// The same as `sendMessage`, for bots written for OpenIM's JS client: there it is the way for media by URL.
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

    fn read(params: &Map<String, Value>) -> Result<Self> {
        let target = target(params)?;
        let Some(Value::Object(message)) = params.get("message") else {
            return Err(js_args::config(
                "sendMessage takes a message made by createTextMessage or another create method",
            ));
        };
        let flag = |name: &str| params.get(name).and_then(Value::as_bool).unwrap_or_default();
        Ok(Self {
            target,
            id: js_args::text(message, "clientMsgID").map_or_else(new_id, str::to_owned),
            created_at: message.get("createTime").and_then(Value::as_i64).unwrap_or_else(now),
            said: of_message(message, false)?,
            extra: js_args::text(message, "ex").unwrap_or_default().to_owned(),
            push: params.get("offlinePushInfo").and_then(Value::as_object).map(push),
            ephemeral: flag("isOnlineOnly"),
            until_stored: flag("untilStored"),
        })
    }
}

/// What is left out is empty, as in the JS client.
fn push(info: &Map<String, Value>) -> Push {
    let text = |name| js_args::text(info, name).unwrap_or_default().to_owned();
    Push {
        title: text("title"),
        text: text("desc"),
        extra: text("ex"),
        sound: text("iOSPushSound"),
        badge: info.get("iOSBadgeCount").and_then(Value::as_bool).unwrap_or_default(),
    }
}

fn target(params: &Map<String, Value>) -> Result<Target> {
    let refused = |why: &str| {
        let text = format!("sendMessage takes either recvID or groupID: {why}");
        Err(Error::new(Kind::Target, text))
    };
    let id = |name| js_args::text(params, name).map(str::trim).filter(|id| !id.is_empty());
    let target = match (id("recvID"), id("groupID")) {
        (Some(user), None) => Target::User(user.to_owned()),
        (None, Some(group)) => Target::Group(group.to_owned()),
        (None, None) => return refused("none is given"),
        (Some(_), Some(_)) => return refused("both are given"),
    };
    if target.id().chars().any(char::is_control) {
        return refused("an id holds no control characters");
    }
    Ok(target)
}

pub(super) fn new_id() -> String {
    openim_client::new_message_id(&SystemChance)
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

    pub(super) fn send(&self, draft: Draft) -> Result<impl Future<Output = Result<Json>> + Send + 'static> {
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
            Ok(sent(login.account.self_id(), &draft, &receipt))
        })
    }
}

/// The message as the server took it.
fn sent(self_id: &str, draft: &Draft, receipt: &Receipt) -> Json {
    let Composed { kind, content, text, parts, mentions } = &draft.said;
    Json::new(&message::object(&Own {
        id: &receipt.id,
        server_id: &receipt.server_id,
        conversation: &receipt.conversation,
        self_id,
        target: Some(&draft.target),
        kind: *kind,
        content,
        text,
        parts,
        mentions,
        extra: &draft.extra,
        sent_at: receipt.sent_at,
        created_at: draft.created_at,
        status: SENT,
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn draft(params: Value) -> Result<Draft> {
        Draft::read(params.as_object().unwrap())
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
