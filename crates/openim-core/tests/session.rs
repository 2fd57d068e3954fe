//! One connection as a value: every frame and every second is written by the test.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::time::Duration;

use base::{Error, Kind};
use openim_core::session::{End, Input, Output, Session};
use openim_core::wire::envelope::{self, Request, Response};
use openim_core::wire::ops;

const ACCEPTED: &str = r#"{"errCode":0,"errMsg":"","errDlt":""}"#;

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn accepted() -> Session {
    let mut session = Session::new("bot_7", "n".into(), false, secs(0));
    session.feed(Input::Text(ACCEPTED), secs(0));
    assert!(matches!(session.poll(), Some(Output::Accepted)));
    session
}

fn ask(session: &mut Session, ticket: u64, now: Duration) -> Request {
    session.ask(ops::GET_NEWEST_SEQ, String::new(), ticket, now).unwrap();
    let Some(Output::WriteBinary(frame)) = session.poll() else { panic!("it was not written") };
    envelope::decode(&frame).unwrap()
}

fn answer(session: &mut Session, request: &Request, data: &str, now: Duration) {
    let response = Response {
        req_identifier: request.req_identifier,
        msg_incr: request.msg_incr.clone(),
        operation_id: request.operation_id.clone(),
        err_code: 0,
        err_msg: String::new(),
        data: Some(data.into()),
    };
    session.feed(Input::Binary(&envelope::encode(&response)), now);
}

/// Outcomes by ticket, everything else left out.
fn outcomes(session: &mut Session) -> Vec<(u64, Result<Option<String>, Error>)> {
    std::iter::from_fn(|| session.poll())
        .filter_map(|output| match output {
            Output::Answer { ticket, result } => Some((ticket, result)),
            _ => None,
        })
        .collect()
}

#[test]
fn case_23_no_answer_for_10_seconds_is_a_timeout_for_good() {
    let mut session = accepted();
    let lost = ask(&mut session, 1, secs(0));
    session.feed(Input::Tick, Duration::from_millis(9_999));
    assert!(outcomes(&mut session).is_empty());
    assert_eq!(session.deadline(), secs(10));
    session.feed(Input::Tick, secs(10));
    let timed_out = outcomes(&mut session);
    assert_eq!(timed_out.len(), 1);
    assert_eq!(timed_out[0].1.as_ref().unwrap_err().kind(), Kind::Timeout);

    answer(&mut session, &lost, "late", secs(11));
    assert!(outcomes(&mut session).is_empty());
    let next = ask(&mut session, 2, secs(11));
    answer(&mut session, &next, "there", secs(12));
    assert_eq!(outcomes(&mut session)[0].1.as_ref().unwrap().as_deref(), Some("there"));
}

#[test]
fn a_message_waits_for_its_answer_as_long_as_its_sender() {
    let mut session = accepted();
    session.ask(ops::SEND_MSG, String::new(), 1, secs(0)).unwrap();
    let Some(Output::WriteBinary(frame)) = session.poll() else { panic!("it was not written") };
    let request: Request = envelope::decode(&frame).unwrap();
    ask(&mut session, 2, secs(0));
    for second in (10..40).step_by(10) {
        session.feed(Input::Control, secs(second));
        session.feed(Input::Tick, secs(second));
    }
    assert_eq!(outcomes(&mut session).iter().map(|(ticket, _)| *ticket).collect::<Vec<_>>(), [2]);
    answer(&mut session, &request, "late", secs(39));
    assert_eq!(outcomes(&mut session)[0].1.as_ref().unwrap().as_deref(), Some("late"));
}

fn refused(err_code: i32, err_msg: &str) -> Error {
    let mut session = accepted();
    session.ask(ops::SEND_MSG, String::new(), 1, secs(0)).unwrap();
    let Some(Output::WriteBinary(frame)) = session.poll() else { panic!("it was not written") };
    let request: Request = envelope::decode(&frame).unwrap();
    let response = Response {
        req_identifier: ops::SEND_MSG,
        msg_incr: request.msg_incr,
        operation_id: String::new(),
        err_code,
        err_msg: err_msg.into(),
        data: None,
    };
    session.feed(Input::Binary(&envelope::encode(&response)), secs(1));
    outcomes(&mut session).remove(0).1.unwrap_err()
}

