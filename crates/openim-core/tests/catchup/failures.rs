//! Requests that fail, are left unanswered, or are answered in part.

use std::time::Duration;

use openim_core::catchup::{Beginning, Report};
use openim_core::wire::pb::{ConversationSeqs, PullMsgs, PushMessages};

use crate::support::{Bench, CHAT, message};

#[test]
fn a_failed_pull_is_made_again_after_a_second() {
    let mut bench = Bench::new(Some(0));
    bench.newest(2, Beginning::Known);
    let plan = bench.catchup.plan(&bench.ledger, bench.now);
    bench.with(|catchup, ledger, now, offer| catchup.failed(&plan, ledger, now, offer));
    assert!(bench.catchup.plan(&bench.ledger, bench.now + Duration::from_millis(999)).is_empty());
    bench.now += Duration::from_secs(1);
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!(bench.seqs(), [1, 2]);
}

/// Two healthy chats beside one of which some messages cannot be read.
struct Sick {
    bench: Bench,
    /// Whether a request for these sequences of the sick chat fails.
    fails: fn(&[i64]) -> bool,
    requests: u32,
}

impl Sick {
    fn new(max: i64, fails: fn(&[i64]) -> bool) -> Self {
        let mut bench = Bench::new(Some(0));
        for chat in ["si_a", "si_b"] {
            bench.ledger.cursors.borrow_mut().insert(chat.to_owned(), 0);
        }
        let maxima = [(CHAT.to_owned(), max), ("si_a".to_owned(), 30), ("si_b".to_owned(), 30)].into();
        bench.with(|catchup, ledger, now, offer| catchup.newest(maxima, &Beginning::Known.into(), ledger, now, offer));
        bench.now += Duration::from_millis(300);
        Self { bench, fails, requests: 0 }
    }

    /// Answers what is due until nothing is asked for any more, for at most this long.
    fn run(&mut self, at_most: Duration) {
        let end = self.bench.now + at_most;
        while self.bench.now < end {
            let plan = self.bench.catchup.plan(&self.bench.ledger, self.bench.now);
            if plan.is_empty() {
                let Some(next) = self.bench.catchup.deadline() else { return };
                self.bench.now = self.bench.now.max(next);
                continue;
            }
            self.requests += 1;
            self.answer(&plan);
        }
    }

    fn answer(&mut self, plan: &[ConversationSeqs]) {
        let fails = plan.iter().any(|asked| asked.conversation_id == CHAT && (self.fails)(&asked.seqs));
        let answer = PushMessages {
            msgs: plan
                .iter()
                .map(|asked| {
                    let msgs = asked.seqs.iter().map(|seq| message(*seq)).collect();
                    (asked.conversation_id.clone(), PullMsgs { msgs, ..PullMsgs::default() })
                })
                .collect(),
            ..PushMessages::default()
        };
        self.bench.with(|catchup, ledger, now, offer| match fails {
            true => catchup.failed(plan, ledger, now, offer),
            false => catchup.answer(plan, answer, ledger, now, offer),
        });
    }

    fn settled(&self, chat: &str) -> i64 {
        self.bench.ledger.settled(chat)
    }
}

#[test]
fn a_conversation_that_always_fails_stops_no_other() {
    let mut sick = Sick::new(80, |_| true);
    sick.run(Duration::from_secs(5));
    assert_eq!((sick.settled("si_a"), sick.settled("si_b"), sick.settled(CHAT)), (30, 30, 0));
}

#[test]
fn a_single_message_that_fails_is_left_out_and_reported() {
    let mut sick = Sick::new(80, |seqs| seqs.contains(&37));
    sick.run(Duration::from_secs(300));
    assert_eq!((sick.settled(CHAT), &sick.bench.empty[..]), (80, &[37][..]));
    let expected = Report::Unfetchable { conversation: CHAT.into(), seq: 37 };
    assert!(sick.bench.catchup.take_reports().contains(&expected));
    assert!(sick.requests < 60, "{}", sick.requests);
}

#[test]
fn answers_that_are_too_large_are_asked_for_in_smaller_parts() {
    let mut sick = Sick::new(200, |seqs| seqs.len() > 20);
    sick.run(Duration::from_secs(120));
    assert_eq!((sick.settled(CHAT), sick.bench.empty.len()), (200, 0));
}

#[test]
fn nothing_is_left_out_while_the_server_answers_no_pull() {
    let mut bench = Bench::new(Some(9));
    bench.newest(10, Beginning::Known);
    let mut requests = 0;
    while bench.now < Duration::from_secs(3_600) {
        let plan = bench.catchup.plan(&bench.ledger, bench.now);
        if plan.is_empty() {
            bench.now = bench.now.max(bench.catchup.deadline().unwrap());
            continue;
        }
        requests += 1;
        bench.with(|catchup, ledger, now, offer| catchup.failed(&plan, ledger, now, offer));
    }
    assert!(bench.empty.is_empty() && requests < 300, "{requests}");
    bench.now += Duration::from_secs(60);
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!(bench.seqs(), [10], "an hour later it comes");
}

#[test]
fn the_only_message_that_fails_is_left_out_once_another_can_be_read() {
    let mut bench = Bench::new(Some(9));
    bench.newest(10, Beginning::Known);
    for _ in 0..100 {
        let plan = bench.catchup.plan(&bench.ledger, bench.now);
        if plan.is_empty() {
            let Some(next) = bench.catchup.deadline() else { break };
            bench.now = bench.now.max(next);
        } else if plan[0].seqs == [10] {
            bench.with(|catchup, ledger, now, offer| catchup.failed(&plan, ledger, now, offer));
        } else {
            assert_eq!(plan[0].seqs, [9], "the message before it was there once");
            let answer =
                PushMessages { msgs: [(CHAT.to_owned(), PullMsgs::default())].into(), ..PushMessages::default() };
            bench.with(|catchup, ledger, now, offer| catchup.answer(&plan, answer, ledger, now, offer));
        }
    }
    assert_eq!((&bench.empty[..], bench.catchup.deadline()), (&[10][..], None));
}

#[test]
fn a_conversation_that_an_answer_leaves_out_is_asked_for_again() {
    let mut bench = Bench::new(Some(0));
    bench.newest(10, Beginning::Known);
    let plan = bench.catchup.plan(&bench.ledger, bench.now);
    bench.with(|catchup, ledger, now, offer| catchup.answer(&plan, PushMessages::default(), ledger, now, offer));
    assert!(bench.empty.is_empty() && bench.up.is_empty(), "an answer without it says nothing of its messages");
    bench.now += Duration::from_secs(1);
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!(bench.seqs(), (1..=10).collect::<Vec<_>>());
}

#[test]
fn a_pull_that_a_connection_did_not_survive_is_made_smaller_on_the_next() {
    let mut bench = Bench::new(Some(0));
    let mut sizes = Vec::new();
    for _ in 0..8 {
        bench.newest(100, Beginning::Known);
        sizes.push(bench.catchup.plan(&bench.ledger, bench.now)[0].seqs.len());
        // The connection ends before the answer.
        bench.catchup = bench.catchup.next_connection("bot");
    }
    assert_eq!(sizes, [50, 25, 12, 6, 3, 1, 1, 1]);
    bench.newest(100, Beginning::Known);
    bench.pull(&|seq| Some(message(seq)));
    assert_eq!(bench.seqs(), (1..=100).collect::<Vec<_>>());
}
