//! Serves the binary frames of a connection: which requests are answered, how, and which end the connection.

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

use crate::backend::State;
use crate::connections::connection::Connection;
use crate::connections::frame::Frame;
use crate::faults::rules::{FaultRule, RequestKind};
use crate::model::Model;
use crate::model::outgoing::Push;
use crate::refusal::Refusal;

/// What happens to the connection after a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Stay,
    /// Write the queued frames and close.
    Close,
}

/// The outcome of a frame.
pub(crate) struct Served {
    pub(crate) next: Next,
    /// Messages that a fault withholds, and for how long.
    pub(crate) withheld: Vec<(Option<Duration>, Push)>,
}

impl From<Next> for Served {
    fn from(next: Next) -> Self {
        Self { next, withheld: Vec::new() }
    }
}

/// The payload of an answer; none means `data: null`.
type Answer = Result<Option<Vec<u8>>, Refusal>;

/// Serves one binary frame completely: the answer is queued before the next frame is read.
pub(crate) fn serve(state: &mut State, connection: &Arc<Connection>, frame: &[u8]) -> Served {
    let Some(request) = read(connection, frame) else {
        return Next::Close.into();
    };
    if (ops::GET_NEWEST_SEQ..=ops::SUB_USER_ONLINE_STATUS).contains(&request.req_identifier) {
        *state.request_counts.entry(request.req_identifier).or_default() += 1;
    }
    let rule =
        state.faults.rules.apply(RequestKind::Op(request.req_identifier), &connection.user_id).unwrap_or_default();
    if rule.hang {
        return Next::Stay.into();
    }
    if rule.cut {
        connection.cut.cancel();
        return Next::Close.into();
    }
    let Some((answer, pushes)) =
        by_rule(&state.model, &request, &rule).or_else(|| dispatch(state, connection, &request))
    else {
        return Next::Close.into();
    };
    let is_message = request.req_identifier == ops::SEND_MSG;
    let is_logout = request.req_identifier == ops::LOGOUT_MSG && answer.is_ok();
    let is_lost = rule.lose_answer || (is_message && state.faults.happens(state.faults.rates.lose_answer));
    if !is_lost {
        let frame = encode(&request, answer);
        if rule.delay_ms > 0 {
            connection.write_later(rule.delay(), frame);
        } else {
            connection.write_frame(&frame);
        }
    }
    let withheld = deliver(&mut state.model, pushes, &rule);
    Served { next: if is_logout { Next::Close } else { Next::Stay }, withheld }
}

/// The answer that a rule gives in place of the server.
fn by_rule(model: &Model, request: &Request, rule: &FaultRule) -> Option<(Answer, Vec<Push>)> {
    if let Some(refusal) = rule.refusal() {
        return Some((Err(refusal), Vec::new()));
    }
    if let Some(data) = &rule.data {
        let payload = STANDARD.decode(data).map(Some).map_err(|_| Refusal::internal("data is not base64"));
        return Some((payload, Vec::new()));
    }
    if rule.unstored && request.req_identifier == ops::SEND_MSG {
        let answer = payload::<MsgData>(request).and_then(|msg| some(&model.ack_only(&msg)));
        return Some((answer, Vec::new()));
    }
    None
}

/// Pushes the messages, or withholds and returns them if the rule says so.
fn deliver(model: &mut Model, pushes: Vec<Push>, rule: &FaultRule) -> Vec<(Option<Duration>, Push)> {
    if rule.late_ms.is_none() && !rule.stays_away {
        pushes.iter().for_each(|push| model.deliver(push));
        return Vec::new();
    }
    let after = rule.late_ms.map(Duration::from_millis);
    pushes.iter().for_each(|push| model.withhold(push));
    pushes.into_iter().map(|push| (after, push)).collect()
}

/// The envelope. None if the real gateway would drop the connection without a close frame.
fn read(connection: &Connection, frame: &[u8]) -> Option<Request> {
    let unpacked = if connection.gzip { &compress::gunzip(frame).ok()? } else { frame };
    let request: Request = envelope::decode(unpacked).ok()?;
    let is_base64 = STANDARD.decode(request.data.as_deref().unwrap_or_default()).is_ok();
    let is_valid = is_base64 && request.send_id == connection.user_id && request.req_identifier != 0;
    is_valid.then_some(request)
}

