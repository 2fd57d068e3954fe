//! The way to ask the server over one connection.

use base::{Error, Kind, Result};
use openim_core::wire::envelope;
use tokio::sync::{mpsc, oneshot};

use crate::conn::actor::Command;

/// Cheap to clone; outlives its connection harmlessly.
#[derive(Clone)]
pub(crate) struct Requests(mpsc::Sender<Command>);

impl Requests {
    pub(crate) const fn new(commands: mpsc::Sender<Command>) -> Self {
        Self(commands)
    }

    /// Asks and waits; the session's deadline or the connection's end settles it.
    pub(crate) async fn ask(&self, req_identifier: i32, payload: &impl prost::Message) -> Result<Option<String>> {
        let (reply, answer) = oneshot::channel();
        let command = Command { req_identifier, data: envelope::data(payload), reply };
        let gone = || Error::new(Kind::Offline, "the connection was lost before the request was made");
        self.0.send(command).await.map_err(|_| gone())?;
        // A command dropped unread with its connection was never written.
        answer.await.unwrap_or_else(|_| Err(gone()))
    }
}
