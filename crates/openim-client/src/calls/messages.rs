//! Taking messages back, and deleting them for oneself.

use base::Result;

use super::history::OfMessage;
use super::{Calls, Nothing};
use crate::rest::messages;

impl Calls {
    /// For everybody.
    pub async fn revoke_message(&self, message: OfMessage) -> Result<()> {
        let seq = self.seq_of(&message).await?;
        messages::revoke_msg(&self.api, self.me(), &message.conversation_id, seq).await
    }

    /// For oneself.
    pub async fn delete_message(&self, message: OfMessage) -> Result<()> {
        let seq = self.seq_of(&message).await?;
        messages::delete_msgs(&self.api, self.me(), &message.conversation_id, &[seq]).await
    }

    /// Everything, for oneself.
    pub async fn delete_all_msg_from_local_and_svr(&self, _: Nothing) -> Result<()> {
        messages::user_clear_all_msg(&self.api, self.me()).await
    }

    /// The messages, for oneself. The conversation itself stays: the server would not tell of what comes later in a
    /// deleted one.
    pub async fn delete_conversation_and_delete_all_msg(&self, conversation_id: String) -> Result<()> {
        self.with(&conversation_id)?;
        messages::clear_conversation_msg(&self.api, self.me(), &[conversation_id]).await
    }
}
