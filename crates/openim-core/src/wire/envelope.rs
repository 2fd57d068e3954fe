//! The JSON object around every protobuf payload, one per binary websocket message.

#![allow(missing_docs, reason = "the members have the names of the protocol")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message;
use serde::{Deserialize, Serialize};

use super::{Malformed, Payload, budget};

/// Client to server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    pub req_identifier: i32,
    #[serde(default)]
    pub msg_incr: String,
    #[serde(default, rename = "sendID")]
    pub send_id: String,
    #[serde(default, rename = "operationID")]
    pub operation_id: String,
    /// base64 of the protobuf payload.
    #[serde(default)]
    pub data: Option<String>,
}

/// Server to client. All members are always written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    pub req_identifier: i32,
    #[serde(default)]
    pub msg_incr: String,
    #[serde(default, rename = "operationID")]
    pub operation_id: String,
    #[serde(default)]
    pub err_code: i32,
    #[serde(default)]
    pub err_msg: String,
    /// base64 of the protobuf payload; null on errors and where there is none.
    #[serde(default)]
    pub data: Option<String>,
}

/// Reads either envelope from the bytes of one binary message.
pub fn decode<'a, E: Deserialize<'a>>(bytes: &'a [u8]) -> Result<E, Malformed> {
    serde_json::from_slice(bytes).map_err(|_| Malformed("envelope"))
}

/// Writes either envelope.
pub fn encode<E: Serialize>(envelope: &E) -> Vec<u8> {
    // Strings and numbers only: serialising them cannot fail.
    serde_json::to_vec(envelope).unwrap_or_default()
}

/// The payload of a `data` member; null and the empty string are the empty message. Decoding it takes a bounded memory.
pub fn payload<M: Payload>(data: Option<&str>) -> Result<M, Malformed> {
    let bytes = STANDARD.decode(data.unwrap_or_default()).map_err(|_| Malformed("base64"))?;
    budget::decode(&bytes)
}

/// The `data` member for a payload.
pub fn data<M: Message>(payload: &M) -> String {
    STANDARD.encode(payload.encode_to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::{ops, pb};
    use super::*;

    #[test]
    fn a_request_is_written_as_the_js_package_writes_it() {
        let request = Request {
            req_identifier: ops::GET_CONV_MAX_READ_SEQ,
            msg_incr: "ld3p58enba1795175101302".into(),
            send_id: "bot_7".into(),
            operation_id: "0xqmd8pq51795175101276".into(),
            data: Some(data(&pb::GetConversationsHasReadAndMaxSeqReq {
                user_id: "bot_7".into(),
                ..Default::default()
            })),
        };
        let text = String::from_utf8(encode(&request)).unwrap();
        assert_eq!(
            text,
            r#"{"reqIdentifier":1006,"msgIncr":"ld3p58enba1795175101302","sendID":"bot_7","operationID":"0xqmd8pq51795175101276","data":"CgVib3RfNw=="}"#
        );
        assert_eq!(decode::<Request>(text.as_bytes()).unwrap(), request);
    }

    #[test]
    fn a_response_has_all_six_members_and_null_data_on_errors() {
        let response = Response {
            req_identifier: 1003,
            msg_incr: "i".into(),
            operation_id: "o".into(),
            err_code: 1302,
            err_msg: "BlockedByPeer".into(),
            data: None,
        };
        let value: serde_json::Value = serde_json::from_slice(&encode(&response)).unwrap();
        assert_eq!(value.as_object().unwrap().len(), 6);
        assert!(value["data"].is_null());
    }

    #[test]
    fn null_and_empty_data_are_the_empty_message() {
        assert_eq!(payload::<pb::PushMessages>(None), Ok(pb::PushMessages::default()));
        assert_eq!(payload::<pb::PushMessages>(Some("")), Ok(pb::PushMessages::default()));
        assert_eq!(payload::<pb::PushMessages>(Some("*")), Err(Malformed("base64")));
        assert_eq!(payload::<pb::PushMessages>(Some("/////w==")), Err(Malformed("protobuf")));
    }
}
