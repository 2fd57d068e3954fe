//! The state alone: time is an argument, and the ledger lives in memory.

use base::{Error, Kind};

use super::*;
use crate::event::{WireEvent, WireNotice};
use crate::ledger::Ledger;
use crate::limits::UNACKED_PER_CONVERSATION;
use crate::message::Inbound;
use crate::offline::OfflineMode;
use crate::transport::{LoginKey, Observation, Offer};
use crate::unacked::tests::message;

fn state_with(offline_policy: OfflinePolicy) -> State {
    let ledger = Ledger::in_memory().login(&LoginKey::new("http://im", "bot", 5)).unwrap();
    State::new("a".into(), "bot".into(), ledger, offline_policy)
}

fn state() -> State {
    state_with(OfflinePolicy::default())
}

fn at(seconds: u64) -> Now {
    Now { elapsed: Duration::from_secs(seconds), unix_ms: i64::try_from(seconds).unwrap() * 1_000, skew_ms: 0 }
}

fn has(state: &State, conversation: &str, seq: i64) -> bool {
    state.run_below(conversation, seq).is_some_and(|(_, end)| end >= seq)
}

fn batch(state: &mut State) -> (Batch, bool) {
    match state.next_batch(at(100)) {
        NextBatch::Ready { batch, room_freed } => (batch, room_freed),
        _ => (Batch::default(), false),
    }
}

fn events(state: &mut State) -> Vec<String> {
    batch(state)
        .0
        .events
        .iter()
        .map(|event| format!("{event:?}").chars().take_while(|c| c.is_alphanumeric()).collect())
        .collect()
}

fn notice(seq: i64, id: &str) -> WireNotice {
    let event = WireEvent { name: "onGroupInfoChanged", data: "{}".into(), about: None };
    WireNotice { conversation: "n_g".into(), seq, id: id.into(), events: vec![event] }
}

#[test]
fn a_life_leads_through_its_phases() {
    let mut state = state();
    let (gone, refused) = (Error::new(Kind::Offline, "gone"), Error::new(Kind::TokenExpired, "expired"));
    let steps = [
        (Transition::Connecting { attempt: 1 }, Phase::Connecting),
        (Transition::Connected, Phase::Syncing),
        (Transition::SyncStarted, Phase::Syncing),
        (Transition::Synced, Phase::Online),
        (Transition::Retired, Phase::Connecting),
        (Transition::Connected, Phase::Syncing),
        (Transition::Lost { error: &gone, panicked: false }, Phase::Backoff),
        (Transition::Lost { error: &gone, panicked: true }, Phase::Backoff),
        (Transition::TokenRefused(&refused), Phase::Recovering),
        (Transition::StillWithoutToken(&refused), Phase::Recovering),
        (Transition::Failed { error: &refused, refusal: Some(&refused) }, Phase::Failed),
        (Transition::Finished, Phase::Failed),
    ];
    for (step, expected) in steps {
        let name = format!("{step:?}");
        assert_eq!(state.apply(step, at(1)), expected, "{name}");
    }
    let status = state.status();
    assert_eq!((status.connects, status.reconnects, status.panics), (2, 1, 1));
    assert_eq!(state.apply(Transition::Finished, at(1)), Phase::Failed, "a failed account never counts as stopped");
}

#[test]
fn a_refusal_is_reported_once() {
    let refused = Error::new(Kind::Kicked, "another login took over");
    let mut late = state();
    late.apply(Transition::TokenRefused(&refused), at(1));
    late.apply(Transition::Failed { error: &refused, refusal: Some(&refused) }, at(2));
    assert_eq!(events(&mut late), ["ConnectFailed", "Kicked"]);
    let mut at_once = state();
    at_once.apply(Transition::Failed { error: &refused, refusal: Some(&refused) }, at(1));
    assert_eq!(events(&mut at_once), ["ConnectFailed", "Kicked"]);
    assert_eq!(at_once.final_error().unwrap().kind(), Kind::Kicked);
}

