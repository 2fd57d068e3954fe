//! Accepting a message: checks whether its sender may send it, then stores it.

use openim_core::conversation;
use openim_core::message::{kinds, options};
use openim_core::wire::errcode;
use openim_core::wire::pb::{MsgData, SendMsgResp};

use super::Model;
use super::groups::{ADMIN, OWNER, STATUS_MUTED};
use super::storing::{Accepted, conversation_id};
use crate::config::ServerVersion;
use crate::refusal::Refusal;

/// `recvMsgOpt`: the user takes no messages.
const DO_NOT_RECEIVE: i32 = 1;

impl Model {
    /// Serves 1003 and the REST calls that send: the message is acknowledged, and stored and pushed at the end of its
    /// batch. `caller` is the user of the connection or of the token.
    pub(crate) fn accept(&mut self, caller: &str, msg: MsgData, operation_id: &str) -> Result<SendMsgResp, Refusal> {
        let msg = self.checked(caller, msg)?;
        Ok(self.store(msg, &[], operation_id))
    }

    /// As [`Self::accept`], but the message is stored now. The pushes of the result are not delivered yet.
    pub(crate) fn accept_at_once(
        &mut self,
        caller: &str,
        msg: MsgData,
        operation_id: &str,
    ) -> Result<Accepted, Refusal> {
        let msg = self.checked(caller, msg)?;
        Ok(self.store_at_once(msg, operation_id))
    }

    /// The message as it is accepted. A chat with a notification account is open to everybody and has no checks.
    fn checked(&self, caller: &str, mut msg: MsgData) -> Result<MsgData, Refusal> {
        if self.config.like == ServerVersion::Main && msg.send_id != caller && !self.is_admin(caller) {
            return Err(Refusal::no_permission("sendID is another user's"));
        }
        make_typing_ephemeral(&mut msg);
        match msg.session_type {
            conversation::SINGLE => self.check_single(&msg)?,
            conversation::GROUP => self.check_group(&msg)?,
            conversation::NOTIFICATION => {}
            _ => return Err(Refusal::args("unknown sessionType")),
        }
        Ok(msg)
    }

    fn check_single(&self, msg: &MsgData) -> Result<(), Refusal> {
        if options::is_on(&msg.options, options::IS_NOT_NOTIFICATION) {
            for user_id in [&msg.send_id, &msg.recv_id] {
                if !self.users.exists(user_id) {
                    return Err(Refusal::not_found(format!("user {user_id:.64?} is not registered")));
                }
            }
        }
        if !kinds::is_notification(msg.content_type) && !self.is_admin(&msg.send_id) {
            if self.relations.is_blocked(&msg.recv_id, &msg.send_id) {
                return Err(Refusal::new(errcode::BLOCKED_BY_PEER, ""));
            }
            if self.config.friend_verify && self.relations.friend(&msg.recv_id, &msg.send_id).is_none() {
                return Err(Refusal::new(errcode::NOT_PEERS_FRIEND, ""));
            }
        }
        if self.refuses_messages(&msg.recv_id, &conversation_id(msg, true)) {
            return Err(Refusal::args("message is not sent"));
        }
        Ok(())
    }

    fn refuses_messages(&self, user_id: &str, conversation_id: &str) -> bool {
        let everywhere = self.users.get(user_id).map(|info| info.global_recv_msg_opt);
        let here = self.conversations.get(user_id, conversation_id).map(|own| own.settings.recv_msg_opt);
        everywhere == Some(DO_NOT_RECEIVE) || here == Some(DO_NOT_RECEIVE)
    }

    fn check_group(&self, msg: &MsgData) -> Result<(), Refusal> {
        let Some(group) = self.groups.get(&msg.group_id) else {
            return Err(Refusal::not_found(format!("group {:.64?} does not exist", msg.group_id)));
        };
        if kinds::is_notification(msg.content_type) {
            return Ok(());
        }
        if group.is_dismissed() {
            return Err(Refusal::new(errcode::DISMISSED_ALREADY, ""));
        }
        if self.is_admin(&msg.send_id) {
            return Ok(());
        }
        let Some(member) = group.members.get(&msg.send_id) else {
            return Err(match self.config.like {
                ServerVersion::Main => Refusal::no_permission("the sender is not in the group"),
                ServerVersion::V3_8_3 => Refusal::new(errcode::NOT_IN_GROUP_YET, ""),
            });
        };
        if member.role_level == OWNER {
            return Ok(());
        }
        if member.mute_end_time > self.now_ms() {
            return Err(Refusal::new(errcode::MUTED_IN_GROUP, ""));
        }
        if group.info.status == STATUS_MUTED && member.role_level != ADMIN {
            return Err(Refusal::new(errcode::MUTED_GROUP, ""));
        }
        Ok(())
    }
}

/// Turns off storing and counting for a typing message that names any option. One without options is stored like any
/// other message, as on the real server.
fn make_typing_ephemeral(msg: &mut MsgData) {
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
