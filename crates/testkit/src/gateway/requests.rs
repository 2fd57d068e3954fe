//! One request frame: which are dropped together with the connection, which are answered, and how.

use std::sync::Arc;
use std::time::Duration;

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
use crate::trouble::{Asked, Rule};

/// What becomes of the connection after a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Stay,
    /// Flush and close.
    Close,
}

/// What came of a frame.
pub(crate) struct Served {
    pub(crate) next: Next,
    /// Messages that come later, or stay away.
    pub(crate) later: Vec<(Option<Duration>, Push)>,
}

impl From<Next> for Served {
    fn from(next: Next) -> Self {
        Self { next, later: Vec::new() }
    }
}

/// The payload of an answer; none is `data: null`.
type Answer = Result<Option<Vec<u8>>, Fault>;

/// Serves one binary frame completely: the answer is queued before the next frame is read.
pub(crate) fn serve(state: &mut State, connection: &Arc<Connection>, frame: &[u8]) -> Served {
    let Some(request) = read(connection, frame) else {
        return Next::Close.into();
    };
    if (ops::GET_NEWEST_SEQ..=ops::SUB_USER_ONLINE_STATUS).contains(&request.req_identifier) {
        *state.asked.entry(request.req_identifier).or_default() += 1;
    }
    let rule = state.rules.strike(Asked::Op(request.req_identifier), &connection.user_id).unwrap_or_default();
    if rule.hang {
        return Next::Stay.into();
    }
    if rule.cut {
        connection.cut.cancel();
        return Next::Close.into();
    }
    let Some((answer, pushes)) = by_rule(state, &request, &rule).or_else(|| dispatch(state, connection, &request))
    else {
        return Next::Close.into();
    };
    let is_message = request.req_identifier == ops::SEND_MSG;
    let is_logout = request.req_identifier == ops::LOGOUT_MSG && answer.is_ok();
    let is_lost = rule.lose_answer || (is_message && state.strikes(state.mischief.lose_answer));
    if !is_lost {
        let frame = encode(&request, answer);
        if rule.delay_ms > 0 {
            connection.write_later(rule.delay(), frame);
        } else {
            connection.write_binary(&frame);
        }
    }
    let later = deliver(state, pushes, &rule);
    Served { next: if is_logout { Next::Close } else { Next::Stay }, later }
}

/// The answer a rule gives in place of the server.
fn by_rule(state: &State, request: &Request, rule: &Rule) -> Option<(Answer, Vec<Push>)> {
    if let Some(fault) = rule.fault() {
        return Some((Err(fault), Vec::new()));
    }
    if let Some(data) = &rule.data {
        let payload = STANDARD.decode(data).map(Some).map_err(|_| Fault::internal("data is not base64"));
        return Some((payload, Vec::new()));
    }
    if rule.unstored && request.req_identifier == ops::SEND_MSG {
        let answer = payload::<MsgData>(request).and_then(|msg| some(&state.ack_only(&msg)));
        return Some((answer, Vec::new()));
    }
    None
}

/// Pushes at once, or makes placeholders of the messages and hands them back.
fn deliver(state: &mut State, pushes: Vec<Push>, rule: &Rule) -> Vec<(Option<Duration>, Push)> {
    if rule.late_ms.is_none() && !rule.stays_away {
        pushes.iter().for_each(|push| state.deliver(push));
        return Vec::new();
    }
    let after = rule.late_ms.map(Duration::from_millis);
    let hold = |push: Push| {
        state.messages.forget(&push.conversation_id, push.msg.seq);
        (after, push)
    };
    pushes.into_iter().map(hold).collect()
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

fn encode(request: &Request, answer: Answer) -> Binary {
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
    Binary::new(envelope::encode(&response))
}
