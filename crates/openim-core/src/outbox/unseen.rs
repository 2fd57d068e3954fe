//! Messages that the server has acknowledged and that were not seen in their conversations yet. Their senders were
//! answered; a message that the server then did not store is reported.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::{Look, Seen};
use crate::limits::{LOOK_AGAIN, OUTBOX_MAX, SEND_MAX, STORED_WITHIN};

#[derive(Debug)]
struct UnseenMessage {
    conversation: Arc<str>,
    client_msg_id: String,
    above: i64,
    answered_at: Duration,
    look_at: Duration,
}

/// The newest acknowledged messages. Of more than [`OUTBOX_MAX`] the oldest are not watched any more.
#[derive(Debug, Default)]
pub(super) struct Unseen(VecDeque<UnseenMessage>);

impl Unseen {
    pub(super) fn add(&mut self, conversation: Arc<str>, client_msg_id: String, above: i64, now: Duration) {
        if self.0.len() == OUTBOX_MAX {
            self.0.pop_front();
        }
        let (answered_at, look_at) = (now, now + STORED_WITHIN);
        self.0.push_back(UnseenMessage { conversation, client_msg_id, above, answered_at, look_at });
    }

    pub(super) fn seen(&mut self, conversation: &str, client_msg_id: &str) {
        // The oldest is usually the next to be seen.
        let is_it =
            |message: &UnseenMessage| *message.conversation == *conversation && message.client_msg_id == client_msg_id;
        if let Some(at) = self.0.iter().position(is_it) {
            self.0.remove(at);
        }
    }

    /// The next conversation to look at. Its messages are looked for again after [`LOOK_AGAIN`].
    pub(super) fn look(&mut self, now: Duration) -> Option<Look> {
        self.0.retain(|message| now < message.answered_at + SEND_MAX);
        let conversation = self.0.iter().find(|message| message.look_at <= now)?.conversation.clone();
        let same = self.0.iter_mut().filter(|message| message.conversation == conversation && message.look_at <= now);
        let above = same
            .map(|message| {
                message.look_at = now + LOOK_AGAIN;
                message.above
            })
            .min()?;
        Some(Look { conversation, above, began: now })
    }

    pub(super) fn next(&self) -> Option<Duration> {
        self.0.iter().map(|message| message.look_at).min()
    }

    /// Takes what a look has shown. Returns the ids of messages that are certainly not there.
    pub(super) fn looked(&mut self, look: &Look, seen: &Seen) -> Vec<String> {
        let mut absent = Vec::new();
        self.0.retain(|message| {
            if message.conversation != look.conversation || message.above < look.above {
                return true;
            }
            if seen.found.contains_key(&message.client_msg_id) {
                return false;
            }
            let is_absent = seen.complete && look.began >= message.answered_at + STORED_WITHIN;
            if is_absent {
                absent.push(message.client_msg_id.clone());
            }
            !is_absent
        });
        absent
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
