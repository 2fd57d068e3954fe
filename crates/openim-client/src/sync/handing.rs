//! What becomes of a message that goes up: input, an event, the account's own, or nothing.

use std::sync::Arc;

use channel::{Offer, WireEvent, WireNotice};
use openim_core::catchup::{Found, Verdict};
use openim_core::events::{self, ClientEvent, Context, Ignored, NoticeEvents};
use openim_core::wire::pb::{MsgData, SubUserOnlineStatusTips};
use openim_core::wire::words;
use std::sync::atomic::Ordering;

use super::Syncer;
use crate::inbound::{self, Class};

impl Syncer<'_> {
    pub(super) fn offer(&self, conversation: &Arc<str>, seq: i64, found: Found) -> Verdict {
        match found {
            Found::Message { message, offline } => return self.deliver(conversation, *message, offline),
            Found::Nothing => self.link.journal.pass(conversation, seq),
            Found::Skip { from } => self.link.journal.skip(conversation, from, seq),
            Found::Reset => self.link.journal.reset(conversation, seq),
        }
        Verdict::Done
    }

    pub(super) fn deliver(&self, conversation: &Arc<str>, message: MsgData, offline: bool) -> Verdict {
        let seq = message.seq;
        if message.send_id == self.user_id {
            self.sender.seen(conversation, &message);
            self.own.recent.lock().add_own_message(conversation, seq, &message.client_msg_id);
        }
        let taken = match inbound::class(conversation, &message, self.user_id) {
            Class::Message => {
                let message = inbound::shape(conversation, message, self.user_id);
                self.link.sink.message(channel::Inbound { offline, ..message })
            }
            Class::Notification => self.notification(conversation, &message),
            Class::Unknown => {
                let unknown = events::unknown(&message, conversation);
                self.emit(conversation, seq, message.client_msg_id, &[unknown])
            }
            Class::Typing => self.typing(conversation, &message),
            Class::Misdirected => self.skip(conversation, &message, "it is addressed to somebody else"),
            Class::Nameless => self.skip(conversation, &message, "it names no sender"),
            Class::UncleanId => self.skip(conversation, &message, "the id of its sender or group holds what no id may"),
            Class::Own | Class::Placeholder => self.pass(conversation, seq),
        };
        if taken == Offer::Full { Verdict::Full } else { Verdict::Done }
    }

    fn notification(&self, conversation: &Arc<str>, message: &MsgData) -> Offer {
        let context = Context { self_id: self.user_id, conversation };
        let read = events::read(message, context, &mut self.own.recent.lock());
        match read {
            Ok(NoticeEvents { id, events }) => self.emit(conversation, message.seq, id, &events),
            Err(Ignored::Unreadable) => self.skip(conversation, message, "it is not what its type promises"),
            Err(Ignored::Misplaced) => self.skip(conversation, message, "its sender has no say in what it tells"),
        }
    }

    fn emit(&self, conversation: &Arc<str>, seq: i64, id: String, events: &[ClientEvent]) -> Offer {
        if events.is_empty() {
            return self.pass(conversation, seq);
        }
        if events.iter().any(|event| event.name == events::SELF_INFO_UPDATED) {
            self.own.changed.notify_one();
        }
        self.link.sink.event(WireNotice {
            conversation: conversation.clone(),
            seq,
            id,
            events: events.iter().map(|event| wire_event(event, None)).collect(),
        })
    }

    fn typing(&self, conversation: &Arc<str>, message: &MsgData) -> Offer {
        self.passing(self.typing.heard(conversation, message));
        self.typists.notify_one();
        self.pass(conversation, message.seq)
    }

    /// Users that were asked for came or went.
    pub(crate) fn status(&self, tips: &SubUserOnlineStatusTips) {
        self.passing(tips.subscribers.iter().map(events::online_status));
    }

    /// The connection is over: nobody is known to be typing.
    pub(crate) fn end(&self) {
        self.passing(self.typing.end());
    }

    /// Events of the moment: a newer one about the same person makes the older one void.
    pub(super) fn passing(&self, events: impl IntoIterator<Item = ClientEvent>) {
        for event in events {
            let about = ["conversationID", "userID"].map(|name| event.data[name].as_str().unwrap_or_default());
            let events = vec![wire_event(&event, Some(about.join("\n")))];
            self.link.sink.event(WireNotice { conversation: "".into(), seq: 0, id: String::new(), events });
        }
    }

    fn skip(&self, conversation: &Arc<str>, message: &MsgData, why: &str) -> Offer {
        // Once per connection: whoever writes such things could write many.
        if !self.skipped.swap(true, Ordering::Relaxed) {
            let (kind, sender) = (message.content_type, &message.send_id);
            self.link.sink.note(format!(
                "skipped a message of type {kind} from \"{}\" in {}: {why}",
                words(sender),
                words(conversation)
            ));
        }
        self.pass(conversation, message.seq)
    }

    fn pass(&self, conversation: &Arc<str>, seq: i64) -> Offer {
        if seq > 0 {
            self.link.journal.pass(conversation, seq);
        }
        Offer::Taken
    }
}

fn wire_event(event: &ClientEvent, about: Option<String>) -> WireEvent {
    WireEvent { name: event.name, data: event.data.to_string(), about }
}
