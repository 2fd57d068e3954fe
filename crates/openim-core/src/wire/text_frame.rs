//! The text opcode: heartbeats both ways, and the one result frame at the start of a connection.

#![allow(missing_docs, reason = "the members have the names of the protocol")]

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `{"type":"ping"}`, as the client sends it.
pub const PING: &str = r#"{"type":"ping"}"#;

/// What a text frame may be.
#[derive(Debug, Clone, PartialEq)]
pub enum TextFrame {
    Ping {
        body: Value,
    },
    Pong,
    /// The outcome of the handshake, the first frame of a connection asked for with `isMsgResp=true`.
    Handshake(HandshakeResult),
    Unknown,
}

/// First frame, or the body of a refused upgrade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandshakeResult {
    pub err_code: i32,
    #[serde(default)]
    pub err_msg: String,
    #[serde(default)]
    pub err_dlt: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Loose {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    body: Value,
    err_code: Option<i32>,
    #[serde(default)]
    err_msg: Option<String>,
    #[serde(default)]
    err_dlt: Option<String>,
}

pub fn decode(text: &str) -> TextFrame {
    let Ok(frame) = serde_json::from_str::<Loose>(text) else {
        return TextFrame::Unknown;
    };
    match (frame.kind.as_deref(), frame.err_code) {
        (Some("ping"), _) => TextFrame::Ping { body: frame.body },
        (Some("pong"), _) => TextFrame::Pong,
        (None, Some(err_code)) => TextFrame::Handshake(HandshakeResult {
            err_code,
            err_msg: frame.err_msg.unwrap_or_default(),
            err_dlt: frame.err_dlt.unwrap_or_default(),
        }),
        _ => TextFrame::Unknown,
    }
}

/// The server's answer to a ping: its body comes back, `null` where it had none.
pub fn pong(body: &Value) -> String {
    serde_json::json!({ "type": "pong", "body": body }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heartbeats_and_the_result_frame_are_told_apart() {
        assert_eq!(decode(PING), TextFrame::Ping { body: Value::Null });
        assert_eq!(decode(r#"{"type":"pong","body":null}"#), TextFrame::Pong);
        let ok = HandshakeResult { err_code: 0, err_msg: String::new(), err_dlt: String::new() };
        assert_eq!(decode(r#"{"errCode":0,"errMsg":"","errDlt":""}"#), TextFrame::Handshake(ok));
        for odd in ["hello", "{}", "[]", r#"{"type":"x"}"#, r#"{"type":5}"#] {
            assert_eq!(decode(odd), TextFrame::Unknown, "{odd}");
        }
    }

    #[test]
    fn a_pong_echoes_the_body() {
        let TextFrame::Ping { body } = decode(r#"{"type":"ping","body":{"x":1}}"#) else { panic!("not a ping") };
        assert_eq!(
            serde_json::from_str::<Value>(&pong(&body)).unwrap(),
            serde_json::json!({"type":"pong","body":{"x":1}})
        );
        assert_eq!(serde_json::from_str::<Value>(&pong(&Value::Null)).unwrap()["body"], Value::Null);
    }
}
