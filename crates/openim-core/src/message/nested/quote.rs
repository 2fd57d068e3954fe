//! `contentType` 114: an answer with the message it answers.

use super::embedded::Embedded;
use crate::message::elements::MessageEntity;
use crate::message::lenient::element;

element! {
    /// The content of an answer, with the message that it answers.
    #[ts(name = "QuoteElem")]
    Quote {
        text: String = "text",
        /// The quoted message as the sender of the answer tells it; nothing in it is verified.
        quoted: Option<Box<Embedded>> = "quoteMessage",
        entities: Vec<MessageEntity> = "messageEntityList",
    }
}

impl Quote {
    /// What a bot sends. A quoted quote is flattened.
    pub fn new(text: String, quoted: Embedded) -> Self {
        Self { text, quoted: Some(Box::new(quoted.flattened())), entities: Vec::new() }
    }
}
