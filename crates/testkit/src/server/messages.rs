//! Messages without a client: send them, look at the stored ones, push them again or forge them.

use std::time::Duration;

use openim_core::conversation;
use openim_core::message::{kinds, text};
use openim_core::wire::envelope::{self, Response};
use openim_core::wire::ops;
use openim_core::wire::pb::{MsgData, SendMsgResp};

use super::Server;
use crate::connections::frame::{Frame, pushed, unasked};
use crate::model::outgoing::Push;
use crate::refusal::Refusal;

/// The recipient of [`Server::send_as`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient<'a> {
    /// A user.
    User(&'a str),
    /// A group.
    Group(&'a str),
}

impl Server {
    /// Sends a text in the name of a user, without a client. All checks of the server apply. See [`Self::send`].
    pub fn send_as(&self, user_id: &str, to: Recipient<'_>, body: &str) -> Result<SendMsgResp, Refusal> {
        let (recv_id, group_id, session_type) = match to {
            Recipient::User(id) => (id, "", conversation::SINGLE),
            Recipient::Group(id) => ("", id, conversation::GROUP),
        };
        let (nickname, now, client_msg_id) =
            self.look(|state| (state.model.nickname(user_id), state.model.now_ms(), state.model.fresh_id(user_id)));
        self.send(MsgData {
            send_id: user_id.into(),
            recv_id: recv_id.into(),
            group_id: group_id.into(),
            client_msg_id,
            sender_platform_id: 5,
            sender_nickname: nickname,
            session_type,
            msg_from: kinds::FROM_USER,
            content_type: kinds::TEXT,
            content: text::encode(body),
            create_time: now,
            status: kinds::STATUS_SENDING,
            ..MsgData::default()
        })
    }

    /// Sends a message of any type. To keep tests short, this message waits for nothing: it is stored at once, and pushed to
    /// everybody who is connected. See [`Self::submit`] for the real server's way.
    pub fn send(&self, msg: MsgData) -> Result<SendMsgResp, Refusal> {
        self.change(|state| {
            let operation_id = state.model.fresh_id("op");
            let sender = msg.send_id.clone();
            let accepted = state.model.accept_at_once(&sender, msg, &operation_id)?;
            state.model.reachability.note_all();
            accepted.pushes.iter().for_each(|push| state.model.deliver(push));
            Ok(accepted.ack)
        })
    }

    /// Sends a message of any type, as if its sender had sent it over a connection: it is stored at the end of its batch, and
    /// lost with a batch that is too large. It is pushed to those whom pushes reach by then.
    pub fn submit(&self, msg: MsgData) -> Result<SendMsgResp, Refusal> {
        self.change(|state| {
            let operation_id = state.model.fresh_id("op");
            let sender = msg.send_id.clone();
            state.model.accept(&sender, msg, &operation_id)
        })
    }

    /// Stores what was acknowledged so far, and makes everybody who is connected reachable for pushes.
    pub fn settle(&self) {
        self.change(|state| {
            state.model.reachability.note_all();
            state.model.store_waiting();
        });
    }

    /// As [`Self::send`], but pulls return a placeholder until the message is stored and pushed after this time, or for
    /// ever.
    pub fn send_late(&self, msg: MsgData, after: Option<Duration>) -> Result<SendMsgResp, Refusal> {
        let (ack, pushes) = self.change(|state| {
            let operation_id = state.model.fresh_id("op");
            let sender = msg.send_id.clone();
            let accepted = state.model.accept_at_once(&sender, msg, &operation_id)?;
            state.model.reachability.note_all();
            accepted.pushes.iter().for_each(|push| state.model.withhold(push));
            Ok((accepted.ack, accepted.pushes))
        })?;
        pushes.into_iter().for_each(|push| self.0.backend.release_later(after, push));
        Ok(ack)
    }

    /// The stored messages of a conversation, in order of their sequences.
    pub fn stored(&self, conversation_id: &str) -> Vec<MsgData> {
        self.look(|state| state.model.messages.all(conversation_id))
    }

    /// Removes a stored message; pulls return a placeholder from now on. False if there was none.
    pub fn lose_message(&self, conversation_id: &str, seq: i64) -> bool {
        self.change(|state| state.model.messages.remove(conversation_id, seq))
    }

    /// Pushes stored messages once more, in this order, to everybody in the conversation. Returns their number.
    pub fn push_again(&self, conversation_id: &str, seqs: &[i64]) -> usize {
        self.change(|state| {
            let model = &mut state.model;
            model.reachability.note_all();
            let found: Vec<_> =
                seqs.iter().filter_map(|seq| model.messages.get(conversation_id, *seq).cloned()).collect();
            for msg in &found {
                let to = model.recipients(msg);
                let conversation_id = conversation_id.into();
                model.deliver(&Push { conversation_id, to, msg: msg.clone(), operation_id: String::new() });
            }
            found.len()
        })
    }

    /// Pushes messages that are not stored to all connections of a user, in a conversation of that name.
    pub fn push_forged(&self, user_id: &str, conversation_id: &str, msgs: Vec<MsgData>) -> usize {
        let data = envelope::data(&pushed(conversation_id, msgs));
        self.write_envelope(user_id, &unasked(ops::PUSH_MSG, "forged", Some(data)))
    }

    /// Writes an envelope to all connections of a user.
    pub fn write_envelope(&self, user_id: &str, response: &Response) -> usize {
        let frame = Frame::new(response);
        self.on_connections(user_id, |_, connection| connection.write_frame(&frame))
    }
}
