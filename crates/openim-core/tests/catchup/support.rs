//! A server that is a list of messages, and a ledger that is a set of numbers.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use openim_core::catchup::{Beginning, Catchup, Found, Known, Report, Start, Verdict};
use openim_core::wire::pb::{MsgData, PullMsgs, PushMessages};

pub(crate) const CHAT: &str = "si_alice_bot";
pub(crate) const GROUP: &str = "sg_g";

/// A ledger whose every delivery is settled at once, unless it has no room.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) cursors: RefCell<BTreeMap<String, i64>>,
    /// Settled runs of each conversation, first to last.
    runs: RefCell<BTreeMap<String, BTreeMap<i64, i64>>>,
    pub(crate) ids: RefCell<BTreeSet<(String, String)>>,
    pub(crate) delivered: i64,
    pub(crate) room: usize,
}

impl Ledger {
    pub(crate) fn settle(&self, id: &str, from: i64, to: i64) {
        let mut runs = self.runs.borrow_mut();
        let runs = runs.entry(id.to_owned()).or_default();
        let (mut first, mut last) = (from, to);
        while let Some((&start, &end)) = runs.range(..=last + 1).next_back().filter(|(_, end)| **end >= first - 1) {
            runs.remove(&start);
            (first, last) = (first.min(start), last.max(end));
        }
        runs.insert(first, last);
    }

    /// How many sequences of a conversation are settled above its cursor.
    pub(crate) fn settled(&self, id: &str) -> i64 {
        self.runs.borrow().get(id).map_or(0, |runs| runs.iter().map(|(first, last)| last - first + 1).sum())
    }
}

impl Known for Ledger {
    fn cursor(&self, conversation: &str) -> Option<i64> {
        self.cursors.borrow().get(conversation).copied()
    }

    fn run_below(&self, conversation: &str, seq: i64) -> Option<(i64, i64)> {
        let runs = self.runs.borrow();
        let run = runs.get(conversation).and_then(|runs| runs.range(..=seq).next_back().map(|(a, b)| (*a, *b)));
        let up_to = self.cursor(conversation).map(|at| (i64::MIN, at));
        [run, up_to].into_iter().flatten().max_by_key(|(_, end)| *end)
    }

    fn delivered(&self, _conversation: &str) -> i64 {
        self.delivered
    }

    fn knows(&self, conversation: &str, id: &str) -> bool {
        self.ids.borrow().contains(&(conversation.to_owned(), id.to_owned()))
    }

    fn room(&self, _conversation: &str) -> usize {
        self.room
    }
}

/// One connection's catching up with everything that went up.
pub(crate) struct Bench {
    pub(crate) id: Arc<str>,
    pub(crate) catchup: Catchup,
    pub(crate) ledger: Ledger,
    pub(crate) up: Vec<(i64, bool)>,
    pub(crate) empty: Vec<i64>,
    /// What was passed over, from where to where.
    pub(crate) skipped: Vec<(i64, i64)>,
    pub(crate) asked: Vec<Vec<i64>>,
    pub(crate) now: Duration,
}

pub(crate) type Offer<'a> = &'a mut dyn FnMut(&Arc<str>, i64, Found) -> Verdict;

impl Bench {
    pub(crate) fn new(cursor: Option<i64>) -> Self {
        Self::of(CHAT, cursor)
    }

    pub(crate) fn of(id: &str, cursor: Option<i64>) -> Self {
        let ledger = Ledger { room: 1000, ..Ledger::default() };
        ledger.cursors.borrow_mut().extend(cursor.map(|at| (id.to_owned(), at)));
        Self {
            id: id.into(),
            catchup: Catchup::new("bot"),
            ledger,
            up: Vec::new(),
            empty: Vec::new(),
            skipped: Vec::new(),
            asked: Vec::new(),
            now: Duration::ZERO,
        }
    }

