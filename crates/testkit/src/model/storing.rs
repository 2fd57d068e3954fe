//! Storing an accepted message: its ids, its time, its conversation and its sequence. Between accepting and storing it
//! waits in `transfer`; a fault can withhold a stored message for a while.

use std::collections::BTreeSet;

use openim_core::conversation;
use openim_core::message::options;
use openim_core::wire::pb::{MsgData, SendMsgResp};

use super::Model;
use super::messages::Parties;
use super::outgoing::Push;
use super::transfer::Waiting;
use crate::records::Conversation;

/// The one notification whose copy in the chat is also pushed to phones.
const FRIEND_ACCEPTED: i32 = 1201;

/// A message that was stored at once: its acknowledgement, and the pushes to deliver.
pub(crate) struct Accepted {
    pub(crate) ack: SendMsgResp,
    pub(crate) pushes: Vec<Push>,
}

impl Model {
    /// An acknowledgement for a message that is not stored.
    pub(crate) fn ack_only(&self, msg: &MsgData) -> SendMsgResp {
        SendMsgResp { server_msg_id: self.fresh_id(&msg.send_id), send_time: self.now_ms(), ..ack(msg) }
    }

    /// Accepts the message without checking whether it may be sent. It is stored and pushed at the end of the batch, and
    /// pushed to the users in `also`, too.
    pub(crate) fn store(&mut self, msg: MsgData, also: &[String], operation_id: &str) -> SendMsgResp {
        let (ack, copies) = self.copies(msg, also, operation_id);
        copies.into_iter().for_each(|copy| self.transfer.add(copy));
        ack
    }

    /// As [`Self::store`], but stores the message now, after those that wait. Nothing is pushed.
    pub(crate) fn store_at_once(&mut self, msg: MsgData, operation_id: &str) -> Accepted {
        self.store_waiting();
        let (ack, copies) = self.copies(msg, &[], operation_id);
        Accepted { ack, pushes: copies.into_iter().map(|copy| self.place(copy)).collect() }
    }

    /// Ends the batch: stores and pushes the waiting messages.
    pub(crate) fn store_waiting(&mut self) {
        for waiting in self.transfer.end_batch() {
            let push = self.place(waiting);
            self.deliver(&push);
        }
    }

    /// Gives the message its id and its time. A notification may also appear in the chat, as a copy that comes first.
    fn copies(&self, mut msg: MsgData, also: &[String], operation_id: &str) -> (SendMsgResp, Vec<Waiting>) {
        msg.server_msg_id = self.fresh_id(&msg.send_id);
        if msg.send_time == 0 {
            msg.send_time = self.now_ms();
        }
        let ack = ack(&msg);
        let is_notification = !options::is_on(&msg.options, options::IS_NOT_NOTIFICATION);
        let in_chat = (is_notification && options::is_on(&msg.options, options::IS_SEND_MSG)).then(|| {
            let mut chat = msg.clone();
            chat.options.clear();
            chat.options.insert(options::UNREAD_COUNT.into(), true);
            chat.options.insert(options::OFFLINE_PUSH.into(), chat.content_type == FRIEND_ACCEPTED);
            chat
        });
        let waiting = |msg: MsgData| {
            let id = conversation_id(&msg, options::is_on(&msg.options, options::IS_NOT_NOTIFICATION));
            Waiting {
                stored_in: id.clone(),
                conversation_id: id,
                key: conversation_id(&msg, false),
                msg,
                also: also.to_vec(),
                operation_id: operation_id.into(),
            }
        };
        (ack, in_chat.into_iter().chain([msg]).map(waiting).collect())
    }

    /// Stores one copy of the message and names its recipients. A message whose options turn history off is not stored,
    /// and keeps the sequence that its sender wrote.
    pub(super) fn place(&mut self, waiting: Waiting) -> Push {
        let Waiting { conversation_id, stored_in, mut msg, also, operation_id, .. } = waiting;
        if options::is_on(&msg.options, options::HISTORY) {
            let parties = parties(&msg);
            let seq = self.messages.append(&stored_in, &parties, &mut msg);
            let now = self.now_ms();
            self.blanks.count(&stored_in, seq, now);
            if options::is_on(&msg.options, options::IS_NOT_NOTIFICATION) {
                self.open_for(&parties, &stored_in, &msg);
                if let Some(own) = self.conversations.get_mut(&msg.send_id, &stored_in) {
                    own.has_read_seq = seq;
                }
            }
        }
        let mut to = self.recipients(&msg);
        to.extend(also);
        Push { conversation_id, to, msg, operation_id }
    }

    pub(crate) fn recipients(&self, msg: &MsgData) -> BTreeSet<String> {
        if msg.session_type == conversation::GROUP {
            let members = self.groups.get(&msg.group_id).map(|group| group.members.keys().cloned());
            return members.into_iter().flatten().collect();
        }
        let mut to = BTreeSet::from([msg.recv_id.clone()]);
        if options::is_on(&msg.options, options::SENDER_SYNC) {
            to.insert(msg.send_id.clone());
        }
        to
    }

    /// Adds the conversation to the list of everybody in it.
    fn open_for(&mut self, parties: &Parties, conversation_id: &str, msg: &MsgData) {
        let users: Vec<String> = match parties {
            Parties::Users(users) => users.iter().cloned().collect(),
            Parties::Group(group_id) => {
                self.groups.get(group_id).map(|group| group.members.keys().cloned().collect()).unwrap_or_default()
            }
        };
        for user_id in users {
            let peer = if user_id == msg.send_id { &msg.recv_id } else { &msg.send_id };
            let is_group = msg.session_type == conversation::GROUP;
            self.conversations.open(Conversation {
                owner_user_id: user_id.clone(),
                conversation_id: conversation_id.into(),
                conversation_type: msg.session_type,
                user_id: if is_group { String::new() } else { peer.clone() },
                group_id: msg.group_id.clone(),
                ..Conversation::default()
            });
        }
    }

    /// Replaces the stored message by a placeholder until [`Self::release`].
    pub(crate) fn withhold(&mut self, push: &Push) {
        self.messages.remove(&push.conversation_id, push.msg.seq);
    }

    /// Makes a withheld message readable and pushes it.
    pub(crate) fn release(&mut self, push: &Push) {
        self.messages.put_back(&push.conversation_id, &push.msg);
        self.deliver(push);
    }
}

fn ack(msg: &MsgData) -> SendMsgResp {
    SendMsgResp {
        server_msg_id: msg.server_msg_id.clone(),
        client_msg_id: msg.client_msg_id.clone(),
        send_time: msg.send_time,
        modify: None,
    }
}

/// The conversation a message belongs to; `chat` is false for its notification conversation.
pub(super) fn conversation_id(msg: &MsgData, chat: bool) -> String {
    let (a, b) = (&msg.send_id, &msg.recv_id);
    match (msg.session_type, chat) {
        (conversation::GROUP, true) => conversation::group(&msg.group_id),
        (conversation::GROUP, false) => conversation::notifications_of_group(&msg.group_id),
        (conversation::NOTIFICATION, true) => conversation::notification_account(a, b),
        (_, true) => conversation::single(a, b),
        (_, false) => conversation::notifications_of_pair(a, b),
    }
}

fn parties(msg: &MsgData) -> Parties {
    if msg.session_type == conversation::GROUP {
        Parties::Group(msg.group_id.clone())
    } else {
        Parties::Users(BTreeSet::from([msg.send_id.clone(), msg.recv_id.clone()]))
    }
}
