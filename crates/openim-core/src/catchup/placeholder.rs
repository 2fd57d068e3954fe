//! The empty places that a server answers for messages that are lost, or counted and not stored yet.

use crate::wire::pb::MsgData;

/// Whether a pulled message stands for one that is lost or not readable yet. A message that was deleted for this user
/// keeps its sender, and a message may have no id.
pub fn is_placeholder(message: &MsgData) -> bool {
    message.send_id.is_empty() && message.content.is_empty()
}
