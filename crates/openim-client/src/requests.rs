//! The way to ask the server over one connection.

use base::{Error, Kind, Result};
use openim_core::outbox::Ticket;
use openim_core::wire::{envelope, ops};
use tokio::sync::{mpsc, oneshot};

use crate::conn::actor::{Command, Reply};

/// Cheap to clone; outlives its connection harmlessly.
#[derive(Clone)]
pub(crate) struct Requests(mpsc::Sender<Command>);

impl Requests {
    pub(crate) const fn new(commands: mpsc::Sender<Command>) -> Self {
        Self(commands)
    }

    /// Writes a message of the outbox; false where the connection takes no more.
    pub(crate) fn write(&self, letter: Ticket, data: String) -> bool {
        let command = Command { req_identifier: ops::SEND_MSG, data, reply: Reply::Letter(letter) };
        self.0.try_send(command).is_ok()
    }

    /// Asks and waits; the session's deadline or the connection's end settles it.
    pub(crate) async fn ask(&self, req_identifier: i32, payload: &impl prost::Message) -> Result<Option<String>> {
        let (reply, answer) = oneshot::channel();
        let command = Command { req_identifier, data: envelope::data(payload), reply: Reply::Asker(reply) };
        let gone = || Error::new(Kind::Offline, "the connection was lost before the request was made");
        self.0.send(command).await.map_err(|_| gone())?;
        // A command dropped unread with its connection was never written.
        answer.await.unwrap_or_else(|_| Err(gone()))
    }
}
