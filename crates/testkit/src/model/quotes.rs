//! Quotes of revoked messages: a pull shows the quoted message as the revocation that has replaced it.

use openim_core::message::kinds;
use openim_core::wire::pb::MsgData;
use serde_json::Value;

/// Rewrites the quoted message if it was revoked. `find` gives the messages of the conversation by sequence.
pub(super) fn follow_revocation<'a>(msg: &mut MsgData, find: impl Fn(i64) -> Option<&'a MsgData>) {
    if msg.content_type != kinds::QUOTE {
        return;
    }
    let Ok(mut content) = serde_json::from_slice::<Value>(&msg.content) else { return };
    let Some(quote) = content.get_mut("quoteMessage") else { return };
    let Some(quoted) = quote["seq"].as_i64().and_then(find) else { return };
    if quoted.content_type != kinds::REVOKED || quote["clientMsgID"] != quoted.client_msg_id.as_str() {
        return;
    }
    quote["contentType"] = kinds::REVOKED.into();
    quote["content"] = String::from_utf8_lossy(&quoted.content).into();
    msg.content = content.to_string().into_bytes();
}