#[test]
fn a_lost_connection_is_disconnected_and_a_failed_attempt_is_not() {
    let mut state = state();
    let gone = Error::new(Kind::Offline, "gone");
    state.apply(Transition::Lost { error: &gone, panicked: false }, at(1));
    state.apply(Transition::Connected, at(2));
    state.apply(Transition::Lost { error: &gone, panicked: false }, at(3));
    assert_eq!(events(&mut state), ["ConnectFailed", "Connected", "Disconnected"]);
    assert_eq!(state.status().last_disconnected_at, Some(3_000));
    assert_eq!(state.take_online_since(), Some(Duration::from_secs(2)));
}

#[test]
fn an_account_is_away_at_its_start_and_a_minute_after_a_connection() {
    let mut state = state();
    assert!(state.was_away(at(0)));
    state.apply(Transition::Connected, at(1));
    state.apply(Transition::Retired, at(10));
    assert!(!state.was_away(at(69)) && state.was_away(at(70)));
}

#[test]
fn a_sleep_is_an_absence_although_the_monotonic_clock_stood_still() {
    let mut state = state();
    state.apply(Transition::Connected, at(1));
    state.count_activity(at(10));
    let awake = Now { unix_ms: 8 * 3_600_000, ..at(11) };
    let gone = Error::new(Kind::Offline, "gone");
    state.apply(Transition::Lost { error: &gone, panicked: false }, awake);
    assert!(state.was_away(Now { unix_ms: awake.unix_ms + 250, ..at(11) }));
    // A blip long after the sleep is none.
    state.apply(Transition::Connected, Now { unix_ms: awake.unix_ms + 500, ..at(12) });
    state.apply(Transition::Lost { error: &gone, panicked: false }, Now { unix_ms: awake.unix_ms + 30_000, ..at(41) });
    assert!(!state.was_away(Now { unix_ms: awake.unix_ms + 31_000, ..at(42) }));
}

#[test]
fn a_sleep_that_the_connection_told_first_is_an_absence_too() {
    let mut state = state();
    state.apply(Transition::Connected, at(1));
    let awake = |seconds: u64| Now { unix_ms: 8 * 3_600_000 + i64::try_from(seconds).unwrap() * 1_000, ..at(seconds) };
    state.count_activity(awake(2));
    let buffered = Inbound { sent_at: 60_000, ..message("c", 1) };
    state.offer_message(buffered.clone(), awake(2));
    state.offer_message(Inbound { sent_at: awake(3).unix_ms, ..message("c", 2) }, awake(3));
    state.offer_message(Inbound { sent_at: 60_000, ..message("c", 3) }, awake(60));
    let taken = batch(&mut state).0.messages;
    let offline: Vec<_> = taken.iter().map(|delivery| delivery.message.offline).collect();
    assert_eq!(offline, [true, false, false], "only what waited in the buffers of the sleeping process is old");
    state.apply(Transition::Retired, awake(61));
    assert!(state.was_away(awake(62)), "the connection ended within a minute of the sleep");
}

#[test]
fn an_age_is_counted_on_the_servers_clock() {
    let hour = Some(Duration::from_secs(3_600));
    let mut state = state_with(OfflinePolicy { max_age: hour, ..OfflinePolicy::default() });
    let ahead = Now { skew_ms: -3 * 3_600_000, unix_ms: 20 * 3_600_000, ..at(1) };
    let sent = |seq, sent_at| Inbound { offline: true, sent_at, ..message("c", seq) };
    state.offer_message(sent(1, ahead.server_ms() - 5_000), ahead);
    state.offer_message(sent(2, ahead.server_ms() - 2 * 3_600_000), ahead);
    assert_eq!((state.status().passed_over, state.status().unacked), (1, 1));
}