/// The answer and the pushes after it. None for an unknown request.
fn dispatch(state: &mut State, connection: &Arc<Connection>, request: &Request) -> Option<(Answer, Vec<Push>)> {
    let State { model, faults, .. } = state;
    let user_id = connection.user_id.as_str();
    let mut pushes = Vec::new();
    if request.req_identifier != ops::SEND_MSG && faults.happens(faults.rates.fail_request) {
        return Some((Err(Refusal::internal("as asked for")), pushes));
    }
    let answer = match request.req_identifier {
        ops::GET_NEWEST_SEQ => payload::<GetMaxSeqReq>(request).and_then(|payload| {
            own(&payload.user_id, user_id)?;
            some(&model.newest_seqs(user_id))
        }),
        ops::PULL_MSG_BY_RANGE => complete::<PullMessageBySeqsReq>(request).and_then(|payload| {
            own(&payload.user_id, user_id)?;
            some(&model.pull_ranges(user_id, &payload))
        }),
        ops::SEND_MSG => payload::<MsgData>(request).and_then(|msg| {
            if faults.happens(faults.rates.ack_unstored) {
                return some(&model.ack_only(&msg));
            }
            let accepted = model.accept(user_id, msg, &request.operation_id)?;
            pushes = accepted.pushes;
            some(&accepted.ack)
        }),
        ops::SEND_SIGNAL_MSG => Err(Refusal::internal("signalling is not served")),
        ops::PULL_MSG_BY_SEQ_LIST => complete::<GetSeqMessageReq>(request).and_then(|payload| {
            own(&payload.user_id, user_id)?;
            some(&model.pull_seqs(user_id, &payload))
        }),
        ops::GET_CONV_MAX_READ_SEQ => complete::<GetConversationsHasReadAndMaxSeqReq>(request).and_then(|payload| {
            own(&payload.user_id, user_id)?;
            some(&model.read_and_max_seqs(user_id, &payload))
        }),
        ops::PULL_CONV_LAST_MESSAGE => payload::<GetLastMessageReq>(request).and_then(|payload| {
            own(&payload.user_id, user_id)?;
            some(&model.last_messages(user_id, &payload))
        }),
        ops::LOGOUT_MSG => payload::<DelUserPushTokenReq>(request).map(|_| Some(Vec::new())),
        ops::SET_BACKGROUND_STATUS => complete::<SetAppBackgroundStatusReq>(request).map(|_| None),
        ops::SUB_USER_ONLINE_STATUS => {
            payload::<SubUserOnlineStatus>(request).and_then(|payload| some(&model.subscribe(connection.id, &payload)))
        }
        _ => return None,
    };
    Some((answer, pushes))
}

fn payload<M: Message + Default>(request: &Request) -> Result<M, Refusal> {
    envelope::payload(request.data.as_deref())
        .map_err(|_| Refusal::internal("data is not the expected protobuf message"))
}

/// As [`payload`], for requests that also need both ids.
fn complete<M: Message + Default>(request: &Request) -> Result<M, Refusal> {
    if request.msg_incr.is_empty() || request.operation_id.is_empty() {
        return Err(Refusal::internal("msgIncr or operationID is missing"));
    }
    payload(request)
}

fn own(asked: &str, user_id: &str) -> Result<(), Refusal> {
    if asked == user_id { Ok(()) } else { Err(Refusal::no_permission("userID is another user's")) }
}

fn some<M: Message>(message: &M) -> Answer {
    Ok(Some(message.encode_to_vec()))
}

fn encode(request: &Request, answer: Answer) -> Frame {
    let (err_code, err_msg, data) = match answer {
        Ok(payload) => (0, String::new(), payload.map(|bytes| STANDARD.encode(bytes))),
        Err(refusal) => (refusal.code, refusal.name.into_owned(), None),
    };
    let response = Response {
        req_identifier: request.req_identifier,
        msg_incr: request.msg_incr.clone(),
        operation_id: request.operation_id.clone(),
        err_code,
        err_msg,
        data,
    };
    Frame::new(&response)
}
