//! Who types: telling it, sparingly, and remembering what others tell.

use std::collections::HashMap;

use base::{Clock as _, Error, Kind, Result};
use openim_core::conversation;
use openim_core::events::Platforms;
use openim_core::message::typing::Typing as Tips;
use openim_core::message::{Content, decode, encode, kinds, options};
use openim_core::wire::ops;
use openim_core::wire::pb::{MsgData, PushMessages};
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::time::Instant;

use super::{Calls, With};
use crate::limits::{TYPING_AGAIN, TYPING_LASTS, TYPISTS_MAX};
use crate::outgoing;
use crate::system::{SystemChance, SystemClock};

/// Whether the user types in a conversation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeInput {
    /// The conversation's id: `si_<a>_<b>`, `sg_<group>` or `sn_<a>_<b>`.
    #[serde(rename = "conversationID")]
    conversation_id: String,
    /// True while the user types.
    focus: bool,
}

/// A user in a conversation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InputOf {
    /// The conversation's id: `si_<a>_<b>`, `sg_<group>` or `sn_<a>_<b>`.
    #[serde(rename = "conversationID")]
    conversation_id: String,
    /// The user's id.
    #[serde(rename = "userID")]
    user_id: String,
}

/// What was told and what is remembered of it.
#[derive(Default)]
pub struct Typing {
    told: Mutex<HashMap<String, Instant>>,
    seen: Mutex<HashMap<(String, String), Platforms<Instant>>>,
}

impl Typing {
    /// Whether to say it now: "yes" again only after a while, "no" only after a "yes".
    fn say(&self, conversation: &str, focus: bool, now: Instant) -> bool {
        let mut told = self.told.lock();
        if !focus {
            return told.remove(conversation).is_some();
        }
        if told.get(conversation).is_some_and(|at| now - *at < TYPING_AGAIN) {
            return false;
        }
        if told.len() >= TYPISTS_MAX {
            told.retain(|_, at| now - *at < TYPING_AGAIN);
        }
        if told.len() < TYPISTS_MAX {
            told.insert(conversation.to_owned(), now);
        }
        true
    }

    /// It could not be said.
    fn unsaid(&self, conversation: &str) {
        self.told.lock().remove(conversation);
    }

    /// Looks through a push for people who type.
    pub(crate) fn read(&self, push: &PushMessages, me: &str) {
        let now = Instant::now();
        for (conversation, pulled) in &push.msgs {
            let tips =
                pulled.msgs.iter().filter(|message| message.content_type == kinds::TYPING && message.send_id != me);
            for message in tips {
                if let Content::Typing(tips) = decode(kinds::TYPING, &message.content) {
                    self.learn(conversation, &message.send_id, message.sender_platform_id, tips.is_on(), now);
                }
            }
        }
    }

    /// Somebody types on a platform, or has stopped.
    fn learn(&self, conversation: &str, user: &str, platform: i32, focus: bool, now: Instant) {
        let mut seen = self.seen.lock();
        let key = (conversation.to_owned(), user.to_owned());
        if !focus {
            if let Some(platforms) = seen.get_mut(&key) {
                platforms.retain(|known, _| known != platform);
            }
            return;
        }
        if seen.len() >= TYPISTS_MAX {
            seen.retain(|_, platforms| platforms.times().any(|at| now - *at < TYPING_LASTS));
        }
        if seen.len() < TYPISTS_MAX || seen.contains_key(&key) {
            seen.entry(key).or_default().insert(platform, now);
        }
    }

    /// The platforms somebody types on.
    pub(crate) fn platforms(&self, conversation: &str, user: &str, now: Instant) -> Vec<i32> {
        let mut seen = self.seen.lock();
        let Some(platforms) = seen.get_mut(&(conversation.to_owned(), user.to_owned())) else { return Vec::new() };
        platforms.retain(|_, at| now - *at < TYPING_LASTS);
        platforms.ids()
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
        let asked = requests.ask(ops::SEND_MSG, &message).await;
        if asked.is_err() && focus {
            self.typing.unsaid(&conversation_id);
        }
        asked.map(drop)
    }

    pub async fn get_input_states(&self, params: InputOf) -> Result<Vec<i32>> {
        Ok(self.typing.platforms(&params.conversation_id, &params.user_id, Instant::now()))
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
            client_msg_id: outgoing::new_message_id(&SystemChance),
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
    use std::time::Duration;

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
    fn what_others_type_is_forgotten_after_fifteen_seconds() {
        let (typing, now) = (Typing::default(), Instant::now());
        let at = |seconds| now + Duration::from_secs(seconds);
        typing.learn("c", "alice", 5, true, at(0));
        typing.learn("c", "alice", 1, true, at(3));
        assert_eq!(typing.platforms("c", "alice", at(14)), [1, 5]);
        assert_eq!(typing.platforms("c", "alice", at(16)), [1]);
        typing.learn("c", "alice", 1, false, at(16));
        assert!(typing.platforms("c", "alice", at(16)).is_empty());
    }

    #[test]
    fn memory_is_bounded_however_many_type() {
        let (typing, now) = (Typing::default(), Instant::now());
        for n in 0..2 * TYPISTS_MAX {
            typing.learn("c", &n.to_string(), 5, true, now);
            typing.say(&n.to_string(), true, now);
        }
        assert!(typing.seen.lock().len() <= TYPISTS_MAX && typing.told.lock().len() <= TYPISTS_MAX);
    }
}
