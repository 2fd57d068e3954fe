//! One request frame: which are dropped together with the connection, which are answered, and how.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openim_core::wire::envelope::{self, Request, Response};
use openim_core::wire::pb::{
    DelUserPushTokenReq, GetConversationsHasReadAndMaxSeqReq, GetLastMessageReq, GetMaxSeqReq, GetSeqMessageReq,
    MsgData, PullMessageBySeqsReq, SetAppBackgroundStatusReq, SubUserOnlineStatus,
};
use openim_core::wire::{compress, ops};
use prost::Message;

use super::hub::{Binary, Connection};
use super::push::Push;
use crate::fault::Fault;
use crate::state::State;

/// What becomes of the connection after a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Stay,
    /// Flush and close.
    Close,
}

/// The payload of an answer; none is `data: null`.
type Answer = Result<Option<Vec<u8>>, Fault>;

/// Serves one binary frame completely: the answer is queued before the next frame is read.
pub(crate) fn serve(state: &mut State, connection: &Arc<Connection>, frame: &[u8]) -> Next {
    let Some(request) = read(connection, frame) else {
        return Next::Close;
    };
    let Some((answer, pushes)) = dispatch(state, connection, &request) else {
        return Next::Close;
    };
    let is_message = request.req_identifier == ops::SEND_MSG;
    let is_logout = request.req_identifier == ops::LOGOUT_MSG && answer.is_ok();
    if !(is_message && state.strikes(state.mischief.lose_answer)) {
        reply(connection, &request, answer);
    }
    for push in &pushes {
        state.deliver(push);
    }
    if is_logout { Next::Close } else { Next::Stay }
}

/// The envelope, or none where the real gateway drops the connection without a word.
fn read(connection: &Connection, frame: &[u8]) -> Option<Request> {
    let unpacked;
    let plain = if connection.gzip {
        unpacked = compress::gunzip(frame).ok()?;
        &unpacked
    } else {
        frame
    };
    let request: Request = envelope::decode(plain).ok()?;
    let is_base64 = STANDARD.decode(request.data.as_deref().unwrap_or_default()).is_ok();
    let good = is_base64 && request.send_id == connection.user_id && request.req_identifier != 0;
    good.then_some(request)
}

/// The answer and what is pushed after it; none for a request nobody knows.
fn dispatch(state: &mut State, connection: &Arc<Connection>, request: &Request) -> Option<(Answer, Vec<Push>)> {
    let user_id = connection.user_id.as_str();
    let mut pushes = Vec::new();
    if request.req_identifier != ops::SEND_MSG && state.strikes(state.mischief.fail_request) {
        return Some((Err(Fault::internal("mischief")), pushes));
    }
    let answer = match request.req_identifier {
        ops::GET_NEWEST_SEQ => payload::<GetMaxSeqReq>(request).and_then(|asked| {
            own(&asked.user_id, user_id)?;
            some(&state.newest_seqs(user_id))
        }),
        ops::PULL_MSG_BY_RANGE => complete::<PullMessageBySeqsReq>(request).and_then(|asked| {
            own(&asked.user_id, user_id)?;
            some(&state.pull_ranges(user_id, &asked))
        }),
        ops::SEND_MSG => payload::<MsgData>(request).and_then(|msg| {
            if state.strikes(state.mischief.ack_unstored) {
                return some(&state.ack_only(&msg));
            }
            let accepted = state.accept(user_id, msg, &request.operation_id)?;
            pushes = accepted.pushes;
            some(&accepted.ack)
        }),
        ops::SEND_SIGNAL_MSG => Err(Fault::internal("signalling is not served")),
        ops::PULL_MSG_BY_SEQ_LIST => complete::<GetSeqMessageReq>(request).and_then(|asked| {
            own(&asked.user_id, user_id)?;
            some(&state.pull_seqs(user_id, &asked))
        }),
        ops::GET_CONV_MAX_READ_SEQ => complete::<GetConversationsHasReadAndMaxSeqReq>(request).and_then(|asked| {
            own(&asked.user_id, user_id)?;
            some(&state.read_and_max_seqs(user_id, &asked))
        }),
        ops::PULL_CONV_LAST_MESSAGE => payload::<GetLastMessageReq>(request).and_then(|asked| {
            own(&asked.user_id, user_id)?;
            some(&state.last_messages(user_id, &asked))
        }),
        ops::LOGOUT_MSG => payload::<DelUserPushTokenReq>(request).map(|_| Some(Vec::new())),
        ops::SET_BACKGROUND_STATUS => complete::<SetAppBackgroundStatusReq>(request).map(|_| None),
        ops::SUB_USER_ONLINE_STATUS => {
            payload::<SubUserOnlineStatus>(request).and_then(|asked| some(&state.subscribe(connection, &asked)))
        }
        _ => return None,
    };
    Some((answer, pushes))
}

fn payload<M: Message + Default>(request: &Request) -> Result<M, Fault> {
    envelope::payload(request.data.as_deref()).map_err(|_| Fault::internal("data is not the expected protobuf message"))
}

/// As [`payload`], for the requests that also insist on both ids.
fn complete<M: Message + Default>(request: &Request) -> Result<M, Fault> {
    if request.msg_incr.is_empty() || request.operation_id.is_empty() {
        return Err(Fault::internal("msgIncr or operationID is missing"));
    }
    payload(request)
}

fn own(asked: &str, user_id: &str) -> Result<(), Fault> {
    if asked == user_id { Ok(()) } else { Err(Fault::no_permission("userID is another user's")) }
}

fn some<M: Message>(message: &M) -> Answer {
    Ok(Some(message.encode_to_vec()))
}

fn reply(connection: &Connection, request: &Request, answer: Answer) {
    let (err_code, err_msg, data) = match answer {
        Ok(payload) => (0, String::new(), payload.map(|bytes| STANDARD.encode(bytes))),
        Err(fault) => (fault.code, fault.name.into_owned(), None),
    };
    let response = Response {
        req_identifier: request.req_identifier,
        msg_incr: request.msg_incr.clone(),
        operation_id: request.operation_id.clone(),
        err_code,
        err_msg,
        data,
    };
    connection.write_binary(&Binary::new(envelope::encode(&response)));
}
