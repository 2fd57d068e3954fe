//! `contentType` 117: text with marked parts.

use super::lenient::element;

element! {
    /// A marked part of a text.
    MessageEntity {
        kind: String = "type",
        offset: i64 = "offset",
        length: i64 = "length",
        url: String = "url",
        ex: String = "ex",
    }
}

element! {
    /// Text with marked parts.
    AdvancedText {
        text: String = "text",
        entities: Vec<MessageEntity> = "messageEntityList",
    }
}
