//! Pushes (2001): one accepted message to every connection of everybody it concerns.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use openim_core::conversation;
use openim_core::message::kinds::{STATUS_SENDING, STATUS_SENT};
use openim_core::wire::envelope::{self, Response};
use openim_core::wire::ops;
use openim_core::wire::pb::{MsgData, PullMsgs, PushMessages};

use super::hub::{Binary, Connection};
use crate::state::State;

/// A message that has its place and now goes out.
pub(crate) struct Push {
    pub(crate) conversation_id: String,
    pub(crate) to: BTreeSet<String>,
    pub(crate) msg: MsgData,
    /// Of the request that caused it.
    pub(crate) operation_id: String,
}

impl State {
    /// Queues the frame for every connection of every recipient. Under the lock, so that the pushes of a conversation
    /// reach each connection in the order of their sequences.
    pub(crate) fn deliver(&self, push: &Push) {
        let mut connections = push.to.iter().flat_map(|user_id| self.hub.of(user_id)).peekable();
        if connections.peek().is_none() {
            return;
        }
        let frame = Arc::new(encode(push));
        connections.for_each(|connection| self.write_push(connection, &frame));
    }

    fn write_push(&self, connection: &Connection, frame: &Arc<Binary>) {
        if self.strikes(self.mischief.drop_push) {
            return;
        }
        let held = connection.held.lock().take();
        if held.is_none() && self.strikes(self.mischief.swap_push) {
            *connection.held.lock() = Some(frame.clone());
            return;
        }
        connection.write_binary(frame);
        if self.strikes(self.mischief.repeat_push) {
            connection.write_binary(frame);
        }
        held.iter().for_each(|held| connection.write_binary(held));
    }

    /// Pushes that waited for the next one of their connection go out.
    pub(crate) fn release_held(&self) {
        for connection in self.hub.all() {
            let held = connection.held.lock().take();
            held.iter().for_each(|held| connection.write_binary(held));
        }
    }
}

fn encode(push: &Push) -> Binary {
    let mut msg = push.msg.clone();
    if msg.status == STATUS_SENDING {
        msg.status = STATUS_SENT;
    }
    let one = BTreeMap::from([(push.conversation_id.clone(), PullMsgs { msgs: vec![msg], ..PullMsgs::default() })]);
    let none = BTreeMap::new();
    let (msgs, notification_msgs) =
        if conversation::is_notification(&push.conversation_id) { (none, one) } else { (one, none) };
    let response = Response {
        req_identifier: ops::PUSH_MSG,
        msg_incr: String::new(),
        operation_id: push.operation_id.clone(),
        err_code: 0,
        err_msg: String::new(),
        data: Some(envelope::data(&PushMessages { msgs, notification_msgs })),
    };
    Binary::new(envelope::encode(&response))
}
