//! Requests to the server over one connection: what is asked, and what the answers hold.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base::{Error, Kind, Result};
use openim_core::limits::SMALL_FRAME_MAX;
use openim_core::outbox::Ticket;
use openim_core::wire::pb::{
    ConversationSeqs, GetConversationsHasReadAndMaxSeqReq, GetConversationsHasReadAndMaxSeqResp, GetMaxSeqReq,
    GetMaxSeqResp, GetSeqMessageReq, MsgData, PushMessages, Seqs,
};
use openim_core::wire::{Malformed, Payload, envelope, ops};
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_blocking;
use tracing::debug;

use crate::conn::actor::{Command, Reply};

/// Cheap to clone; outlives its connection harmlessly.
#[derive(Clone)]
pub(crate) struct Requests {
    user_id: Arc<str>,
    commands: mpsc::Sender<Command>,
}

impl Requests {
    pub(crate) fn new(user_id: &str, commands: mpsc::Sender<Command>) -> Self {
        Self { user_id: user_id.into(), commands }
    }

    /// Writes a message of the outbox; false where the connection takes no more.
    pub(crate) fn write(&self, ticket: Ticket, data: String) -> bool {
        let command = Command { req_identifier: ops::SEND_MSG, data, reply: Reply::Outbox(ticket) };
        self.commands.try_send(command).is_ok()
    }

    /// Sends a request and waits for its answer. The session's deadline or the end of the connection ends the wait.
    pub(crate) async fn ask(&self, req_identifier: i32, payload: &impl prost::Message) -> Result<Option<String>> {
        let (reply, answer) = oneshot::channel();
        let command = Command { req_identifier, data: envelope::data(payload), reply: Reply::Asker(reply) };
        let lost = || Error::new(Kind::Offline, "the connection was lost before the request was made");
        self.commands.send(command).await.map_err(|_| lost())?;
        // A command dropped unread with its connection was never written.
        answer.await.unwrap_or_else(|_| Err(lost()))
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn read<T: Payload + 'static>(
        &self,
        req_identifier: i32,
        payload: &impl prost::Message,
        about: &str,
    ) -> Result<T> {
        let answer = self.ask(req_identifier, payload).await?;
        decode(answer).await.map_err(|malformed| {
            Error::new(Kind::Protocol, format!("the server's answer about {about} is unreadable: {malformed}"))
        })
    }

    /// The newest sequence number of every conversation.
    pub(crate) async fn max_seqs(&self) -> Result<BTreeMap<String, i64>> {
        let request = GetMaxSeqReq { user_id: self.user_id.to_string() };
        let answer: GetMaxSeqResp = self.read(ops::GET_NEWEST_SEQ, &request, "the newest messages").await?;
        Ok(answer.max_seqs)
    }

    /// The newest sequence number of a conversation; 0 where there is none.
    pub(crate) async fn max_seq(&self, conversation: &str) -> Result<i64> {
        let positions = self.positions(vec![conversation.to_owned()]).await?;
        Ok(positions.get(conversation).map_or(0, |seqs| seqs.max_seq))
    }

    /// How far conversations go and how far they were read. Without ids, all conversations.
    pub(crate) async fn positions(&self, conversation_ids: Vec<String>) -> Result<HashMap<String, Seqs>> {
        let request = GetConversationsHasReadAndMaxSeqReq {
            user_id: self.user_id.to_string(),
            conversation_ids,
            return_pinned: false,
        };
        let answer: GetConversationsHasReadAndMaxSeqResp =
            self.read(ops::GET_CONV_MAX_READ_SEQ, &request, "read positions").await?;
        Ok(answer.seqs.into_iter().collect())
    }

    /// The messages with these sequence numbers, by conversation.
    pub(crate) async fn pull(&self, conversations: Vec<ConversationSeqs>) -> Result<PushMessages> {
        let request = GetSeqMessageReq { user_id: self.user_id.to_string(), conversations, order: 0 };
        debug!(user_id = %self.user_id, conversations = request.conversations.len(), "pulling messages");
        self.read(ops::PULL_MSG_BY_SEQ_LIST, &request, "pulled messages").await
    }

    /// The messages of one conversation with these sequence numbers.
    pub(crate) async fn pull_from(&self, conversation: &str, seqs: Vec<i64>) -> Result<Vec<MsgData>> {
        let conversations = vec![ConversationSeqs { conversation_id: conversation.to_owned(), seqs }];
        let mut answer = self.pull(conversations).await?;
        Ok(answer.msgs.remove(conversation).unwrap_or_default().msgs)
    }
}

/// Decodes an answer, a large one on a thread of its own.
async fn decode<T: Payload + 'static>(answer: Option<String>) -> Result<T, Malformed> {
    if answer.as_ref().is_none_or(|data| data.len() <= SMALL_FRAME_MAX) {
        return envelope::payload(answer.as_deref());
    }
    match spawn_blocking(move || envelope::payload(answer.as_deref())).await {
        Ok(decoded) => decoded,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The runtime ends.
        Err(_) => std::future::pending().await,
    }
}
