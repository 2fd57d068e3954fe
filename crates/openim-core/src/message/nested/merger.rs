//! `contentType` 107: messages forwarded together.

use super::embedded::Embedded;
use crate::message::elements::MessageEntity;
use crate::message::lenient::element;

element! {
    /// Forwarded messages with a title and a few lines that stand for them.
    Merger {
        title: String = "title",
        lines: Vec<String> = "abstractList",
        messages: Vec<Embedded> = "multiMessage",
        entities: Vec<MessageEntity> = "messageEntityList",
    }
}
