//! Where a conversation begins that was not known: groups joined late, and people who write for the first time.

use std::collections::BTreeMap;

use openim_core::catchup::{Beginning, Start};
use openim_core::wire::pb::MsgData;
use serde_json::json;

use crate::support::{Bench, CHAT, GROUP, message, sent_at};

const HOUR: i64 = 3_600_000;
/// When the connection began.
const SINCE: i64 = 100 * HOUR;
/// When this user came into the group.
const JOINED: i64 = SINCE + HOUR;

fn start(away: bool) -> Start {
    Start { away, since_ms: SINCE, gap_max: 200, ..Beginning::Known.into() }
}

/// Old up to a sequence, and sent after the joining from there on.
fn group_of(history: i64) -> impl Fn(i64) -> Option<MsgData> {
    move |seq| Some(sent_at(seq, if seq <= history { JOINED - HOUR } else { JOINED + seq }))
}

fn notice(content_type: i32, seq: i64, detail: &serde_json::Value) -> MsgData {
    let content = json!({ "detail": detail.to_string() }).to_string().into_bytes();
    MsgData { content_type, content, ..sent_at(seq, JOINED) }
}

fn invitation(seq: i64) -> MsgData {
    notice(1509, seq, &json!({"group": {"groupID": "g"}, "invitedUserList": [{"userID": "bot"}]}))
}

fn removal(seq: i64) -> MsgData {
    let detail = json!({"group": {"groupID": "g"}, "kickedUserList": [{"userID": "bot"}]});
    MsgData { send_time: JOINED - HOUR, ..notice(1508, seq, &detail) }
}

/// A connection on which the group is not known yet.
fn online() -> Bench {
    let mut bench = Bench::of(GROUP, None);
    bench.with(|catchup, ledger, now, offer| {
        catchup.newest(BTreeMap::new(), &start(true), ledger, now, offer);
    });
    bench
}

/// The server says when this user came into the group.
fn tell(bench: &mut Bench, joined: Option<i64>) {
    assert_eq!(bench.catchup.take_unasked_groups(), ["g"]);
    bench.with(|catchup, ledger, _, offer| catchup.joined("g", joined, ledger, offer));
}

#[test]
fn joining_a_group_with_history_delivers_none_of_it() {
    let mut bench = online();
    bench.push_message(invitation(3000));
    bench.pull(&|_| panic!("nothing is pulled before the server has said when this user came"));
    tell(&mut bench, Some(JOINED));
    bench.pull(&group_of(2999));
    assert_eq!((bench.seqs(), bench.asked.len()), (vec![3000], 1));
    assert_eq!(bench.ledger.cursors.borrow()[GROUP], 2999);
}

#[test]
fn what_came_since_the_joining_is_delivered_although_its_pushes_were_lost() {
    let mut bench = online();
    bench.push_message(sent_at(3120, JOINED + 3120));
    tell(&mut bench, Some(JOINED));
    bench.pull(&group_of(3000));
    assert_eq!(bench.up, (3001..=3120).map(|seq| (seq, false)).collect::<Vec<_>>());
}

#[test]
fn a_group_joined_while_away_begins_at_the_joining() {
    let mut bench = Bench::of(GROUP, None);
    bench.stand(1_000_070, &start(true));
    tell(&mut bench, Some(JOINED));
    bench.pull(&group_of(1_000_000));
    assert_eq!(bench.up, (1_000_001..=1_000_070).map(|seq| (seq, true)).collect::<Vec<_>>());
}

#[test]
fn a_member_who_lies_about_his_time_hides_no_message() {
    let mut bench = online();
    bench.push_message(sent_at(130, JOINED + 130));
    tell(&mut bench, Some(JOINED));
    let honest = group_of(100);
    bench.pull(&|seq| if seq == 110 { Some(sent_at(110, 1)) } else { honest(seq) });
    assert_eq!(bench.seqs(), (101..=130).collect::<Vec<_>>());
}

#[test]
fn without_a_join_time_older_messages_are_missed_ones_and_few() {
    let mut bench = Bench::of(GROUP, None);
    bench.stand(5_000, &start(true));
    tell(&mut bench, None);
    bench.pull(&group_of(4_990));
    assert_eq!(bench.up, (4_801..=5_000).map(|seq| (seq, true)).collect::<Vec<_>>());
}

#[test]
fn what_was_written_while_this_user_was_removed_is_not_delivered() {
    // Removed and invited again on one connection.
    let mut bench = Bench::of(GROUP, Some(10));
    bench.newest(10, Beginning::Known);
    bench.push_message(removal(11));
    bench.push_message(invitation(20));
    tell(&mut bench, Some(JOINED));
    bench.pull(&group_of(19));
    assert_eq!(bench.seqs(), [11, 20]);
    // The same while away.
    let mut bench = Bench::of(GROUP, Some(10));
    bench.stand(25, &start(true));
    let in_group = group_of(19);
    let server = move |seq| match seq {
        11 => Some(removal(11)),
        20 => Some(invitation(20)),
        _ => in_group(seq),
    };
    bench.pull(&server);
    assert!(bench.up.is_empty(), "the notice of joining is seen before anything goes up");
    tell(&mut bench, Some(JOINED));
    bench.pull(&server);
    assert_eq!(bench.seqs(), [20, 21, 22, 23, 24, 25]);
}

