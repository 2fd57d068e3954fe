//! Catching up, against a server that is a list of messages and a ledger that is a set of numbers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod beginnings;
mod counters;
mod failures;
mod gaps;
mod support;

use std::collections::BTreeMap;

use openim_core::catchup::Beginning;
use proptest::prelude::*;
use support::{Bench, CHAT, message, placeholder};

#[test]
fn case_53_a_first_start_delivers_no_history_and_then_what_is_new() {
    let mut bench = Bench::new(None);
    bench.newest(100, Beginning::FirstStart { newest: 0 });
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!((bench.seqs(), &bench.skipped[..]), (vec![], &[(1, 100)][..]));
    bench.push(101);
    assert_eq!(bench.up, [(101, false)]);
}

#[test]
fn a_first_start_may_ask_for_the_newest_few() {
    let mut bench = Bench::new(None);
    bench.newest(100, Beginning::FirstStart { newest: 3 });
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!(bench.seqs(), [98, 99, 100]);
}

#[test]
fn a_message_pushed_before_the_first_answer_is_not_history() {
    let mut bench = Bench::new(None);
    bench.push(100);
    bench.newest(100, Beginning::FirstStart { newest: 0 });
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!((bench.seqs(), &bench.skipped[..]), (vec![100], &[(1, 99)][..]));
}

#[test]
fn after_a_loss_of_memory_the_servers_read_position_is_the_beginning() {
    let mut bench = Bench::new(None);
    bench.newest(10, Beginning::ReadPosition(BTreeMap::from([(CHAT.to_owned(), 7)])));
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!((bench.seqs(), &bench.skipped[..]), (vec![8, 9, 10], &[(1, 7)][..]));

    let mut unknown = Bench::new(None);
    unknown.newest(10, Beginning::ReadPosition(BTreeMap::new()));
    unknown.pull(&|seq| Some(message(seq)));
    assert!(unknown.up.is_empty());
}

#[test]
fn case_52_a_conversation_created_while_away_is_delivered_whole() {
    let mut bench = Bench::new(None);
    bench.newest(3, Beginning::Known);
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!(bench.up, [(1, true), (2, true), (3, true)]);
}

#[test]
fn case_47_the_next_sequence_goes_up_once() {
    let mut bench = Bench::new(Some(4));
    bench.newest(4, Beginning::Known);
    bench.push(5);
    bench.push(5);
    assert_eq!(bench.up, [(5, false)]);
}

#[test]
fn case_48_a_gap_is_pulled_before_what_lies_behind_it() {
    let mut bench = Bench::new(Some(1));
    bench.newest(1, Beginning::Known);
    bench.push(3);
    assert!(bench.up.is_empty());
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!((bench.seqs(), &bench.asked[..]), (vec![2, 3], &[vec![2]][..]));
}

#[test]
fn case_49_everything_missed_comes_in_order_by_slices() {
    for missed in [25, 5000] {
        let mut bench = Bench::new(Some(7));
        bench.newest(7 + missed, Beginning::Known);
        bench.pull(&|seq| Some(message(seq)));
        assert_eq!(bench.seqs(), (8..=7 + missed).collect::<Vec<_>>());
        assert!(bench.asked.iter().all(|slice| slice.len() <= 50));
    }
}

#[test]
fn case_51_empty_places_pass_without_a_message() {
    let mut bench = Bench::new(Some(0));
    bench.newest(5, Beginning::Known);
    bench.pull(&|seq| {
        if seq == 2 {
            Some(placeholder(2))
        } else if seq == 3 {
            None
        } else {
            Some(message(seq))
        }
    });
    assert_eq!((bench.seqs(), &bench.empty[..]), (vec![1, 4, 5], &[2, 3][..]));
}

#[test]
fn case_55_pushes_during_catch_up_come_after_what_is_pulled() {
    let mut bench = Bench::new(Some(0));
    bench.newest(3, Beginning::Known);
    bench.push(4);
    bench.push(6);
    bench.push(5);
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!(bench.up, [(1, true), (2, true), (3, true), (4, false), (5, false), (6, false)]);
    assert_eq!(bench.asked, [vec![1, 2, 3]]);
}

#[test]
fn case_82_a_new_placeholder_is_pulled_again_after_1_and_5_seconds() {
    let mut bench = Bench::new(Some(1));
    bench.newest(2, Beginning::Known);
    let mut asked_at = Vec::new();
    for _ in 0..4 {
        let before = bench.asked.len();
        bench.pull(&|seq| Some(placeholder(seq)));
        asked_at.extend((bench.asked.len() > before).then_some(bench.now.as_secs()));
        let Some(next) = bench.catchup.deadline() else { break };
        bench.now = next;
    }
    assert_eq!((&asked_at[..], &bench.empty[..]), (&[0, 1, 6][..], &[2][..]));
    assert!(bench.up.is_empty());
}

