//! Messages on their way out, with every answer and every second written by the test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::HashMap;

use base::{Error, Kind};
use openim_core::limits::OUTBOX_MAX;
use openim_core::outbox::{Action, Confirm, Outbox, OutboxMessage, Seen};

mod outcomes;
mod support;

use support::{accepted, message, secs};

fn drain(outbox: &mut Outbox) -> Vec<String> {
    let mut done = Vec::new();
    while let Some(action) = outbox.poll() {
        done.push(match action {
            Action::Write { ticket, .. } => format!("write {ticket}"),
            Action::Settle { ticket, result: Ok(accepted) } => format!("{ticket} is {}", accepted.server_msg_id),
            Action::Settle { ticket, result: Err(error) } => format!("{ticket} failed: {}", error.kind().code()),
            Action::NotStored { conversation, client_msg_id } => format!("{client_msg_id} is not in {conversation}"),
        });
    }
    done
}

fn online() -> Outbox {
    let mut outbox = Outbox::default();
    outbox.connected(secs(0));
    outbox
}

#[test]
fn messages_are_written_at_once_in_order_without_waiting() {
    let mut outbox = online();
    for ticket in 1..=3 {
        outbox.add(message(ticket, "c"), secs(0)).unwrap();
    }
    assert_eq!(drain(&mut outbox), ["write 1", "write 2", "write 3"]);
    outbox.answered(2, Ok(accepted("s2")), secs(1));
    assert_eq!(drain(&mut outbox), ["2 is s2"]);
}

#[test]
fn what_is_said_while_offline_is_written_in_order_once_connected() {
    let mut outbox = Outbox::default();
    for ticket in 1..=3 {
        outbox.add(message(ticket, "c"), secs(0)).unwrap();
    }
    assert!(drain(&mut outbox).is_empty() && outbox.is_queued(1));
    outbox.connected(secs(5));
    assert_eq!(drain(&mut outbox), ["write 1", "write 2", "write 3"]);
}

#[test]
fn case_38_a_message_that_is_found_is_not_sent_again() {
    let mut outbox = online();
    outbox.add(message(1, "c"), secs(0)).unwrap();
    drain(&mut outbox);
    outbox.disconnected(secs(1));
    assert_eq!(outbox.look(secs(1)), None, "not while offline");
    outbox.connected(secs(2));
    let look = outbox.look(secs(2)).unwrap();
    assert_eq!((&*look.conversation, look.above), ("c", 10));
    let seen = Seen { found: HashMap::from([("m1".into(), accepted("s1"))]), complete: true };
    outbox.looked(&look, &seen, secs(2));
    assert_eq!(drain(&mut outbox), ["1 is s1"]);
    assert!(outbox.is_empty());
}

#[test]
fn case_38_an_absent_message_is_written_again_with_the_same_id() {
    let mut outbox = online();
    outbox.add(message(1, "c"), secs(0)).unwrap();
    outbox.add(message(2, "c"), secs(0)).unwrap();
    drain(&mut outbox);
    outbox.disconnected(secs(1));
    outbox.connected(secs(1));
    outbox.add(message(3, "c"), secs(1)).unwrap();
    assert!(drain(&mut outbox).is_empty(), "nothing newer overtakes what is unknown");
    let look = outbox.look(secs(1)).unwrap();
    outbox.looked(&look, &Seen { complete: true, ..Seen::default() }, secs(1));
    assert!(drain(&mut outbox).is_empty(), "the server may still be storing it");
    assert_eq!(outbox.look(secs(1)), None);
    let look = outbox.look(secs(11)).unwrap();
    outbox.looked(&look, &Seen { complete: false, ..Seen::default() }, secs(12));
    assert!(drain(&mut outbox).is_empty(), "not everything could be read");
    let look = outbox.look(secs(13)).unwrap();
    let seen = Seen { found: HashMap::from([("m1".into(), accepted("s1"))]), complete: true };
    outbox.looked(&look, &seen, secs(13));
    assert_eq!(drain(&mut outbox), ["1 is s1", "write 2", "write 3"]);
}

#[test]
fn case_39_an_unknown_outcome_in_one_chat_does_not_hold_up_another() {
    let mut outbox = online();
    outbox.add(message(1, "a"), secs(0)).unwrap();
    drain(&mut outbox);
    outbox.disconnected(secs(10));
    outbox.connected(secs(10));
    outbox.add(message(2, "a"), secs(10)).unwrap();
    outbox.add(message(3, "b"), secs(10)).unwrap();
    assert_eq!(drain(&mut outbox), ["write 3"]);
}

