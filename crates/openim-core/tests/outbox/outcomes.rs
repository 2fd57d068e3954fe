//! When a message may be written again, what an answer proves, and how fast messages are written.

use std::collections::HashMap;
use std::time::Duration;

use base::{Error, Kind};
use openim_core::limits::{LOOK_AGAIN, PACE_WINDOW, SEND_MAX, WRITES_PER_WINDOW};
use openim_core::outbox::{Action, Confirm, Look, Outbox, OutboxMessage, Seen, Ticket};

use crate::support::{accepted, message, secs};

fn absent() -> Seen {
    Seen { complete: true, ..Seen::default() }
}

/// What is done next: writes as `w1`, successes as `1 ok`, failures as `1 CODE`, with `?` where it may be delivered.
fn drain(outbox: &mut Outbox) -> Vec<String> {
    std::iter::from_fn(|| outbox.poll())
        .map(|action| match action {
            Action::Write { ticket, .. } => format!("w{ticket}"),
            Action::Settle { ticket, result: Ok(_) } => format!("{ticket} ok"),
            Action::Settle { ticket, result: Err(error) } => {
                let doubt = if error.is_maybe_delivered() { "?" } else { "" };
                format!("{ticket} {}{doubt}", error.kind().code())
            }
            Action::NotStored { conversation, client_msg_id } => format!("{client_msg_id} is not in {conversation}"),
        })
        .collect()
}

/// An outbox with message 1 written at second 0.
fn written() -> Outbox {
    let mut outbox = Outbox::default();
    outbox.connected(secs(0));
    outbox.add(message(1, "c"), secs(0)).unwrap();
    assert_eq!(drain(&mut outbox), ["w1"]);
    outbox
}

/// Looks at each second in which something is to be looked for, and finds nothing.
fn look_in_vain(outbox: &mut Outbox, seconds: std::ops::Range<u64>) -> Vec<(u64, Vec<String>)> {
    let mut done = Vec::new();
    for second in seconds {
        if let Some(look) = outbox.look(secs(second)) {
            outbox.looked(&look, &absent(), secs(second));
        }
        let actions = drain(outbox);
        if !actions.is_empty() {
            done.push((second, actions));
        }
    }
    done
}

#[test]
fn nothing_is_written_again_while_its_connection_stands() {
    let mut outbox = written();
    assert!(look_in_vain(&mut outbox, 0..39).is_empty(), "a slow server answers in its own time");
    outbox.answered(1, Ok(accepted("s1")), secs(39));
    assert_eq!(drain(&mut outbox), ["1 ok"]);
}

#[test]
fn a_message_without_an_answer_is_found_by_a_look_after_ten_seconds() {
    let mut outbox = written();
    assert_eq!((outbox.look(secs(9)), outbox.deadline()), (None, Some(secs(10))));
    let look = outbox.look(secs(10)).unwrap();
    let seen = Seen { found: HashMap::from([("m1".into(), accepted("s1"))]), complete: false };
    outbox.looked(&look, &seen, secs(11));
    assert_eq!(drain(&mut outbox), ["1 ok"]);
}

#[test]
fn the_end_of_the_answers_time_writes_nothing_again() {
    let mut outbox = written();
    outbox.answered(1, Err(Error::new(Kind::Timeout, "no answer").maybe_delivered()), SEND_MAX);
    assert!(drain(&mut outbox).is_empty());
    assert!(outbox.give_up(1, SEND_MAX).unwrap().is_maybe_delivered());
}

#[test]
fn a_lost_message_is_absent_only_ten_seconds_after_the_loss() {
    let mut outbox = written();
    // Twenty-two seconds of silence end a connection whose server is still busy with the message.
    outbox.disconnected(secs(22));
    outbox.connected(secs(23));
    assert_eq!(look_in_vain(&mut outbox, 23..40), [(32, vec!["w1".to_owned()])]);
}

#[test]
fn a_look_that_began_too_early_proves_nothing_however_long_it_takes() {
    let mut outbox = written();
    outbox.disconnected(secs(1));
    outbox.connected(secs(2));
    let slow = outbox.look(secs(10)).unwrap();
    outbox.looked(&slow, &absent(), secs(19));
    assert!(drain(&mut outbox).is_empty());
    let look = outbox.look(secs(19)).unwrap();
    assert_eq!(look.began, secs(19));
    outbox.looked(&look, &absent(), secs(20));
    assert_eq!(drain(&mut outbox), ["w1"]);
}

#[test]
fn a_message_that_was_written_before_may_be_delivered_when_it_is_given_up() {
    let mut outbox = written();
    outbox.disconnected(secs(1));
    outbox.connected(secs(1));
    let look = outbox.look(secs(11)).unwrap();
    outbox.disconnected(secs(11));
    outbox.looked(&look, &absent(), secs(12));
    assert!(!outbox.is_queued(1), "it waits to be written, for the second time");
    assert!(outbox.give_up(1, SEND_MAX).unwrap().is_maybe_delivered());
}

#[test]
fn an_error_after_the_write_is_looked_for_and_never_written_again() {
    let server_error = || Error::new(Kind::Server, "500").maybe_delivered();
    let mut outbox = written();
    outbox.answered(1, Err(server_error()), secs(1));
    outbox.add(message(2, "c"), secs(1)).unwrap();
    assert_eq!(drain(&mut outbox), ["w2"], "it holds up nothing");
    outbox.answered(2, Ok(accepted("s2")), secs(1));
    drain(&mut outbox);
    outbox.disconnected(secs(2));
    outbox.connected(secs(3));
    assert_eq!(
        look_in_vain(&mut outbox, 3..12),
        [(11, vec!["m2 is not in c".to_owned(), "1 OPENIM_SERVER?".to_owned(),])]
    );

    let mut outbox = written();
    outbox.answered(1, Err(server_error()), secs(1));
    outbox.seen("c", "m1", &accepted("s1"), secs(2));
    assert_eq!(drain(&mut outbox), ["1 ok"], "it was stored all the same");
}

