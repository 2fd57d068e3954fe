//! `contentType` 101: `{"content":"hi"}`.

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct TextElem {
    content: String,
}

/// The content of a text message.
pub fn encode(text: &str) -> Vec<u8> {
    // One string member: serialising it cannot fail.
    serde_json::to_vec(&serde_json::json!({ "content": text })).unwrap_or_default()
}

/// The text, or none where the content is not such an object; the caller keeps the raw content then.
pub fn decode(content: &[u8]) -> Option<String> {
    serde_json::from_slice::<TextElem>(content).ok().map(|elem| elem.content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_41_text_with_emoji_and_cjk_round_trips_as_utf8_json() {
        let bytes = encode("hi 你好 😀");
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "7b22636f6e74656e74223a22686920e4bda0e5a5bd20f09f9880227d");
        assert_eq!(decode(&bytes).as_deref(), Some("hi 你好 😀"));
    }

    #[test]
    fn content_that_is_not_a_text_element_has_no_text() {
        for odd in [&b""[..], b"hello", b"{}", b"[]", br#"{"content":5}"#, b"\xff"] {
            assert_eq!(decode(odd), None);
        }
    }
}