#[test]
fn a_message_handed_over_before_a_crash_is_neither_skipped_nor_missed() {
    let ledger = Ledger::in_memory().login(&LoginKey::new("http://im", "bot", 5)).unwrap();
    let policy = OfflinePolicy { mode: OfflineMode::Ignore, ..OfflinePolicy::default() };
    let mut before = State::new("a".into(), "bot".into(), ledger.clone(), policy.clone());
    before.offer_message(message("c", 1), at(1));
    assert_eq!(batch(&mut before).0.messages.len(), 1);

    let mut after = State::new("a".into(), "bot".into(), ledger, policy);
    for seq in 1..=2 {
        after.offer_message(Inbound { offline: true, ..message("c", seq) }, at(2));
    }
    let taken = batch(&mut after).0.messages;
    let seen: Vec<_> = taken.iter().map(|one| (one.message.seq(), one.redelivered, one.message.offline)).collect();
    assert_eq!((seen, after.status().passed_over), (vec![(1, true, false)], 1));
}

#[test]
fn what_is_held_keeps_no_sequence_when_the_server_counts_anew() {
    let mut state = state();
    state.offer_message(message("c", 7), at(1));
    let out = batch(&mut state).0.messages;
    state.offer_notice(WireNotice { conversation: "c".into(), ..notice(8, "n") });
    state.count_anew(&"c".into(), 3);
    assert!(!has(&state, "c", 7) && !has(&state, "c", 8) && has(&state, "c", 3));
    state.ack(&[out[0].number]);
    batch(&mut state);
    assert!(!has(&state, "c", 7) && !has(&state, "c", 8), "an old acknowledgement settles no new message");
    assert!(state.knows("c", "c-7"), "its id tells a repeat");
}

#[test]
fn skipped_messages_are_settled_and_reported_once_per_connection() {
    let mut state = state_with(OfflinePolicy { mode: OfflineMode::Ignore, ..OfflinePolicy::default() });
    state.apply(Transition::Connected, at(1));
    for seq in 1..=2 {
        let offline = Inbound { offline: true, ..message("c", seq) };
        assert_eq!(state.offer_message(offline, at(2)), Offer::Taken);
    }
    let (taken, _) = batch(&mut state);
    assert!(taken.messages.is_empty() && taken.notes.len() == 1, "{taken:?}");
    assert!(has(&state, "c", 2) && state.status().passed_over == 2);
    state.apply(Transition::Connected, at(3));
    state.offer_message(Inbound { offline: true, ..message("c", 3) }, at(4));
    assert_eq!(batch(&mut state).0.notes.len(), 1);
}

#[test]
fn room_is_announced_only_when_something_was_rejected() {
    let mut state = state();
    for seq in 1..=i64::try_from(UNACKED_PER_CONVERSATION).unwrap() {
        assert_eq!(state.offer_message(message("c", seq), at(1)), Offer::Taken);
    }
    let numbers: Vec<_> = batch(&mut state).0.messages.iter().map(|delivery| delivery.number).collect();
    assert!(!state.ack(&numbers[..1]));
    assert_eq!(state.offer_message(message("c", 65), at(1)), Offer::Taken);
    assert_eq!(state.offer_message(message("c", 66), at(1)), Offer::Full);
    assert!(state.ack(&numbers[1..2]) && !state.ack(&numbers[2..3]), "once");
    assert!(!state.ack(&numbers[..3]), "a second ack settles nothing");
}

#[test]
fn a_repeat_under_another_sequence_does_not_hold_the_cursor_up() {
    let mut state = state();
    assert_eq!(state.offer_message(message("c", 1), at(1)), Offer::Taken);
    assert_eq!(state.offer_message(message("c", 1), at(1)), Offer::Duplicate);
    let copy = Inbound { id: message("c", 1).id, ..message("c", 2) };
    assert_eq!(state.offer_message(copy, at(1)), Offer::Duplicate);
    assert!(has(&state, "c", 2));
    assert_eq!(state.status().duplicates, 2);
}

