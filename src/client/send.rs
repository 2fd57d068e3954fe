//! `createTextMessage` and `sendMessage`.

use base::{Clock as _, Error, Kind, Result};
use channel::{Body, Outgoing, Receipt, Target};
use napi::Env;
use napi::bindgen_prelude::{PromiseRaw, Unknown};
use napi_derive::napi;
use openim_client::system::{SystemChance, SystemClock};
use serde_json::{Map, Value, json};

use super::{Core, OpenImClient, Slot};
use crate::json::Json;
use crate::loose;
use crate::message::{self, Own, SENDING, SENT, TEXT};
use crate::outcome::{self, Outcome};

#[napi]
impl OpenImClient {
    /// Makes a text message with an id of its own; `sendMessage` sends it. Sending the same message again after an
    /// error keeps the id, by which receivers recognise a repeat.
    #[napi(catch_unwind, ts_args_type = "text: string", ts_return_type = "Message")]
    pub fn create_text_message(&self, text: Unknown<'_>) -> Outcome<Json> {
        Outcome::of("createTextMessage", || match loose::plain(&text)? {
            Value::String(text) => Ok(self.core.text_message(text)),
            _ => Err(loose::config("createTextMessage takes a string")),
        })
    }

    /// Sends a message to a user or a group and resolves with it as the server took it. An error with `maybeDelivered`
    /// means that nobody knows whether the server took it.
    ///
    /// A message made of a file is uploaded first and takes its place among the others when it is through; sent again
    /// after an error, it is not uploaded again. `onProgress` and `signal` are for the upload.
    #[napi(catch_unwind, ts_args_type = "params: SendParams", ts_return_type = "Promise<Message>")]
    pub fn send_message<'env>(
        &self,
        env: &'env Env,
        params: Unknown<'env>,
    ) -> napi::Result<PromiseRaw<'env, Outcome<Json>>> {
        let draft = outcome::caught("sendMessage", || Draft::read(&loose::object(&params, "sendMessage")?));
        if let Ok(draft) = &draft
            && let Some(attachment) = self.core.attachments.of(&draft.id)
        {
            return self.send_attached(env, &params, attachment, draft.clone());
        }
        // Here, on the calling thread, the message takes its place in the order of the calls.
        let sending = outcome::caught("sendMessage", || self.core.send(draft?));
        env.spawn_future(Outcome::later("sendMessage", async move { sending?.await }))
    }
}

/// A message to send, read from JavaScript.
#[derive(Clone)]
pub(super) struct Draft {
    target: Target,
    pub(super) id: String,
    created_at: i64,
    kind: i32,
    text: String,
    content: String,
    /// As in a received message: JSON, empty for text.
    parts: String,
    until_stored: bool,
}

impl Draft {
    /// The same message with its content as it is now.
    pub(super) fn saying(self, content: String, parts: String) -> Self {
        Self { content, parts, ..self }
    }

    fn read(params: &Map<String, Value>) -> Result<Self> {
        let target = target(params)?;
        let Some(Value::Object(message)) = params.get("message") else {
            return Err(loose::config("sendMessage takes a message made by createTextMessage"));
        };
        let kind = message
            .get("contentType")
            .map_or(Some(TEXT), |kind| kind.as_i64().and_then(|kind| i32::try_from(kind).ok()));
        let kind = kind.ok_or_else(|| loose::config("the message's contentType is not a number OpenIM knows"))?;
        let text = if kind == TEXT { text_of(message)? } else { String::new() };
        Ok(Self {
            target,
            id: loose::text(message, "clientMsgID").map_or_else(new_id, str::to_owned),
            created_at: message.get("createTime").and_then(Value::as_i64).unwrap_or_else(now),
            kind,
            text,
            content: loose::text(message, "content").unwrap_or_default().to_owned(),
            parts: String::new(),
            until_stored: params.get("untilStored").and_then(Value::as_bool).unwrap_or_default(),
        })
    }
}

