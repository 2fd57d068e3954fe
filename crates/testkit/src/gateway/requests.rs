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
use openim_core::wire::{Payload, compress, ops};
use prost::Message;

use crate::backend::State;
use crate::config::ServerVersion;
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

/// A request that will be served, and what a fault rule does to it.
pub(crate) struct AcceptedRequest {
    request: Request,
    rule: FaultRule,
}

impl AcceptedRequest {
    /// The wait before the request is served.
    pub(crate) fn wait_before(&self) -> Duration {
        Duration::from_millis(self.rule.before_ms)
    }

    /// Whether serving it takes time.
    pub(crate) fn is_slow(&self) -> bool {
        self.rule.before_ms > 0 || self.rule.delay_ms > 0
    }
}

/// The outcome of a request.
pub(crate) struct Served {
    pub(crate) next: Next,
    /// The answer that is still to be written, after this time.
    pub(crate) late_answer: Option<(Duration, Frame)>,
    /// Messages that a fault withholds, and for how long.
    pub(crate) withheld: Vec<(Option<Duration>, Push)>,
}

impl From<Next> for Served {
    fn from(next: Next) -> Self {
        Self { next, late_answer: None, withheld: Vec::new() }
    }
}

/// The payload of an answer; none means `data: null`.
type Answer = Result<Option<Vec<u8>>, Refusal>;

/// Reads one binary frame. The error says what happens to the connection if no request is to be served.
pub(crate) fn accept(state: &mut State, connection: &Connection, frame: &[u8]) -> Result<AcceptedRequest, Next> {
    let request = read(connection, frame).ok_or(Next::Close)?;
    if (ops::GET_NEWEST_SEQ..=ops::SUB_USER_ONLINE_STATUS).contains(&request.req_identifier) {
        *state.request_counts.entry(request.req_identifier).or_default() += 1;
    }
    let kind = RequestKind::Op(request.req_identifier);
    let rule = state.faults.rules.apply(kind, &connection.user_id).unwrap_or_default();
    if rule.hang {
        return Err(Next::Stay);
    }
    if rule.cut {
        connection.cut.cancel();
        return Err(Next::Close);
    }
    Ok(AcceptedRequest { request, rule })
}

