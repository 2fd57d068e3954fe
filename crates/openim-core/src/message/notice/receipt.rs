//! 2200: somebody has read.

use crate::message::lenient::element;

element! {
    /// Somebody has read messages.
    ReadReceipt {
        user_id: String = "markAsReadUserID",
        conversation_id: String = "conversationID",
        /// Single messages; the server writes null when none is new.
        seqs: Vec<i64> = "seqs",
        has_read_seq: i64 = "hasReadSeq",
    }
}

impl ReadReceipt {
    /// A receipt by oneself tells the own read state and nothing about the other.
    pub fn is_own(&self, self_id: &str) -> bool {
        self.user_id == self_id
    }
}
