//! Frames for connections: an encoded envelope that is compressed at most once, and the frames the server sends unasked.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use openim_core::conversation;
use openim_core::message::kinds::{STATUS_SENDING, STATUS_SENT};
use openim_core::wire::envelope::{self, Response};
use openim_core::wire::pb::{MsgData, PullMsgs, PushMessages, SubUserOnlineStatusElem, SubUserOnlineStatusTips};
use openim_core::wire::{compress, ops};
use tokio_tungstenite::tungstenite::Bytes;

/// An encoded envelope for any number of connections.
pub(crate) struct Frame {
    plain: Bytes,
    compressed: OnceLock<Bytes>,
}

impl Frame {
    pub(crate) fn new(response: &Response) -> Self {
        Self { plain: envelope::encode(response).into(), compressed: OnceLock::new() }
    }

    /// 2001: one message, in the part of the frame where its conversation belongs.
    pub(crate) fn push(conversation_id: &str, msg: &MsgData, operation_id: &str) -> Self {
        let mut msg = msg.clone();
        if msg.status == STATUS_SENDING {
            msg.status = STATUS_SENT;
        }
        let pushed = pushed(conversation_id, vec![msg]);
        Self::new(&unasked(ops::PUSH_MSG, operation_id, Some(envelope::data(&pushed))))
    }

    /// 2005: the platforms a user is online with.
    pub(crate) fn online_status(status: SubUserOnlineStatusElem) -> Self {
        let tips = SubUserOnlineStatusTips { subscribers: vec![status] };
        Self::new(&unasked(ops::SUB_USER_ONLINE_STATUS, "", Some(envelope::data(&tips))))
    }

    /// 2002: the connection was kicked.
    pub(crate) fn kick() -> Self {
        Self::new(&unasked(ops::KICK_ONLINE_MSG, "", None))
    }

    /// The bytes to write, compressed if the connection asked for that.
    pub(crate) fn bytes(&self, gzip: bool) -> Bytes {
        if !gzip {
            return self.plain.clone();
        }
        self.compressed.get_or_init(|| compress::gzip(&self.plain).into()).clone()
    }
}

/// Messages of one conversation, as the payload of a push.
pub(crate) fn pushed(conversation_id: &str, msgs: Vec<MsgData>) -> PushMessages {
    let one = BTreeMap::from([(conversation_id.to_owned(), PullMsgs { msgs, ..PullMsgs::default() })]);
    let none = BTreeMap::new();
    let (msgs, notification_msgs) =
        if conversation::is_notification(conversation_id) { (none, one) } else { (one, none) };
    PushMessages { msgs, notification_msgs }
}

/// An envelope that answers no request.
pub(crate) fn unasked(op: i32, operation_id: &str, data: Option<String>) -> Response {
    Response {
        req_identifier: op,
        msg_incr: String::new(),
        operation_id: operation_id.into(),
        err_code: 0,
        err_msg: String::new(),
        data,
    }
}
