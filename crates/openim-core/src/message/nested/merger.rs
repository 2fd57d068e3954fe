//! `contentType` 107: messages forwarded together.

use super::embedded::Embedded;
use crate::message::elements::MessageEntity;
use crate::message::lenient::element;

element! {
    /// The content of several messages that are forwarded together.
    #[ts(name = "MergeElem")]
    Merger {
        title: String = "title",
        lines: Vec<String> = "abstractList",
        /// The messages as the sender tells them; nothing in them is verified.
        messages: Vec<Embedded> = "multiMessage",
        entities: Vec<MessageEntity> = "messageEntityList",
    }
}
