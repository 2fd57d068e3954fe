//! Storing an accepted message: its ids, its time, its conversation and its sequence. Differences between "accepted" and
//! "readable" belong here; a fault can withhold a stored message for a while.

use std::collections::BTreeSet;

use openim_core::conversation;
use openim_core::message::options;
use openim_core::wire::pb::{MsgData, SendMsgResp};

use super::Model;
use super::messages::Parties;
use super::outgoing::Push;
use crate::records::Conversation;

/// The result of accepting a message: the acknowledgement, and the pushes to deliver after it.
pub(crate) struct Accepted {
    pub(crate) ack: SendMsgResp,
    pub(crate) pushes: Vec<Push>,
}

impl Model {
    /// An acknowledgement for a message that is not stored.
    pub(crate) fn ack_only(&self, msg: &MsgData) -> SendMsgResp {
        SendMsgResp { server_msg_id: self.fresh_id(&msg.send_id), send_time: self.now_ms(), ..ack(msg) }
    }

    /// Gives the message its ids, its time and its sequence, without checking whether it may be sent.
    pub(crate) fn store(&mut self, mut msg: MsgData, operation_id: &str) -> Accepted {
        msg.server_msg_id = self.fresh_id(&msg.send_id);
        if msg.send_time == 0 {
            msg.send_time = self.now_ms();
        }
        let ack = ack(&msg);
        let mut pushes = Vec::new();
        if options::is_on(&msg.options, options::IS_NOT_NOTIFICATION) {
            pushes.push(self.place(msg, operation_id));
        } else if options::is_on(&msg.options, options::IS_SEND_MSG) {
            let mut chat = msg.clone();
            chat.options.retain(|name, _| name == options::OFFLINE_PUSH || name == options::UNREAD_COUNT);
            pushes.push(self.place(msg, operation_id));
            pushes.push(self.place(chat, operation_id));
        } else {
            pushes.push(self.place(msg, operation_id));
        }
        Accepted { ack, pushes }
    }

    /// Stores one copy of the message, unless its options turn history off, and names its recipients.
    fn place(&mut self, mut msg: MsgData, operation_id: &str) -> Push {
        let chat = options::is_on(&msg.options, options::IS_NOT_NOTIFICATION);
        let conversation_id = conversation_id(&msg, chat);
        if options::is_on(&msg.options, options::HISTORY) {
            let parties = parties(&msg);
            let seq = self.messages.append(&conversation_id, &parties, &mut msg);
            if chat {
                self.open_for(&parties, &conversation_id, &msg);
                if let Some(own) = self.conversations.get_mut(&msg.send_id, &conversation_id) {
                    own.has_read_seq = seq;
                }
            }
        } else {
            msg.seq = 0;
        }
        let to = self.recipients(&msg);
        Push { conversation_id, to, msg, operation_id: operation_id.into() }
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