#[test]
fn case_40_an_echo_settles_what_is_unknown_and_says_nothing_twice() {
    let mut outbox = online();
    outbox.add(message(1, "c"), secs(0)).unwrap();
    drain(&mut outbox);
    outbox.seen("c", "m1", &accepted("s1"), secs(1));
    assert_eq!(drain(&mut outbox), ["1 is s1"], "the echo came before the answer");
    outbox.answered(1, Ok(accepted("s1")), secs(1));
    outbox.seen("c", "m1", &accepted("s1"), secs(1));
    assert!(drain(&mut outbox).is_empty());
}

#[test]
fn case_83_an_acknowledged_message_that_was_never_stored_is_reported() {
    let mut outbox = online();
    outbox.add(OutboxMessage { confirm: Confirm::Stored, ..message(1, "c") }, secs(0)).unwrap();
    drain(&mut outbox);
    outbox.answered(1, Ok(accepted("s1")), secs(1));
    assert!(drain(&mut outbox).is_empty());
    let mut looks = 0;
    let mut now = secs(1);
    while let Some(at) = outbox.deadline() {
        now = at;
        let look = outbox.look(now).unwrap();
        looks += 1;
        outbox.looked(&look, &Seen { complete: true, ..Seen::default() }, now);
    }
    assert_eq!((drain(&mut outbox), now), (vec!["1 failed: OPENIM_SERVER".into()], secs(11)));
    assert_eq!(looks, 10);
}

#[test]
fn an_echo_confirms_that_a_message_was_stored() {
    let mut outbox = online();
    outbox.add(OutboxMessage { confirm: Confirm::Stored, ..message(1, "c") }, secs(0)).unwrap();
    outbox.answered(1, Ok(accepted("s1")), secs(1));
    drain(&mut outbox);
    outbox.seen("c", "m1", &accepted("s1"), secs(1));
    assert_eq!(drain(&mut outbox), ["1 is s1"]);
}

#[test]
fn a_refusal_is_final_and_the_next_message_goes_on() {
    let mut outbox = online();
    outbox.add(message(1, "c"), secs(0)).unwrap();
    outbox.add(message(2, "c"), secs(0)).unwrap();
    drain(&mut outbox);
    outbox.answered(1, Err(Error::new(Kind::Denied, "blocked")), secs(1));
    outbox.answered(2, Ok(accepted("s2")), secs(1));
    assert_eq!(drain(&mut outbox), ["1 failed: OPENIM_DENIED", "2 is s2"]);
}

#[test]
fn giving_up_says_whether_it_may_have_been_delivered() {
    let mut outbox = Outbox::default();
    outbox.add(message(1, "c"), secs(0)).unwrap();
    let error = outbox.give_up(1, secs(15)).unwrap();
    assert_eq!((error.kind(), error.is_maybe_delivered()), (Kind::Offline, false));
    outbox.connected(secs(0));
    outbox.add(message(2, "c"), secs(0)).unwrap();
    let error = outbox.give_up(2, secs(40)).unwrap();
    assert_eq!((error.kind(), error.is_maybe_delivered()), (Kind::Timeout, true));
    assert!(outbox.is_empty() && outbox.give_up(2, secs(40)).is_none());
}

#[test]
fn the_outbox_is_bounded() {
    let mut outbox = Outbox::default();
    for ticket in 0..OUTBOX_MAX as u64 {
        outbox.add(message(ticket, "c"), secs(0)).unwrap();
    }
    assert_eq!(outbox.add(message(9999, "c"), secs(0)).unwrap_err().kind(), Kind::Backpressure);
}

#[test]
fn the_end_of_the_account_settles_everything_at_once() {
    let mut outbox = online();
    outbox.add(message(1, "a"), secs(0)).unwrap();
    drain(&mut outbox);
    outbox.disconnected(secs(1));
    outbox.add(message(2, "b"), secs(1)).unwrap();
    outbox.close();
    assert_eq!(drain(&mut outbox), ["1 failed: OPENIM_CLOSED", "2 failed: OPENIM_CLOSED"]);
    assert!(outbox.is_empty());
}