#[test]
fn a_removal_is_remembered_over_a_blip() {
    let mut bench = Bench::of(GROUP, Some(10));
    bench.newest(10, Beginning::Known);
    bench.push_message(removal(11));
    bench.catchup = bench.catchup.next_connection("bot");
    bench.stand(25, &start(false));
    tell(&mut bench, Some(JOINED));
    bench.pull(&group_of(19));
    assert_eq!(bench.seqs(), [11, 20, 21, 22, 23, 24, 25]);
}

#[test]
fn a_forged_notice_of_joining_or_leaving_hides_no_message() {
    for forged in [invitation(20), removal(20)] {
        let mut bench = Bench::of(GROUP, Some(10));
        bench.newest(10, Beginning::Known);
        bench.push_message(forged.clone());
        bench.push(22);
        let server = move |seq| if seq == 20 { Some(forged.clone()) } else { Some(sent_at(seq, JOINED + HOUR)) };
        for _ in 0..2 {
            bench.pull(&server);
            for group in bench.catchup.take_unasked_groups() {
                bench.with(|catchup, ledger, _, offer| catchup.joined(&group, Some(HOUR), ledger, offer));
            }
        }
        bench.pull(&server);
        assert_eq!(bench.seqs(), (11..=22).collect::<Vec<_>>());
    }
}

#[test]
fn a_groups_old_notifications_are_no_events() {
    let mut bench = Bench::of("n_g", None);
    bench.ledger.cursors.borrow_mut().insert(GROUP.to_owned(), 5);
    bench.stand(40, &start(true));
    tell(&mut bench, Some(JOINED));
    bench.pull(&group_of(38));
    assert_eq!(bench.seqs(), [39, 40]);
}

#[test]
fn a_new_persons_first_message_found_by_a_later_answer_is_live() {
    let mut bench = Bench::new(None);
    bench.with(|catchup, ledger, now, offer| catchup.newest(BTreeMap::new(), &start(true), ledger, now, offer));
    bench.stand(2, &start(true));
    bench.pull(&|seq| Some(sent_at(seq, SINCE + HOUR)));
    assert_eq!(bench.up, [(1, false), (2, false)]);
}

#[test]
fn a_new_persons_lost_messages_before_a_push_are_live() {
    let mut bench = Bench::new(None);
    bench.with(|catchup, ledger, now, offer| catchup.newest(BTreeMap::new(), &start(true), ledger, now, offer));
    bench.push_message(sent_at(3, SINCE + HOUR));
    bench.pull(&|seq| Some(sent_at(seq, SINCE + seq)));
    assert_eq!(bench.up, [(1, false), (2, false), (3, false)]);
}

#[test]
fn a_chat_first_met_by_a_push_delivers_no_history_as_live() {
    let mut bench = Bench::new(None);
    bench.with(|catchup, ledger, now, offer| catchup.newest(BTreeMap::new(), &start(true), ledger, now, offer));
    bench.push_message(sent_at(30, SINCE + HOUR));
    bench.pull(&|seq| Some(sent_at(seq, SINCE - HOUR)));
    assert_eq!(bench.up[..29], (1..=29).map(|seq| (seq, true)).collect::<Vec<_>>());
    assert_eq!(bench.up[29..], [(30, false)]);
}

#[test]
fn what_was_missed_before_the_first_answer_is_offline_and_a_push_is_not() {
    let mut bench = Bench::new(Some(0));
    bench.push(3);
    bench.stand(3, &start(true));
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!(bench.up, [(1, true), (2, true), (3, false)]);
}

#[test]
fn conversations_and_their_names_are_bounded() {
    let mut bench = Bench::of(CHAT, None);
    let long = "x".repeat(3_000);
    let names = (0..200_000).map(|n| (format!("si_bot_{n}"), 1)).chain([(format!("si_{long}"), 5)]);
    let maxima: BTreeMap<String, i64> = names.collect();
    bench.with(|catchup, ledger, now, offer| catchup.newest(maxima, &start(true), ledger, now, offer));
    assert!(bench.ledger.cursors.borrow().len() <= 50_000 && bench.catchup.newest_of(&format!("si_{long}")) == 0);
    let cursors = bench.ledger.cursors.borrow().len();
    bench.push(1);
    assert_eq!(bench.ledger.cursors.borrow().len(), cursors, "a push adds none either");
}