    pub(crate) fn with<T>(&mut self, act: impl FnOnce(&mut Catchup, &Ledger, Duration, Offer<'_>) -> T) -> T {
        let Self { catchup, ledger, up, empty, skipped, now, .. } = self;
        let mut offer = |id: &Arc<str>, seq: i64, found: Found| {
            let settle = |from: i64| ledger.settle(id, from, seq);
            match found {
                Found::Message { .. } if ledger.room == 0 => return Verdict::Full,
                Found::Message { offline, message } => {
                    assert_eq!(message.seq, seq);
                    ledger.ids.borrow_mut().insert((id.to_string(), message.client_msg_id.clone()));
                    up.push((seq, offline));
                    settle(seq);
                }
                Found::Nothing => {
                    empty.push(seq);
                    settle(seq);
                }
                Found::Skip { from } => {
                    let cursor = ledger.cursor(id);
                    if from <= cursor.unwrap_or_default() + 1 {
                        ledger.cursors.borrow_mut().insert(id.to_string(), seq.max(cursor.unwrap_or(seq)));
                    } else {
                        settle(from);
                    }
                    skipped.extend((from <= seq).then_some((from, seq)));
                }
                Found::Reset => {
                    ledger.runs.borrow_mut().remove(&**id);
                    ledger.cursors.borrow_mut().insert(id.to_string(), seq);
                }
            }
            Verdict::Done
        };
        act(catchup, ledger, *now, &mut offer)
    }

    /// The server says where the conversation stands. What it has counted is pulled from then on.
    pub(crate) fn stand(&mut self, max: i64, start: &Start) {
        let maxima = BTreeMap::from([(self.id.to_string(), max)]);
        self.catchup.asking();
        self.with(|catchup, ledger, now, offer| catchup.newest(maxima, start, ledger, now, offer));
        self.now += Duration::from_millis(300);
    }

    pub(crate) fn newest(&mut self, max: i64, beginning: Beginning) -> Vec<i64> {
        self.stand(max, &beginning.into());
        self.cuts()
    }

    /// How many messages were left out of each gap that was cut.
    pub(crate) fn cuts(&mut self) -> Vec<i64> {
        let reports = self.catchup.take_reports().into_iter();
        reports
            .filter_map(|report| if let Report::Cut { skipped, .. } = report { Some(skipped) } else { None })
            .collect()
    }

    pub(crate) fn push(&mut self, seq: i64) {
        self.push_message(message(seq));
    }

    pub(crate) fn push_message(&mut self, message: MsgData) {
        let id = self.id.clone();
        self.with(|catchup, ledger, _, offer| catchup.push(&id, message, ledger, offer));
    }

    /// Makes the pulls that are due now, answered by `server`.
    pub(crate) fn pull(&mut self, server: &dyn Fn(i64) -> Option<MsgData>) {
        for _ in 0..10_000 {
            let plan = self.catchup.plan(&self.ledger, self.now);
            if plan.is_empty() {
                return;
            }
            let mut answer = PushMessages::default();
            for asked in &plan {
                self.asked.push(asked.seqs.clone());
                let msgs = asked.seqs.iter().filter_map(|seq| server(*seq)).collect();
                answer.msgs.insert(asked.conversation_id.clone(), PullMsgs { msgs, ..PullMsgs::default() });
            }
            self.with(|catchup, ledger, now, offer| catchup.answer(&plan, answer, ledger, now, offer));
        }
        panic!("it pulls without end");
    }

    pub(crate) fn seqs(&self) -> Vec<i64> {
        self.up.iter().map(|(seq, _)| *seq).collect()
    }
}

pub(crate) fn message(seq: i64) -> MsgData {
    MsgData { seq, client_msg_id: format!("m{seq}"), content: b"x".to_vec(), status: 2, ..MsgData::default() }
}

/// A message that says when it was sent.
pub(crate) fn sent_at(seq: i64, send_time: i64) -> MsgData {
    MsgData { send_time, ..message(seq) }
}

pub(crate) fn placeholder(seq: i64) -> MsgData {
    MsgData { seq, status: 4, ..MsgData::default() }
}