#[test]
fn only_an_error_of_the_servers_own_may_come_after_a_message_was_stored() {
    for (code, may_be_stored) in
        [(500, true), (90_001, true), (1002, false), (1001, false), (1302, false), (429, false)]
    {
        assert_eq!(refused(code, "x").is_maybe_delivered(), may_be_stored, "{code}");
    }
}

#[test]
fn the_servers_words_about_a_message_are_short_and_clean() {
    let error = refused(500, &format!("a\u{1b}[2J\r\nb\u{202e}{}", "x".repeat(2_000_000)));
    let text = error.to_string();
    assert!(text.len() < 400 && !text.chars().any(char::is_control) && !text.contains('\u{202e}'), "{text}");
}

#[test]
fn case_23_a_lost_connection_fails_everything_in_flight_at_once() {
    let mut session = accepted();
    for ticket in 1..=20 {
        ask(&mut session, ticket, secs(0));
    }
    session.disconnected();
    let failed = outcomes(&mut session);
    assert_eq!(failed.iter().map(|(ticket, _)| *ticket).collect::<Vec<_>>(), (1..=20).collect::<Vec<_>>());
    assert!(failed.iter().all(|(_, result)| result.as_ref().is_err_and(|error| error.kind() == Kind::Offline)));
}

#[test]
fn only_a_message_that_was_written_may_have_been_delivered() {
    let mut session = accepted();
    ask(&mut session, 1, secs(0));
    session.ask(ops::SEND_MSG, String::new(), 2, secs(0)).unwrap();
    session.disconnected();
    let maybe: Vec<_> =
        outcomes(&mut session).iter().map(|(_, result)| result.as_ref().unwrap_err().is_maybe_delivered()).collect();
    assert_eq!(maybe, [false, true]);
}

#[test]
fn case_22_answers_in_any_order_reach_their_askers() {
    let mut session = accepted();
    let first = ask(&mut session, 1, secs(0));
    let second = ask(&mut session, 2, secs(0));
    answer(&mut session, &second, "two", secs(1));
    answer(&mut session, &first, "one", secs(1));
    let answers: Vec<_> =
        outcomes(&mut session).into_iter().map(|(ticket, result)| (ticket, result.unwrap().unwrap())).collect();
    assert_eq!(answers, [(2, "two".to_owned()), (1, "one".to_owned())]);
}

#[test]
fn online_changes_come_unasked_and_answers_go_to_their_asker() {
    use openim_core::wire::pb::{SubUserOnlineStatusElem, SubUserOnlineStatusTips};
    let mut session = accepted();
    let told = SubUserOnlineStatusElem { user_id: "alice".into(), online_platform_ids: vec![5] };
    let tips = SubUserOnlineStatusTips { subscribers: vec![told] };
    let response = |msg_incr: &str| Response {
        req_identifier: ops::SUB_USER_ONLINE_STATUS,
        msg_incr: msg_incr.into(),
        operation_id: String::new(),
        err_code: 0,
        err_msg: String::new(),
        data: Some(envelope::data(&tips)),
    };
    session.feed(Input::Binary(&envelope::encode(&response(""))), secs(1));
    assert!(matches!(session.poll(), Some(Output::Online(news)) if news == tips));
    session.feed(Input::Binary(&envelope::encode(&response("nobody's"))), secs(1));
    assert!(session.poll().is_none(), "an answer nobody waits for is nothing");
}

#[test]
fn no_first_frame_within_ten_seconds_ends_the_connection() {
    let mut session = Session::new("bot_7", "n".into(), false, secs(5));
    assert_eq!(session.deadline(), secs(15));
    session.feed(Input::Tick, secs(15));
    assert!(matches!(session.poll(), Some(Output::End(End::Dead(_)))));
}

#[test]
fn too_many_requests_are_refused_and_not_written() {
    let mut session = accepted();
    for ticket in 0..openim_core::limits::PENDING_MAX as u64 {
        ask(&mut session, ticket, secs(0));
    }
    let error = session.ask(ops::GET_NEWEST_SEQ, String::new(), 9_999, secs(0)).unwrap_err();
    assert_eq!(error.kind(), Kind::Backpressure);
    assert!(session.poll().is_none());
}
