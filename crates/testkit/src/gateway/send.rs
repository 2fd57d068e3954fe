//! Accepting a message: may the sender write it, where does it go, who is told.

use std::collections::BTreeSet;

use openim_core::conversation;
use openim_core::message::{kinds, options};
use openim_core::wire::errcode;
use openim_core::wire::pb::{MsgData, SendMsgResp};

use super::push::Push;
use crate::fault::Fault;
use crate::pb_jssdk::Conversation;
use crate::state::State;
use crate::state::groups::{ADMIN, OWNER, STATUS_MUTED};
use crate::state::messages::Parties;
use crate::state::users::LEVEL_NOTIFICATION;

/// `recvMsgOpt`: the user takes no messages.
const DO_NOT_RECEIVE: i32 = 1;

/// A message that was taken: the ack, and what has to be pushed after it.
pub(crate) struct Accepted {
    pub(crate) ack: SendMsgResp,
    pub(crate) pushes: Vec<Push>,
}

impl State {
    /// 1003, and the REST calls behind it. `caller` is who holds the connection or the token.
    pub(crate) fn accept(&mut self, caller: &str, mut msg: MsgData, operation_id: &str) -> Result<Accepted, Fault> {
        if msg.content.is_empty() {
            return Err(Fault::args("content is empty"));
        }
        if msg.send_id != caller && !self.is_admin(caller) {
            return Err(Fault::no_permission("sendID is another user's"));
        }
        let is_oa = msg.content_type == kinds::OA_NOTIFICATION;
        if is_oa != (msg.session_type == conversation::NOTIFICATION) {
            return Err(Fault::args("contentType 1400 and sessionType 4 go together"));
        }
        soften_typing(&mut msg);
        match msg.session_type {
            conversation::SINGLE => self.check_single(&msg)?,
            conversation::GROUP => self.check_group(&msg)?,
            conversation::NOTIFICATION => self.check_oa(&msg)?,
            _ => return Err(Fault::args("unknown sessionType")),
        }
        Ok(self.file(msg, operation_id))
    }

    /// An acknowledgement for a message that goes nowhere.
    pub(crate) fn ack_only(&self, msg: &MsgData) -> SendMsgResp {
        SendMsgResp {
            server_msg_id: self.fresh_id(&msg.send_id),
            client_msg_id: msg.client_msg_id.clone(),
            send_time: self.now_ms(),
            modify: None,
        }
    }

    /// Gives the message its ids, its time and its place, without asking whether it may be sent.
    pub(crate) fn file(&mut self, mut msg: MsgData, operation_id: &str) -> Accepted {
        msg.server_msg_id = self.fresh_id(&msg.send_id);
        if msg.send_time == 0 {
            msg.send_time = self.now_ms();
        }
        let ack = SendMsgResp {
            server_msg_id: msg.server_msg_id.clone(),
            client_msg_id: msg.client_msg_id.clone(),
            send_time: msg.send_time,
            modify: None,
        };
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

    /// Stores the message unless it is not for history, and names its recipients.
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

    /// The first stored message makes the conversation appear for everybody in it.
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

    fn check_single(&self, msg: &MsgData) -> Result<(), Fault> {
        if options::is_on(&msg.options, options::IS_NOT_NOTIFICATION) {
            for user_id in [&msg.send_id, &msg.recv_id] {
                if !self.users.exists(user_id) {
                    return Err(Fault::not_found(format!("user {user_id:.64?} is not registered")));
                }
            }
        }
        if !kinds::is_notification(msg.content_type) && !self.is_admin(&msg.send_id) {
            if self.relations.is_blocked(&msg.recv_id, &msg.send_id) {
                return Err(Fault::new(errcode::BLOCKED_BY_PEER, ""));
            }
            if self.config.friend_verify && self.relations.friend(&msg.recv_id, &msg.send_id).is_none() {
                return Err(Fault::new(errcode::NOT_PEERS_FRIEND, ""));
            }
        }
        if self.refuses_messages(&msg.recv_id, &conversation_id(msg, true)) {
            return Err(Fault::args("message is not sent"));
        }
        Ok(())
    }

    fn refuses_messages(&self, user_id: &str, conversation_id: &str) -> bool {
        let everywhere = self.users.get(user_id).map(|info| info.global_recv_msg_opt);
        let here = self.conversations.get(user_id, conversation_id).map(|own| own.settings.recv_msg_opt);
        everywhere == Some(DO_NOT_RECEIVE) || here == Some(DO_NOT_RECEIVE)
    }

    fn check_group(&self, msg: &MsgData) -> Result<(), Fault> {
        let Some(group) = self.groups.get(&msg.group_id) else {
            return Err(Fault::not_found(format!("group {:.64?} does not exist", msg.group_id)));
        };
        if kinds::is_notification(msg.content_type) {
            return Ok(());
        }
        if group.is_dismissed() {
            return Err(Fault::new(errcode::DISMISSED_ALREADY, ""));
        }
        if self.is_admin(&msg.send_id) {
            return Ok(());
        }
        let Some(member) = group.members.get(&msg.send_id) else {
            return Err(Fault::new(errcode::NOT_IN_GROUP_YET, ""));
        };
        if member.role_level == OWNER {
            return Ok(());
        }
        if member.mute_end_time > self.now_ms() {
            return Err(Fault::new(errcode::MUTED_IN_GROUP, ""));
        }
        if group.info.status == STATUS_MUTED && member.role_level != ADMIN {
            return Err(Fault::new(errcode::MUTED_GROUP, ""));
        }
        Ok(())
    }

    fn check_oa(&self, msg: &MsgData) -> Result<(), Fault> {
        let level = self.users.get(&msg.send_id).map(|info| info.app_manger_level);
        if level != Some(LEVEL_NOTIFICATION) {
            return Err(Fault::args("sendID is not a notification account"));
        }
        if !self.users.exists(&msg.recv_id) {
            return Err(Fault::not_found(format!("user {:.64?} is not registered", msg.recv_id)));
        }
        Ok(())
    }
}

/// A typing message that names any option is made ephemeral; one without options is stored like any other, as on the
/// real server.
fn soften_typing(msg: &mut MsgData) {
    if msg.content_type != kinds::TYPING || msg.options.is_empty() {
        return;
    }
    for name in [
        options::HISTORY,
        options::PERSISTENT,
        options::SENDER_SYNC,
        options::CONVERSATION_UPDATE,
        options::SENDER_CONVERSATION_UPDATE,
        options::UNREAD_COUNT,
        options::OFFLINE_PUSH,
    ] {
        msg.options.insert(name.into(), false);
    }
}

fn conversation_id(msg: &MsgData, chat: bool) -> String {
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
