//! Gaps that are too large to fetch whole.

use openim_core::catchup::{Beginning, Start};
use openim_core::wire::pb::{PullMsgs, PushMessages};

use crate::support::{Bench, CHAT, message};

#[test]
fn a_gap_of_millions_is_cut_to_its_newest_ten_thousand_and_reported() {
    let mut bench = Bench::new(Some(5));
    assert_eq!(bench.newest(10_000_005, Beginning::Known), [9_990_000]);
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!((bench.up.len(), bench.up[0].0, &bench.skipped[..]), (10_000, 9_990_006, &[(6, 9_990_005)][..]));
}

#[test]
fn a_leap_of_a_push_is_cut_and_what_piled_up_step_by_step_is_not() {
    let mut bench = Bench::new(Some(0));
    bench.newest(0, Beginning::Known);
    bench.push(1_000_000);
    assert_eq!(bench.cuts(), [990_000]);

    let mut bench = Bench::new(Some(0));
    bench.newest(0, Beginning::Known);
    bench.ledger.room = 0;
    for seq in 1..=30_000 {
        bench.push(seq);
    }
    bench.newest(30_000, Beginning::Known);
    bench.ledger.room = 1000;
    bench.with(|catchup, ledger, _, offer| catchup.room(ledger, offer));
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!((bench.seqs().len(), bench.cuts().len()), (30_000, 0));
}

#[test]
fn after_being_away_only_the_newest_that_are_wanted_are_fetched() {
    let mut bench = Bench::new(Some(5));
    let start = Start { away: true, gap_max: 200, ..Beginning::Known.into() };
    bench.stand(1005, &start);
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!((bench.seqs().len(), bench.up[0]), (200, (806, true)));
    assert_eq!(bench.cuts(), [800]);
}

#[test]
fn after_a_blip_everything_counts_as_live() {
    let mut bench = Bench::new(Some(5));
    bench.stand(505, &Start { away: false, gap_max: 200, ..Beginning::Known.into() });
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!(bench.up, (6..=505).map(|seq| (seq, false)).collect::<Vec<_>>());
}

/// After an absence, with so many messages of each conversation wanted.
fn away(gap_max: i64) -> Start {
    Start { gap_max, ..Beginning::Known.into() }
}

#[test]
fn a_gap_is_cut_by_what_is_missing_and_not_by_its_length() {
    let mut bench = Bench::new(Some(1000));
    bench.ledger.delivered = 1251;
    bench.ledger.settle(CHAT, 1002, 1251);
    bench.stand(1251, &away(200));
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!((bench.seqs(), bench.cuts()), (vec![1001], vec![]), "one message is missing, not 251");
}

#[test]
fn what_was_handed_over_and_not_settled_is_never_cut_off() {
    let mut bench = Bench::new(Some(1000));
    bench.ledger.delivered = 1010;
    bench.ledger.settle(CHAT, 1002, 1009);
    bench.stand(1510, &away(200));
    bench.pull(&|seq| Some(message(seq)));
    let expected: Vec<i64> = [1001, 1010].into_iter().chain(1311..=1510).collect();
    assert_eq!((bench.seqs(), &bench.skipped[..]), (expected, &[(1011, 1310)][..]));
    assert_eq!(bench.cuts(), [300], "only missing messages are counted as left out");
}

#[test]
fn a_cut_of_millions_with_settled_runs_in_it_costs_no_walk() {
    let mut bench = Bench::new(Some(5));
    bench.ledger.settle(CHAT, 100, 100);
    bench.ledger.settle(CHAT, 5_000_000, 5_000_000);
    assert_eq!(bench.newest(10_000_000, Beginning::Known), [10_000_000 - 10_000 - 5 - 2]);
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!((bench.seqs().len(), bench.up[0].0), (10_000, 9_990_001));
}

#[test]
fn what_was_missed_stays_missed_over_a_blip_in_the_middle() {
    let mut bench = Bench::new(Some(0));
    bench.stand(100, &away(200));
    let plan = bench.catchup.plan(&bench.ledger, bench.now);
    let msgs = plan[0].seqs.iter().map(|seq| message(*seq)).collect();
    let pulled = PullMsgs { msgs, ..PullMsgs::default() };
    let answer = PushMessages { msgs: [(CHAT.to_owned(), pulled)].into(), ..PushMessages::default() };
    bench.with(|catchup, ledger, now, offer| catchup.answer(&plan, answer, ledger, now, offer));
    assert_eq!(bench.up.len(), 50);
    bench.catchup = bench.catchup.next_connection("bot");
    bench.stand(101, &Start { away: false, ..away(200) });
    bench.pull(&|seq| Some(message(seq)));
    let expected: Vec<_> = (1..=101).map(|seq| (seq, seq <= 100)).collect();
    assert_eq!(bench.up, expected);
}