fn target(params: &Map<String, Value>) -> Result<Target> {
    let refused = |why: &str| {
        let text = format!("sendMessage takes either recvID or groupID: {why}");
        Err(Error::new(Kind::Target, text))
    };
    let id = |name| loose::text(params, name).map(str::trim).filter(|id| !id.is_empty());
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

/// The text of a text message: of its element, or of its raw content.
fn text_of(message: &Map<String, Value>) -> Result<String> {
    let content = |value: &Value| value.get("content").and_then(Value::as_str).map(str::to_owned);
    let of_elem = message.get("textElem").and_then(content);
    let of_raw = || content(&serde_json::from_str(loose::text(message, "content")?).ok()?);
    of_elem.or_else(of_raw).ok_or_else(|| loose::config("the message holds no text; make it with createTextMessage"))
}

pub(super) fn new_id() -> String {
    openim_client::new_message_id(&SystemChance)
}

pub(super) fn now() -> i64 {
    SystemClock.now_ms()
}

impl Core {
    fn text_message(&self, text: String) -> Json {
        let own = Own { id: &new_id(), self_id: &self.self_id(), created_at: now(), status: SENDING, ..Own::default() };
        of_text(own, &text)
    }

    /// Who writes; nobody before the login.
    pub(super) fn self_id(&self) -> String {
        match &*self.login.lock() {
            Slot::Login(login) => login.account.self_id().to_owned(),
            Slot::Idle | Slot::Starting(_) => String::new(),
        }
    }

    pub(super) fn send(&self, draft: Draft) -> Result<impl Future<Output = Result<Json>> + Send + 'static> {
        let login = self.running()?;
        let body = if draft.kind == TEXT {
            Body::Text(draft.text.clone())
        } else {
            Body::Wire { kind: draft.kind, content: draft.content.clone() }
        };
        let outgoing = Outgoing {
            target: draft.target.clone(),
            id: draft.id.clone(),
            created_at: draft.created_at,
            body,
            until_stored: draft.until_stored,
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
    let own = Own {
        id: &receipt.id,
        server_id: &receipt.server_id,
        conversation: &receipt.conversation,
        self_id,
        target: Some(&draft.target),
        kind: draft.kind,
        content: &draft.content,
        parts: &draft.parts,
        sent_at: receipt.sent_at,
        created_at: draft.created_at,
        status: SENT,
        ..Own::default()
    };
    if draft.kind == TEXT { of_text(own, &draft.text) } else { Json::new(&message::object(&own)) }
}

/// What a text message says, in all three forms.
fn of_text(own: Own<'_>, text: &str) -> Json {
    let content = json!({ "content": text }).to_string();
    Json::new(&message::object(&Own { kind: TEXT, content: &content, text, ..own }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(params: Value) -> Result<Draft> {
        Draft::read(params.as_object().unwrap())
    }

    #[test]
    fn the_text_of_the_element_wins_over_the_raw_content() {
        let message = json!({"contentType": 101, "content": r#"{"content":"old"}"#, "textElem": {"content": "new"}, "clientMsgID": "id", "createTime": 5});
        let draft = draft(json!({"recvID": " alice ", "message": message})).unwrap();
        assert_eq!((draft.text.as_str(), draft.id.as_str(), draft.created_at), ("new", "id", 5));
        assert_eq!(draft.target, Target::User("alice".into()));
    }

    #[test]
    fn a_message_without_an_id_gets_one() {
        let draft = draft(json!({"groupID": "g", "message": {"content": r#"{"content":"hi"}"#}})).unwrap();
        assert_eq!((draft.id.len(), draft.text.as_str()), (32, "hi"));
    }

    #[test]
    fn a_refusal_says_what_is_wrong() {
        let message = json!({"textElem": {"content": "x"}});
        let cases = [
            (json!({"message": message}), Kind::Target, "none is given"),
            (json!({"recvID": "a", "groupID": "g", "message": message}), Kind::Target, "both are given"),
            (json!({"recvID": "a\nb", "message": message}), Kind::Target, "control characters"),
            (json!({"recvID": "a"}), Kind::Config, "made by createTextMessage"),
            (json!({"recvID": "a", "message": {"content": "{}"}}), Kind::Config, "holds no text"),
            (json!({"recvID": "a", "message": {"contentType": "text"}}), Kind::Config, "contentType"),
        ];
        for (params, kind, words) in cases {
            let error = draft(params).err().unwrap();
            assert_eq!(error.kind(), kind);
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