#[test]
fn a_notice_is_settled_when_its_events_are_handed_over() {
    let mut state = state();
    assert_eq!(state.offer_notice(notice(5, "n1")), Offer::Taken);
    assert_eq!(state.offer_notice(notice(5, "n1")), Offer::Duplicate);
    assert_eq!(state.offer_notice(notice(0, "n1")), Offer::Duplicate, "its copy in a chat");
    assert_eq!(events(&mut state), ["WireEvent"]);
    assert!(has(&state, "n_g", 5) && !has(&state, "n_g", 6));
}

#[test]
fn the_last_batch_holds_the_last_event_and_no_message() {
    let mut state = state();
    state.offer_message(message("c", 1), at(1));
    state.apply(Transition::Finished, at(2));
    assert_eq!(state.offer_notice(notice(1, "")), Offer::Full);
    state.push_note("late".into());
    let (last, _) = batch(&mut state);
    assert!(last.messages.is_empty() && last.notes.is_empty() && last.events == [Event::Stopped]);
    assert!(matches!(state.next_batch(at(3)), NextBatch::Finished));
    assert!(!state.ledger.read(|progress| progress.is_settled("c", 1)), "it comes in the next run");
}

fn notes(state: &mut State) -> Vec<String> {
    let notes = std::mem::take(&mut state.notes);
    notes.into_iter().map(|line| line.split(':').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn an_unchecked_sender_is_noted_once_and_its_end_too() {
    let mut state = state();
    assert_eq!(state.status().sender_verified, None);
    for is_verified in [false, false, true, true, false] {
        state.observe(Observation::SenderVerified(is_verified), at(1));
        assert_eq!(state.status().sender_verified, Some(is_verified));
    }
    let (bad, good) = ("the server lets anyone write as anyone", "the server checks the sender of messages now");
    assert_eq!(notes(&mut state), [bad, good, bad]);
}

#[test]
fn a_program_with_the_same_token_is_noted_once_an_hour() {
    let mut state = state();
    for seconds in [1, 2, 3_601, 3_602] {
        state.observe(Observation::SentElsewhere, at(seconds));
        assert_eq!(state.status().sent_elsewhere_at, Some(at(seconds).unix_ms));
    }
    assert_eq!(notes(&mut state).len(), 1, "each sighting begins the hour anew");
    state.observe(Observation::SentElsewhere, at(7_202));
    assert_eq!(notes(&mut state), ["another program writes as this account with the same token"]);
}

#[test]
fn messages_that_were_not_stored_are_counted_and_noted() {
    let mut state = state();
    state.observe(Observation::NotStored { conversation: "c".into(), count: 101 }, at(1));
    assert_eq!(state.status().not_stored, 101);
    let line = "the server acknowledged 101 messages in conversation c and did not store them";
    assert_eq!(notes(&mut state), [line]);
}

#[test]
fn a_batch_is_delayed_once_while_many_messages_come() {
    let mut state = state();
    for seq in 1..=101 {
        state.offer_message(message(&format!("c{seq}"), 1), at(1));
    }
    assert!(matches!(state.next_batch(at(1)), NextBatch::Delay));
    assert!(matches!(state.next_batch(at(1)), NextBatch::Ready { .. }));
}

#[test]
fn a_message_refused_too_often_becomes_a_dead_letter_and_is_settled() {
    let mut state = state();
    state.offer_message(message("c", 1), at(1));
    let mut now = 1;
    while let NextBatch::Ready { batch, .. } = state.next_batch(at(now)) {
        let numbers: Vec<_> = batch.messages.iter().map(|delivery| delivery.number).collect();
        state.nack(&numbers, at(now));
        now = match state.next_batch(at(now)) {
            NextBatch::Wait(Some(wait)) => now + wait.as_secs(),
            NextBatch::Ready { batch, .. } => {
                assert_eq!(batch.events, [Event::DeadLetter { conversation: "c".into(), id: "c-1".into() }]);
                break;
            }
            _ => panic!("nothing is due"),
        };
    }
    let status = state.status();
    assert_eq!((status.refused, status.dead_letters, status.unacked), (8, 1, 0));
    assert!(has(&state, "c", 1));
}
