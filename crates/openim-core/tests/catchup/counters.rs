//! A server whose counters fall back.

use std::collections::BTreeMap;
use std::time::Duration;

use openim_core::catchup::{Beginning, Report, Start};

use crate::support::{Bench, CHAT, message, sent_at};

fn away(gap_max: i64) -> Start {
    Start { gap_max, ..Beginning::Known.into() }
}

#[test]
fn a_server_that_began_anew_is_followed() {
    let mut bench = Bench::new(Some(500));
    bench.newest(3, Beginning::Known);
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!(bench.seqs(), [1, 2, 3], "none of them is known by its id");
    bench.push(4);
    assert_eq!(bench.up.last(), Some(&(4, false)));
}

#[test]
fn after_a_reset_the_ids_tell_what_is_new() {
    let mut bench = Bench::new(Some(1000));
    let known = (900..=1000).map(|seq| (CHAT.to_owned(), format!("m{seq}")));
    bench.ledger.ids.borrow_mut().extend(known);
    let again = |seq: i64| if seq > 950 { message(seq + 10_000) } else { message(seq) };
    bench.newest(955, Beginning::Known);
    bench.pull(&|seq| Some(openim_core::wire::pb::MsgData { seq, ..again(seq) }));
    assert_eq!(bench.seqs(), [951, 952, 953, 954, 955]);
}

#[test]
fn after_a_wipe_no_more_is_fetched_than_after_an_absence() {
    let mut bench = Bench::new(Some(5000));
    bench.stand(3000, &away(200));
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!(bench.seqs(), (2801..=3000).collect::<Vec<_>>());
}

#[test]
fn a_count_that_falls_twice_while_connected_has_fallen() {
    let mut bench = Bench::new(Some(100));
    bench.newest(100, Beginning::Known);
    bench.stand(40, &away(200));
    bench.pull(&|seq| Some(message(seq)));
    assert!(bench.up.is_empty() && bench.catchup.take_doubt(), "once may be a mistake; it is asked again");
    bench.stand(40, &away(200));
    bench.pull(&|seq| Some(sent_at(seq, 1_000)));
    assert_eq!(bench.up, (1..=40).map(|seq| (seq, false)).collect::<Vec<_>>(), "sent while connected, so live");
    let expected = Report::CountedAnew { conversation: CHAT.into(), max: 40 };
    assert!(bench.catchup.take_reports().contains(&expected));
}

#[test]
fn a_count_that_falls_once_or_is_late_is_no_reset() {
    let mut bench = Bench::new(Some(100));
    bench.newest(100, Beginning::Known);
    bench.stand(40, &away(200));
    bench.stand(100, &away(200));
    bench.stand(40, &away(200));
    assert!(bench.ledger.cursors.borrow()[CHAT] == 100, "not twice in a row");
    // A push overtakes the answer.
    bench.stand(100, &away(200));
    for _ in 0..3 {
        bench.catchup.asking();
        bench.push(bench.catchup.newest_of(CHAT) + 1);
        let maxima = BTreeMap::from([(CHAT.to_owned(), 100)]);
        bench.with(|catchup, ledger, now, offer| catchup.newest(maxima, &away(200), ledger, now, offer));
        if bench.catchup.newest_of(CHAT) > 101 {
            break;
        }
    }
    assert!(bench.ledger.cursors.borrow()[CHAT] >= 100);
}

#[test]
fn a_push_below_what_is_settled_with_an_unknown_id_asks_the_server() {
    let mut bench = Bench::new(Some(100));
    bench.newest(100, Beginning::Known);
    bench.ledger.ids.borrow_mut().insert((CHAT.to_owned(), "m7".to_owned()));
    bench.push(7);
    assert!(!bench.catchup.take_doubt(), "a repeat");
    bench.push(8);
    assert!(bench.catchup.take_doubt() && bench.up.is_empty());
    assert!(bench.now < Duration::from_secs(1));
}