#[test]
fn a_message_that_is_not_stored_in_time_may_still_be_delivered() {
    let mut outbox = Outbox::default();
    outbox.connected(secs(0));
    outbox.add(OutboxMessage { confirm: Confirm::Stored, ..message(1, "c") }, secs(0)).unwrap();
    outbox.answered(1, Ok(accepted("s1")), secs(0));
    drain(&mut outbox);
    assert_eq!(look_in_vain(&mut outbox, 0..20), [(10, vec!["1 OPENIM_SERVER?".to_owned()])]);
}

#[test]
fn an_acknowledged_message_that_was_not_stored_is_reported_once() {
    let mut outbox = written();
    for ticket in 2..=4 {
        outbox.add(message(ticket, "c"), secs(0)).unwrap();
    }
    for ticket in 1..=4 {
        outbox.answered(ticket, Ok(accepted("s")), secs(0));
    }
    drain(&mut outbox);
    outbox.seen("c", "m2", &accepted("s"), secs(0));
    assert_eq!((outbox.is_empty(), outbox.deadline()), (true, Some(secs(10))));
    let look = outbox.look(secs(10)).unwrap();
    assert_eq!(look, Look { conversation: "c".into(), above: 10, began: secs(10) });
    let seen = Seen { found: HashMap::from([("m3".into(), accepted("s"))]), complete: true };
    outbox.looked(&look, &seen, secs(11));
    assert_eq!(drain(&mut outbox), ["m1 is not in c", "m4 is not in c"]);
    assert_eq!((outbox.look(secs(60)), outbox.deadline()), (None, None));
}

#[test]
fn an_acknowledged_message_that_cannot_be_found_is_forgotten_in_the_end() {
    let mut outbox = written();
    outbox.answered(1, Ok(accepted("s")), secs(0));
    drain(&mut outbox);
    let mut looks = 0;
    for second in 0..60 {
        if let Some(look) = outbox.look(secs(second)) {
            looks += 1;
            outbox.looked(&look, &Seen::default(), secs(second));
        }
    }
    assert_eq!((looks, outbox.deadline(), drain(&mut outbox).len()), (30, None, 0));
    assert_eq!(LOOK_AGAIN, secs(1));
}

#[test]
fn a_burst_is_written_in_order_at_a_pace_the_server_stores() {
    let mut outbox = Outbox::default();
    outbox.connected(secs(0));
    let mut writes: Vec<(Duration, Ticket)> = Vec::new();
    for ticket in 1..=300 {
        outbox.add(message(ticket, "c"), secs(0)).unwrap();
    }
    let mut now = secs(0);
    loop {
        while let Some(action) = outbox.poll() {
            let Action::Write { ticket, .. } = action else { continue };
            writes.push((now, ticket));
            outbox.answered(ticket, Ok(accepted("s")), now);
        }
        let Some(next) = outbox.next_write() else { break };
        now = next;
        outbox.go_on(now);
    }
    assert!(writes.iter().map(|(_, ticket)| *ticket).eq(1..=300));
    assert_eq!(now, PACE_WINDOW * 5);
    for (at, _) in &writes {
        let within = writes.iter().filter(|(other, _)| (*at..*at + PACE_WINDOW).contains(other)).count();
        assert!(within <= WRITES_PER_WINDOW, "{within} at {at:?}");
    }
}

#[test]
fn a_stalled_line_gathers_no_burst() {
    let mut outbox = Outbox::default();
    outbox.connected(secs(0));
    for ticket in 1..=120 {
        outbox.add(message(ticket, "c"), secs(0)).unwrap();
    }
    assert_eq!(drain(&mut outbox).len(), 50);
    outbox.go_on(secs(5));
    assert!(drain(&mut outbox).is_empty(), "nothing was answered yet");
    for ticket in 1..=10 {
        outbox.answered(ticket, Ok(accepted("s")), secs(6));
    }
    assert_eq!(drain(&mut outbox).iter().filter(|action| action.starts_with('w')).count(), 10);
}

#[test]
fn the_pace_of_one_conversation_holds_up_no_other() {
    let mut outbox = Outbox::default();
    outbox.connected(secs(0));
    for ticket in 1..=60 {
        outbox.add(message(ticket, "loud"), secs(0)).unwrap();
    }
    outbox.add(message(61, "quiet"), secs(0)).unwrap();
    let done = drain(&mut outbox);
    assert_eq!((done.len(), done.last().map(String::as_str)), (51, Some("w61")));
}

#[test]
fn a_message_begins_where_its_conversation_stands_at_its_first_write() {
    let mut outbox = Outbox::default();
    outbox.add(OutboxMessage { above: 0, ..message(1, "c") }, secs(0)).unwrap();
    assert_eq!(outbox.unwritten(), ["c".into()]);
    outbox.stands_at("c", 900);
    outbox.connected(secs(1));
    drain(&mut outbox);
    outbox.disconnected(secs(2));
    outbox.stands_at("c", 2_000);
    outbox.connected(secs(3));
    assert_eq!(outbox.look(secs(3)).unwrap().above, 900, "it may have been stored since it was written");
    assert!(outbox.unwritten().is_empty());
}

#[test]
fn a_frame_that_could_not_be_written_is_written_a_moment_later() {
    let mut outbox = written();
    outbox.not_written(1, secs(1));
    assert!(outbox.is_queued(1));
    let next = outbox.next_write().unwrap();
    outbox.go_on(next);
    assert_eq!(drain(&mut outbox), ["w1"]);
}
