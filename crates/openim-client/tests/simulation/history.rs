//! Everything that was offered, delivered, settled and sent, and the invariants it has to keep.

use std::collections::BTreeSet;

use openim_core::wire::pb::MsgData;

use crate::people::Truth;

/// One handing-over of a message.
#[derive(Debug, Clone)]
pub(crate) struct Handed {
    pub(crate) conversation: String,
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) redelivered: bool,
    pub(crate) offline: bool,
}

/// One message the account sent.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) conversation: String,
    pub(crate) id: String,
    /// Accepted, certainly not, or nobody knows.
    pub(crate) outcome: Option<bool>,
}

type Key = (String, String);

/// The story of one account over all its runs.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) handed: Vec<Handed>,
    pub(crate) sent: Vec<Sent>,
    pub(crate) reconnects: u64,
    pub(crate) crashes: u64,
    /// Settled, as far as the account knows.
    settled: BTreeSet<Key>,
    /// What the disk knows of that.
    settled_on_disk: BTreeSet<Key>,
    /// Handed over, and the disk knows.
    handed_on_disk: BTreeSet<Key>,
    /// What happened since the last commit.
    unwritten: Vec<(Key, Step)>,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Handed,
    Settled,
}

impl History {
    /// I2: what was settled does not come again, and what comes again says so.
    pub(crate) fn hand(&mut self, handed: Handed) {
        let key = (handed.conversation.clone(), handed.id.clone());
        assert!(!self.settled.contains(&key), "I2: {handed:?} came after it was settled");
        let known = self.handed_on_disk.contains(&key);
        assert!(handed.redelivered || !known, "I2: {handed:?} came again and does not say so");
        self.unwritten.push((key, Step::Handed));
        self.handed.push(handed);
    }

    pub(crate) fn settle(&mut self, conversation: &str, id: &str) {
        let key = (conversation.to_owned(), id.to_owned());
        self.settled.insert(key.clone());
        self.unwritten.push((key, Step::Settled));
    }

    /// Everything so far is on the disk.
    pub(crate) fn committed(&mut self) {
        for (key, step) in self.unwritten.drain(..) {
            match step {
                Step::Handed => self.handed_on_disk.insert(key),
                Step::Settled => self.settled_on_disk.insert(key),
            };
        }
    }

    /// The process died: what the disk does not know is forgotten.
    pub(crate) fn crashed(&mut self) {
        self.crashes += 1;
        self.settled.clone_from(&self.settled_on_disk);
        self.unwritten.clear();
    }

    /// I1: every message of somebody else's reached JavaScript.
    pub(crate) fn nothing_is_lost(&self, self_id: &str, conversation: &str, stored: &[MsgData]) {
        let handed: BTreeSet<_> = self.of(conversation).map(|handed| handed.id.as_str()).collect();
        for message in stored.iter().filter(|message| message.send_id != self_id) {
            assert!(
                handed.contains(message.client_msg_id.as_str()),
                "I1: {conversation} {} was never delivered",
                message.seq
            );
        }
    }

    /// I3: first deliveries of a conversation come in the order in which they were written.
    pub(crate) fn first_deliveries_are_in_order(&self, truth: &Truth) {
        let conversations: BTreeSet<_> = self.handed.iter().map(|handed| &handed.conversation).collect();
        // A chat that was lost and counts anew may have passed its old place before anybody notices.
        for conversation in conversations.into_iter().filter(|conversation| !truth.lost.contains(*conversation)) {
            let mut seen = BTreeSet::new();
            let mut last = None;
            for handed in self.of(conversation).filter(|handed| seen.insert(handed.id.clone())) {
                let Some(place) = truth.place(&handed.id) else { continue };
                assert!(last.is_none_or(|last| place > last), "I3: {conversation} {} came too late", handed.seq);
                last = Some(place);
            }
        }
    }

    /// I11: what was handed over, as the disk knows, comes again until it is settled, whatever the policy says.
    pub(crate) fn nothing_handed_over_is_forgotten(&self, truth: &Truth) {
        let is_kept = |(conversation, id): &&Key| truth.place(id).is_some() && !truth.lost.contains(conversation);
        for key in self.handed_on_disk.iter().filter(is_kept) {
            assert!(self.settled.contains(key), "I11: {key:?} was handed over and never settled");
        }
    }

    /// I14: what was written before this user came is never a live message.
    pub(crate) fn history_is_never_live(&self, conversation: &str, is_history: impl Fn(&str) -> bool) {
        // What came as a missed message before a crash comes again as one that is under way.
        for handed in self.of(conversation).filter(|handed| !handed.redelivered) {
            assert!(handed.offline || !is_history(&handed.id), "I14: {handed:?} is older than the joining");
        }
    }

    /// I7: what was reported sent is there, what was reported unsent is not, and nothing is there twice.
    pub(crate) fn sends_are_honest(&self, truth: &Truth, stored: &impl Fn(&str) -> Vec<MsgData>) {
        for sent in &self.sent {
            let copies = stored(&sent.conversation).iter().filter(|message| message.client_msg_id == sent.id).count();
            match sent.outcome {
                _ if truth.lost.contains(&sent.conversation) => {}
                Some(true) => assert_eq!(copies, 1, "I7: {sent:?} was reported sent"),
                Some(false) => assert_eq!(copies, 0, "I7: {sent:?} was reported unsent"),
                None => assert!(copies <= 1, "I7: {sent:?} is there {copies} times"),
            }
        }
    }

    fn of(&self, conversation: &str) -> impl Iterator<Item = &Handed> {
        self.handed.iter().filter(move |handed| handed.conversation == conversation)
    }
}

/// What happened in a run, to be compared and to see that something did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) delivered: u64,
    pub(crate) redelivered: u64,
    pub(crate) sent: u64,
    pub(crate) unsent: u64,
    pub(crate) unknown: u64,
    pub(crate) reconnects: u64,
    pub(crate) crashes: u64,
}

impl Totals {
    pub(crate) fn count(&mut self, history: &History) {
        self.delivered += history.handed.len() as u64;
        self.redelivered += history.handed.iter().filter(|handed| handed.redelivered).count() as u64;
        for sent in &history.sent {
            match sent.outcome {
                Some(true) => self.sent += 1,
                Some(false) => self.unsent += 1,
                None => self.unknown += 1,
            }
        }
        self.reconnects += history.reconnects;
        self.crashes += history.crashes;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.delivered += other.delivered;
        self.redelivered += other.redelivered;
        self.sent += other.sent;
        self.unsent += other.unsent;
        self.unknown += other.unknown;
        self.reconnects += other.reconnects;
        self.crashes += other.crashes;
    }
}
