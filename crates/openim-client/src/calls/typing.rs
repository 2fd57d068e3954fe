//! Typing: says that the account types, no more often than needed, and knows which others type.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use base::{Clock as _, Error, Kind, Result, TypeScript};
use openim_core::conversation;
use openim_core::events::{ClientEvent, Typists};
use openim_core::message::elements::Typing as Tips;
use openim_core::message::{Content, decode, encode, kinds, options};
use openim_core::wire::ops;
use openim_core::wire::pb::MsgData;
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::time::Instant;

use super::{Calls, With};
use crate::limits::{TYPING_AGAIN, TYPISTS_MAX};
use crate::outgoing;
use crate::system::{SystemClock, SystemRandom};

/// Whether the user types in a conversation.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct ChangeInput {
    /// The conversation's id: `si_<a>_<b>`, `sg_<group>` or `sn_<a>_<b>`.
    #[serde(rename = "conversationID")]
    conversation_id: String,
    /// True while the user types.
    focus: bool,
}

/// A user in a conversation.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct InputOf {
    /// The conversation's id: `si_<a>_<b>`, `sg_<group>` or `sn_<a>_<b>`.
    #[serde(rename = "conversationID")]
    conversation_id: String,
    /// The user's id.
    #[serde(rename = "userID")]
    user_id: String,
}

/// What the account has said of its own typing, and what others say of theirs.
pub struct Typing {
    began: Instant,
    said: Mutex<HashMap<String, Instant>>,
    typists: Mutex<Typists>,
}

impl Default for Typing {
    fn default() -> Self {
        Self { began: Instant::now(), said: Mutex::default(), typists: Mutex::default() }
    }
}

impl Typing {
    /// Whether to say it now: "yes" again only after a while, "no" only after a "yes".
    fn say(&self, conversation: &str, focus: bool, now: Instant) -> bool {
        let mut said = self.said.lock();
        if !focus {
            return said.remove(conversation).is_some();
        }
        if said.get(conversation).is_some_and(|at| now - *at < TYPING_AGAIN) {
            return false;
        }
        if said.len() >= TYPISTS_MAX {
            said.retain(|_, at| now - *at < TYPING_AGAIN);
        }
        if said.len() < TYPISTS_MAX {
            said.insert(conversation.to_owned(), now);
        }
        true
    }

    /// It could not be said.
    fn unsaid(&self, conversation: &str) {
        self.said.lock().remove(conversation);
    }

    /// Reads a message that says that its sender types, or has stopped. An event where that changes anything.
    pub(crate) fn heard(&self, conversation: &Arc<str>, message: &MsgData) -> Option<ClientEvent> {
        let Content::Typing(tips) = decode(message.content_type, &message.content) else { return None };
        let (user, platform) = (&message.send_id, message.sender_platform_id);
        self.typists.lock().heard(conversation, user, platform, tips.is_on(), self.began.elapsed())
    }

    /// When the next person's time is up.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.typists.lock().deadline().map(|at| self.began + at)
    }

    /// People whose time is up have stopped.
    pub(crate) fn expire(&self) -> Vec<ClientEvent> {
        self.typists.lock().expire(self.began.elapsed())
    }

    /// The connection is over: nobody is known to be typing.
    pub(crate) fn end(&self) -> Vec<ClientEvent> {
        self.typists.lock().expire(Duration::MAX)
    }

    fn platforms(&self, conversation: &str, user: &str) -> Vec<i32> {
        self.typists.lock().platforms(conversation, user, self.began.elapsed())
    }
}

impl Calls {
    pub async fn change_input_states(&self, params: ChangeInput) -> Result<()> {
        let ChangeInput { conversation_id, focus } = params;
        let message = self.typing_message(&conversation_id, focus)?;
        let requests = self.socket()?;
        if !self.typing.say(&conversation_id, focus, Instant::now()) {
            return Ok(());
        }
        let sent = requests.ask(ops::SEND_MSG, &message).await;
        if sent.is_err() && focus {
            self.typing.unsaid(&conversation_id);
        }
        sent.map(drop)
    }

    pub async fn get_input_states(&self, params: InputOf) -> Result<Vec<i32>> {
        Ok(self.typing.platforms(&params.conversation_id, &params.user_id))
    }

    fn typing_message(&self, conversation_id: &str, focus: bool) -> Result<MsgData> {
        let (recv_id, group_id, session_type) = match self.with(conversation_id)? {
            With::User(id) => (id, String::new(), conversation::SINGLE),
            With::Group(id) => (String::new(), id, conversation::GROUP),
            With::NotificationAccount(_) => {
                return Err(Error::new(Kind::Config, "nobody reads along in a notification account's conversation"));
            }
        };
        let now = SystemClock.now_ms();
        Ok(MsgData {
            send_id: self.me().to_owned(),
            recv_id,
            group_id,
            client_msg_id: outgoing::new_message_id(&SystemRandom),
            sender_platform_id: self.login.platform_id,
            session_type,
            msg_from: kinds::FROM_USER,
            content_type: kinds::TYPING,
            content: encode(&Content::Typing(Tips::new(focus))),
            send_time: now,
            create_time: now,
            status: kinds::STATUS_SENDING,
            options: options::ephemeral(),
            ..MsgData::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_is_said_again_after_ten_seconds_and_no_only_after_a_yes() {
        let (typing, now) = (Typing::default(), Instant::now());
        let at = |seconds| now + Duration::from_secs(seconds);
        assert!(!typing.say("c", false, at(0)), "nobody was told that it began");
        assert!(typing.say("c", true, at(0)));
        assert!(!typing.say("c", true, at(9)));
        assert!(typing.say("other", true, at(9)), "each conversation for itself");
        assert!(typing.say("c", true, at(10)));
        assert!(typing.say("c", false, at(11)));
        assert!(!typing.say("c", false, at(11)));
        assert!(typing.say("c", true, at(12)), "after a no it begins anew");
    }

    #[test]
    fn conversations_that_were_told_are_bounded() {
        let (typing, now) = (Typing::default(), Instant::now());
        for n in 0..2 * TYPISTS_MAX {
            typing.say(&n.to_string(), true, now);
        }
        assert!(typing.said.lock().len() <= TYPISTS_MAX);
    }
}
