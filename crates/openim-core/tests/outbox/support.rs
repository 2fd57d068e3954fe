//! Messages, answers and times for the tests of the outbox.

use std::time::Duration;

use openim_core::outbox::{Accepted, Confirm, OutboxMessage, Ticket};

pub(crate) const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

pub(crate) fn message(ticket: Ticket, conversation: &str) -> OutboxMessage {
    OutboxMessage {
        ticket,
        conversation: conversation.into(),
        client_msg_id: format!("m{ticket}"),
        data: format!("data {ticket}"),
        confirm: Confirm::Acknowledged,
        above: 10,
    }
}

pub(crate) fn accepted(id: &str) -> Accepted {
    Accepted { server_msg_id: id.into(), send_time: 7 }
}
