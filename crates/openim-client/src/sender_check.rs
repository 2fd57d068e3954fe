//! Finds out whether the server checks that a message comes from the user it names as its sender. Releases of OpenIM up to
//! 3.8.3 do not: any user can write as any other.

use base::{Error, Kind, RandomSource, Result};
use openim_core::message::{kinds, options, text};
use openim_core::wire::pb::MsgData;
use openim_core::wire::{errcode, ops};

use crate::Login;
use crate::outgoing::new_message_id;
use crate::requests::Requests;

/// A kind of conversation that no server has any more. A message to one is refused for its sender or, by a server that
/// does not look at the sender, for its kind. So it is delivered nowhere.
const NO_SESSION: i32 = 2;

/// Writes as a user that does not exist, and returns whether the server objected to that.
pub(crate) async fn is_sender_verified(requests: &Requests, login: &Login, random: &dyn RandomSource) -> Result<bool> {
    let forged = MsgData {
        send_id: new_message_id(random),
        recv_id: login.user_id.clone(),
        client_msg_id: new_message_id(random),
        sender_platform_id: login.platform_id,
        session_type: NO_SESSION,
        msg_from: kinds::FROM_USER,
        content_type: kinds::TEXT,
        content: text::encode("Does this server check who writes?"),
        status: kinds::STATUS_SENDING,
        options: options::ephemeral(),
        ..MsgData::default()
    };
    match requests.ask(ops::SEND_MSG, &forged).await {
        Ok(_) => Ok(false),
        Err(error) => match error.err_code() {
            Some(errcode::NO_PERMISSION) => Ok(true),
            Some(errcode::ARGS) => Ok(false),
            _ => Err(error),
        },
    }
}

/// Why an account does not use its server.
pub(crate) fn refusal() -> Error {
    let text = "the server lets anyone write as anyone, and requireVerifiedSender is \"refuse\": update the OpenIM server to a version that checks the sender of a message, or set requireVerifiedSender to \"warn\"";
    Error::new(Kind::Config, text).op("login")
}

/// The check has failed. The next connection makes it again.
pub(crate) fn unknown(error: &Error) -> Error {
    let text = format!(
        "requireVerifiedSender is \"refuse\", and the server did not say whether it checks the sender of a message: {}",
        error.message()
    );
    Error::new(error.kind(), text).op("login")
}
