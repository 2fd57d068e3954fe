//! Frames that the model wants written, as values. The connections turn them into bytes.

use std::collections::BTreeSet;

use openim_core::wire::pb::{MsgData, SubUserOnlineStatusElem};

use super::sessions::SessionId;

/// A message on its way to users: it has its sequence, but no frame has been written yet.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    pub(crate) conversation_id: String,
    /// User ids of the recipients.
    pub(crate) to: BTreeSet<String>,
    pub(crate) msg: MsgData,
    /// The `operationID` of the request that caused the push.
    pub(crate) operation_id: String,
}

/// One unsolicited frame and the sessions that get it.
pub(crate) enum Outgoing {
    /// 2001: a message.
    Push { to: Vec<SessionId>, conversation_id: String, msg: Box<MsgData>, operation_id: String },
    /// 2005: a watched user came or went.
    OnlineStatus { to: Vec<SessionId>, status: SubUserOnlineStatusElem },
    /// 2002: the session was kicked. Its connection ends after the frame, which may be lost.
    Kick { to: SessionId, is_frame_lost: bool },
}