/// Serves one request completely. Its answer is queued before the pushes that come of it, unless the answer is late.
pub(crate) fn serve(state: &mut State, connection: &Arc<Connection>, accepted: &AcceptedRequest) -> Served {
    let AcceptedRequest { request, rule } = accepted;
    let Some((answer, pushes)) =
        by_rule(&state.model, request, rule).or_else(|| dispatch(state, connection, request, rule))
    else {
        return Next::Close.into();
    };
    let is_message = request.req_identifier == ops::SEND_MSG;
    let is_logout = request.req_identifier == ops::LOGOUT_MSG && answer.is_ok();
    let is_lost = rule.lose_answer || (is_message && state.faults.happens(state.faults.rates.lose_answer));
    let answer = (!is_lost).then(|| encode(request, answer));
    let late_answer = match answer {
        Some(frame) if rule.delay_ms > 0 => Some((rule.delay(), frame)),
        Some(frame) => {
            connection.write_frame(&frame);
            None
        }
        None => None,
    };
    let after = rule.late_ms.map(Duration::from_millis);
    pushes.iter().for_each(|push| state.model.withhold(push));
    let withheld = pushes.into_iter().map(|push| (after, push)).collect();
    Served { next: if is_logout { Next::Close } else { Next::Stay }, late_answer, withheld }
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

/// The envelope. None if the real gateway would drop the connection without a close frame.
fn read(connection: &Connection, frame: &[u8]) -> Option<Request> {
    let unpacked = if connection.gzip { &compress::gunzip(frame).ok()? } else { frame };
    let request: Request = envelope::decode(unpacked).ok()?;
    let is_base64 = STANDARD.decode(request.data.as_deref().unwrap_or_default()).is_ok();
    let is_valid = is_base64 && request.send_id == connection.user_id && request.req_identifier != 0;
    is_valid.then_some(request)
}

/// The answer, and the messages that the rule withholds. None for an unknown request.
fn dispatch(
    state: &mut State,
    connection: &Arc<Connection>,
    request: &Request,
    rule: &FaultRule,
) -> Option<(Answer, Vec<Push>)> {
    let State { model, faults, .. } = state;
    let user_id = connection.user_id.as_str();
    let mut pushes = Vec::new();
    let blanks = || faults.happens(faults.rates.blank_pull);
    if request.req_identifier != ops::SEND_MSG && faults.happens(faults.rates.fail_request) {
        return Some((Err(Refusal::internal("as asked for")), pushes));
    }
    let answer = match request.req_identifier {
        ops::GET_NEWEST_SEQ => payload::<GetMaxSeqReq>(request).and_then(|payload| {
            if payload.user_id != user_id {
                return Err(another_users());
            }
            model.asked_for_seqs(user_id);
            some(&model.newest_seqs(user_id))
        }),
        ops::PULL_MSG_BY_RANGE => complete::<PullMessageBySeqsReq>(request).and_then(|payload| {
            let user_id = asked(model, &payload.user_id, user_id)?;
            for range in &payload.seq_ranges {
                let is_pulled = |seq| (range.begin..=range.end).contains(&seq);
                model.pulled_closely(user_id, &range.conversation_id, is_pulled, blanks);
            }
            some(&model.pull_ranges(user_id, &payload))
        }),
        ops::SEND_MSG => payload::<MsgData>(request).and_then(|msg| {
            if faults.happens(faults.rates.ack_unstored) {
                return some(&model.ack_only(&msg));
            }
            if rule.late_ms.is_none() && !rule.stays_away {
                return some(&model.accept(user_id, msg, &request.operation_id)?);
            }
            let accepted = model.accept_at_once(user_id, msg, &request.operation_id)?;
            pushes = accepted.pushes;
            some(&accepted.ack)
        }),
        ops::SEND_SIGNAL_MSG => Err(Refusal::internal("signalling is not served")),
        ops::PULL_MSG_BY_SEQ_LIST => complete::<GetSeqMessageReq>(request).and_then(|payload| {
            // Nobody checks who asks.
            let user_id = payload.user_id.as_str();
            for wanted in &payload.conversations {
                model.pulled_closely(user_id, &wanted.conversation_id, |seq| wanted.seqs.contains(&seq), blanks);
            }
            some(&model.pull_seqs(user_id, &payload))
        }),
        ops::GET_CONV_MAX_READ_SEQ => complete::<GetConversationsHasReadAndMaxSeqReq>(request).and_then(|payload| {
            let user_id = asked(model, &payload.user_id, user_id)?;
            model.asked_for_seqs(user_id);
            some(&model.read_and_max_seqs(user_id, &payload))
        }),
        ops::PULL_CONV_LAST_MESSAGE => payload::<GetLastMessageReq>(request).and_then(|payload| {
            let user_id = asked(model, &payload.user_id, user_id)?;
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

fn payload<M: Payload>(request: &Request) -> Result<M, Refusal> {
    envelope::payload(request.data.as_deref())
        .map_err(|_| Refusal::internal("data is not the expected protobuf message"))
}

/// As [`payload`], for requests that also need both ids.
fn complete<M: Payload>(request: &Request) -> Result<M, Refusal> {
    if request.msg_incr.is_empty() || request.operation_id.is_empty() {
        return Err(Refusal::internal("msgIncr or operationID is missing"));
    }
    payload(request)
}

/// The user whom a request asks about. Only the main branch checks that it is the connection's.
fn asked<'a>(model: &Model, asked: &'a str, user_id: &str) -> Result<&'a str, Refusal> {
    if asked == user_id || model.config.like != ServerVersion::Main { Ok(asked) } else { Err(another_users()) }
}

fn another_users() -> Refusal {
    Refusal::no_permission("userID is another user's")
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