#[test]
fn case_82_a_pushed_message_replaces_its_placeholder() {
    let mut bench = Bench::new(Some(1));
    bench.newest(2, Beginning::Known);
    bench.pull(&|seq| Some(placeholder(seq)));
    bench.push(2);
    assert_eq!(bench.seqs(), [2], "before it was given up");

    let mut late = Bench::new(Some(0));
    late.newest(3, Beginning::Known);
    late.pull(&|seq| Some(if seq == 2 { placeholder(2) } else { message(seq) }));
    assert_eq!((late.seqs(), &late.empty[..]), (vec![1, 3], &[2][..]));
    late.push(2);
    late.push(2);
    assert_eq!(late.seqs(), [1, 3, 2], "after it was given up, and once");
}

#[test]
fn only_the_newest_empty_places_are_asked_for_again() {
    let mut bench = Bench::new(Some(0));
    bench.newest(2_000, Beginning::Known);
    loop {
        bench.pull(&|seq| Some(placeholder(seq)));
        let Some(next) = bench.catchup.deadline() else { break };
        bench.now = next;
    }
    let twice = bench.asked.iter().filter(|slice| slice[0] <= 1_450).count();
    assert_eq!((twice, bench.empty.len()), (29, 2_000), "older ones are asked for once");
    // Eleven slices wait a second and five; the one at the border begins anew behind what is settled.
    assert_eq!(bench.now.as_secs(), 67);
}

#[test]
fn a_push_may_not_leap_further_than_a_whole_gap() {
    let mut bench = Bench::new(Some(5));
    assert!(bench.catchup.believes(CHAT, 90_000, &bench.ledger), "before the first answer its place is the answer's");
    assert!(!bench.catchup.believes(CHAT, i64::MAX, &bench.ledger));
    bench.newest(7, Beginning::Known);
    for (seq, believed) in [(-1, true), (0, true), (8, true), (10_007, true), (10_008, false), (i64::MAX, false)] {
        assert_eq!(bench.catchup.believes(CHAT, seq, &bench.ledger), believed, "{seq}");
    }
    assert!(bench.catchup.believes("n_a_b", 9_000, &bench.ledger));
}

#[test]
fn case_84_a_left_group_is_not_pulled_for_ever() {
    let mut bench = Bench::new(Some(10));
    bench.newest(60, Beginning::Known);
    bench.pull(&|_| None);
    assert_eq!((bench.up.len(), bench.asked.len(), bench.empty.len()), (0, 1, 50));
    bench.newest(60, Beginning::Known);
    bench.pull(&|_| None);
    assert_eq!(bench.asked.len(), 1, "asked for once");
}

#[test]
fn case_85_a_jump_of_the_sequence_costs_one_pull() {
    let mut bench = Bench::new(Some(10));
    bench.newest(10, Beginning::Known);
    bench.push(61);
    bench.pull(&|seq| (seq == 61).then(|| message(61)));
    assert_eq!((bench.seqs(), bench.asked.len()), (vec![61], 1));
}

#[test]
fn what_finds_no_room_is_pulled_when_there_is_some() {
    let mut bench = Bench::new(Some(0));
    bench.newest(0, Beginning::Known);
    bench.ledger.room = 0;
    for seq in 1..=200 {
        bench.push(seq);
    }
    bench.pull(&|seq| Some(message(seq)));
    assert!(bench.up.is_empty() && bench.asked.is_empty(), "nothing is asked for that nobody takes");
    bench.ledger.room = 1000;
    bench.with(|catchup, ledger, _, offer| catchup.room(ledger, offer));
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!(bench.seqs(), (1..=200).collect::<Vec<_>>());
}

proptest! {
    /// Whatever of the server's pushes arrives, in whatever order and how often, everything goes up once and in order.
    #[test]
    fn any_order_of_pushes_ends_in_everything_once_in_order(
        cursor in 0_i64..5,
        at_login in 0_i64..20,
        pushes in proptest::collection::vec(1_i64..40, 0..60),
        early in proptest::collection::vec(1_i64..20, 0..4),
    ) {
        let mut bench = Bench::new(Some(cursor));
        for seq in early {
            bench.push(seq.min(at_login.max(1)));
        }
        // A server that is behind the cursor counts anew; that is another story.
        bench.newest(at_login.max(cursor), Beginning::Known);
        for (n, seq) in pushes.iter().enumerate() {
            bench.push(*seq);
            if n % 7 == 0 {
                bench.pull(&|seq| Some(message(seq)));
            }
        }
        bench.newest(40, Beginning::Known);
        bench.pull(&|seq| Some(message(seq)));
        prop_assert_eq!(bench.seqs(), (cursor + 1..=40).collect::<Vec<_>>());
    }
}
