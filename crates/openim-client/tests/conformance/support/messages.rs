//! Messages on the wire.

use openim_core::wire::envelope::{self, Request};
use openim_core::wire::ops;
use openim_core::wire::pb::MsgData;

pub(crate) fn sent_message(request: &Request) -> MsgData {
    assert_eq!(request.req_identifier, ops::SEND_MSG);
    envelope::payload(request.data.as_deref()).unwrap()
}

/// A text of alice's.
pub(crate) fn text_from_alice(id: &str, seq: i64, text: &str) -> MsgData {
    MsgData {
        send_id: "alice".into(),
        recv_id: "bot_7".into(),
        client_msg_id: id.into(),
        server_msg_id: format!("s-{id}"),
        session_type: 1,
        content_type: 101,
        content: openim_core::message::text::encode(text),
        seq,
        send_time: 1,
        status: 2,
        ..MsgData::default()
    }
}
