//! How a connection is asked for and how its refusal is read.

#![allow(missing_docs, reason = "the members have the names of the protocol")]

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::wire::text_frame::HandshakeResult;

/// Everything but letters, digits and `-_.~` is encoded: a user id may hold `&`, `=` or `+`.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The query of the upgrade request. Holds the token: it is written to the socket and printed nowhere.
pub struct Query<'a> {
    pub send_id: &'a str,
    pub token: &'a str,
    pub platform_id: i32,
    pub operation_id: &'a str,
    pub gzip: bool,
}

impl Query<'_> {
    /// `sendID=…&token=…`, in the order of the JS package, every value percent-encoded.
    pub fn encode(&self) -> String {
        let mut query = format!(
            "sendID={}&token={}&platformID={}&operationID={}&isBackground=false&isMsgResp=true&sdkType=js",
            utf8_percent_encode(self.send_id, QUERY),
            utf8_percent_encode(self.token, QUERY),
            self.platform_id,
            utf8_percent_encode(self.operation_id, QUERY),
        );
        if self.gzip {
            query.push_str("&compression=gzip");
        }
        query
    }
}

/// The JSON body of an upgrade answered with a plain HTTP response, if it is one of OpenIM's.
pub fn refusal(body: &[u8]) -> Option<HandshakeResult> {
    serde_json::from_slice::<HandshakeResult>(body).ok().filter(|result| result.err_code != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_08_reserved_characters_are_percent_encoded() {
        let query = Query { send_id: "a&b=c", token: "x+y/z=", platform_id: 5, operation_id: "op 1", gzip: false };
        assert_eq!(
            query.encode(),
            "sendID=a%26b%3Dc&token=x%2By%2Fz%3D&platformID=5&operationID=op%201&isBackground=false&isMsgResp=true&sdkType=js"
        );
        assert!(Query { gzip: true, ..query }.encode().ends_with("&sdkType=js&compression=gzip"));
    }

    #[test]
    fn a_refusal_is_a_json_object_with_a_code() {
        let body = br#"{"errCode":1602,"errMsg":"args err, need token, sendID, platformID","errDlt":"x"}"#;
        assert_eq!(refusal(body).map(|r| r.err_code), Some(1602));
        for other in [&b"<html>502</html>"[..], b"", b"{}", br#"{"errCode":0}"#] {
            assert_eq!(refusal(other), None);
        }
    }
}
