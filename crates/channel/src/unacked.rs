//! Messages that are not acknowledged yet. They are handed over in order and acknowledged one by one; a refused message
//! comes again. A value without clock or I/O; `now` is the time since any fixed moment.
//!
//! A slow answer holds nothing up: the next message of the conversation goes out while the first is unacknowledged. At
//! most [`UNACKED_PER_CONVERSATION`] and [`UNACKED_PER_ACCOUNT`] messages are held; further ones are not taken.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::limits::{REDELIVERY, REFUSALS_MAX, UNACKED_PER_ACCOUNT, UNACKED_PER_CONVERSATION};
use crate::{Inbound, Position};

/// One message, handed over.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Names the message in acks; unique within an account's run.
    pub number: u64,
    /// The message.
    pub message: Arc<Inbound>,
    /// It may have been handed over before.
    pub redelivered: bool,
}

/// The result of a refusal.
#[derive(Debug, Clone, PartialEq)]
pub enum Refused {
    /// It comes again after this long.
    Again(Duration),
    /// It was refused too often and does not come again.
    Dead(Arc<Inbound>),
    /// It was acknowledged before, or never handed over.
    Unknown,
}

#[derive(Debug)]
struct Pending {
    message: Arc<Inbound>,
    refusals: u32,
    handed_over: bool,
    /// An earlier run handed it over already.
    was_delivered: bool,
}

/// The messages of one conversation that are held.
#[derive(Debug, Default)]
struct ConversationQueue {
    count: usize,
    seqs: BTreeSet<i64>,
}

/// The messages of one account that are not acknowledged yet.
///
/// ```
/// use std::time::Duration;
/// use channel::unacked::{Refused, Unacked};
/// use channel::{Inbound, Position};
///
/// let message = |seq| Inbound { position: Position::Seq { seq }, conversation: "c".into(), ..Inbound::default() };
/// let mut unacked = Unacked::default();
/// assert!(unacked.offer(message(1), false) && unacked.offer(message(2), false));
///
/// let batch = unacked.take(10, usize::MAX);
/// assert_eq!(batch.len(), 2);
/// assert!(unacked.ack(batch[0].number).is_some());
///
/// // The second is refused: it comes again after a second.
/// let now = Duration::ZERO;
/// assert_eq!(unacked.nack(batch[1].number, now), Refused::Again(Duration::from_secs(1)));
/// unacked.wake(now + Duration::from_secs(1));
/// assert!(unacked.take(10, usize::MAX)[0].redelivered);
/// ```
#[derive(Debug, Default)]
pub struct Unacked {
    held: HashMap<u64, Pending>,
    per_conversation: HashMap<Arc<str>, ConversationQueue>,
    ready: VecDeque<u64>,
    later: BTreeSet<(Duration, u64)>,
    last: u64,
    closed: bool,
}

impl Unacked {
    /// Hands over nothing from now on. Messages that are out may still be acknowledged.
    pub fn close(&mut self) {
        self.closed = true;
        self.ready.clear();
        self.later.clear();
    }

    /// Takes a message, unless its conversation or the account is full. `was_delivered`: an earlier run handed it over.
    pub fn offer(&mut self, message: Inbound, was_delivered: bool) -> bool {
        if self.closed || !self.has_room(&message.conversation) {
            return false;
        }
        let queue = self.per_conversation.entry(message.conversation.clone()).or_default();
        queue.count += 1;
        queue.seqs.extend(Some(message.seq()).filter(|seq| *seq > 0));
        self.last += 1;
        self.held
            .insert(self.last, Pending { message: Arc::new(message), refusals: 0, handed_over: false, was_delivered });
        self.ready.push_back(self.last);
        true
    }

    /// Whether one more message of a conversation would be taken now.
    pub fn has_room(&self, conversation: &str) -> bool {
        self.room(conversation) > 0
    }

    /// How many more messages of a conversation would be taken now.
    pub fn room(&self, conversation: &str) -> usize {
        let held = self.per_conversation.get(conversation).map_or(0, |queue| queue.count);
        (UNACKED_PER_CONVERSATION - held.min(UNACKED_PER_CONVERSATION)).min(UNACKED_PER_ACCOUNT - self.held.len())
    }

    /// Whether the message under this sequence waits to be acknowledged.
    pub fn holds(&self, conversation: &str, seq: i64) -> bool {
        self.per_conversation.get(conversation).is_some_and(|queue| queue.seqs.contains(&seq))
    }

    /// The newest sequence up to `seq` whose message waits to be acknowledged.
    pub fn newest_held(&self, conversation: &str, seq: i64) -> Option<i64> {
        self.per_conversation.get(conversation)?.seqs.range(..=seq).next_back().copied()
    }

    /// Takes the sequences from the held messages of a conversation, because the server counts it anew.
    pub fn forget_seqs(&mut self, conversation: &str) {
        let Some(queue) = self.per_conversation.get_mut(conversation) else { return };
        queue.seqs.clear();
        for held in self.held.values_mut().filter(|held| *held.message.conversation == *conversation) {
            held.message = Arc::new(Inbound { position: Position::None, ..(*held.message).clone() });
        }
    }

    /// Whether a message can be handed over.
    pub fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// How many messages are held.
    pub fn unacked(&self) -> usize {
        self.held.len()
    }

    /// When the next refused message is due again.
    pub fn next_due(&self) -> Option<Duration> {
        self.later.first().map(|(due, _)| *due)
    }

    /// Moves refused messages whose time has come to the queue.
    pub fn wake(&mut self, now: Duration) {
        while let Some(&(due, number)) = self.later.first()
            && due <= now
        {
            self.later.pop_first();
            self.ready.push_back(number);
        }
    }

    /// The next messages to hand over, within both bounds; at least one where one is ready.
    pub fn take(&mut self, max_messages: usize, max_bytes: usize) -> Vec<Delivery> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while let Some(&number) = self.ready.front() {
            let Some(held) = self.held.get_mut(&number) else {
                self.ready.pop_front();
                continue;
            };
            bytes += held.message.weight();
            if !batch.is_empty() && (batch.len() == max_messages || bytes > max_bytes) {
                break;
            }
            self.ready.pop_front();
            batch.push(Delivery {
                number,
                message: held.message.clone(),
                redelivered: held.was_delivered || held.refusals > 0,
            });
            held.handed_over = true;
        }
        batch
    }

    /// Bytes waiting to be handed over, counted no further than `enough`.
    pub fn ready_bytes(&self, enough: usize) -> usize {
        let mut bytes = 0;
        for number in &self.ready {
            if bytes >= enough {
                break;
            }
            bytes += self.held.get(number).map_or(0, |held| held.message.weight());
        }
        bytes
    }

    /// Settles a message that was handed over, and returns it.
    pub fn ack(&mut self, number: u64) -> Option<Arc<Inbound>> {
        if !self.held.get(&number)?.handed_over {
            return None;
        }
        self.later.retain(|(_, waiting)| *waiting != number);
        self.release(number)
    }

    /// Takes a refused message back: it comes again, later each time, until it has been refused too often.
    pub fn nack(&mut self, number: u64, now: Duration) -> Refused {
        let Some(held) = self.held.get_mut(&number).filter(|held| held.handed_over && !self.closed) else {
            return Refused::Unknown;
        };
        held.refusals += 1;
        held.handed_over = false;
        if held.refusals >= REFUSALS_MAX {
            return self.release(number).map_or(Refused::Unknown, Refused::Dead);
        }
        let wait = REDELIVERY[(held.refusals as usize - 1).min(REDELIVERY.len() - 1)];
        self.later.insert((now + wait, number));
        Refused::Again(wait)
    }

    fn release(&mut self, number: u64) -> Option<Arc<Inbound>> {
        let held = self.held.remove(&number)?;
        if let Some(queue) = self.per_conversation.get_mut(&held.message.conversation) {
            queue.count -= 1;
            queue.seqs.remove(&held.message.seq());
            if queue.count == 0 {
                self.per_conversation.remove(&held.message.conversation);
            }
        }
        Some(held.message)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::message::Sender;
    use crate::{Chat, Position};

    pub(crate) fn message(conversation: &str, seq: i64) -> Inbound {
        Inbound {
            position: Position::Seq { seq },
            conversation: conversation.into(),
            id: format!("{conversation}-{seq}"),
            server_id: String::new(),
            chat: Chat::Direct,
            kind: 101,
            origin: 100,
            sender: Sender { id: "alice".into(), ..Sender::default() },
            recipient: String::new(),
            group: String::new(),
            text: format!("text {seq}"),
            content: String::new(),
            parts: String::new(),
            sent_at: 0,
            created_at: 0,
            status: 2,
            is_read: false,
            mentions: Vec::new(),
            mentions_self: false,
            attached: String::new(),
            extra: String::new(),
            offline: false,
        }
    }

    const fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn seqs(batch: &[Delivery]) -> Vec<i64> {
        batch.iter().map(|delivery| delivery.message.seq()).collect()
    }

    #[test]
    fn messages_are_handed_over_in_order_without_waiting_for_acks() {
        let mut unacked = Unacked::default();
        for seq in 1..=5 {
            assert!(unacked.offer(message("c", seq), false));
        }
        assert_eq!(seqs(&unacked.take(3, usize::MAX)), [1, 2, 3]);
        assert_eq!(seqs(&unacked.take(3, usize::MAX)), [4, 5]);
        assert_eq!(unacked.unacked(), 5);
    }

    #[test]
    fn a_batch_is_bounded_by_bytes_but_never_empty() {
        let mut unacked = Unacked::default();
        unacked.offer(message("c", 1), false);
        unacked.offer(message("c", 2), false);
        assert_eq!(seqs(&unacked.take(256, 1)), [1]);
        assert_eq!(seqs(&unacked.take(256, 1)), [2]);
        assert!(unacked.take(256, 1).is_empty());
    }

    #[test]
    fn a_full_conversation_takes_no_more_until_one_is_acked_and_others_go_on() {
        let mut unacked = Unacked::default();
        for seq in 1..=64 {
            assert!(unacked.offer(message("busy", seq), false));
        }
        assert!(!unacked.offer(message("busy", 65), false));
        assert!(unacked.offer(message("other", 1), false));
        let first = unacked.take(1, usize::MAX)[0].number;
        assert!(unacked.ack(first).is_some());
        assert!(unacked.offer(message("busy", 65), false));
        assert!(unacked.ack(first).is_none(), "a second ack settles nothing");
    }

    #[test]
    fn the_account_is_bounded_too() {
        let mut unacked = Unacked::default();
        for n in 0..UNACKED_PER_ACCOUNT {
            assert!(unacked.offer(message(&format!("c{n}"), 1), false));
        }
        assert!(!unacked.offer(message("one more", 1), false));
    }

    #[test]
    fn a_refused_message_comes_later_each_time_and_dies_after_eight() {
        let mut unacked = Unacked::default();
        unacked.offer(message("c", 1), false);
        let number = unacked.take(1, usize::MAX)[0].number;
        let mut now = secs(0);
        let mut waits = Vec::new();
        loop {
            match unacked.nack(number, now) {
                Refused::Again(wait) => {
                    waits.push(wait.as_secs());
                    unacked.wake(now + wait - Duration::from_millis(1));
                    assert!(!unacked.is_ready(), "not before its time");
                    now += wait;
                    unacked.wake(now);
                    let again = unacked.take(1, usize::MAX);
                    assert!(again[0].redelivered && again[0].number == number);
                }
                Refused::Dead(message) => {
                    assert_eq!(message.seq(), 1);
                    break;
                }
                Refused::Unknown => panic!("it is outstanding"),
            }
        }
        assert_eq!(waits, [1, 2, 5, 15, 60, 60, 60]);
        assert_eq!((unacked.unacked(), unacked.nack(number, now)), (0, Refused::Unknown));
        assert!(unacked.per_conversation.is_empty() && !unacked.holds("c", 1));
    }

    #[test]
    fn after_closing_nothing_goes_out_and_acks_still_count() {
        let mut unacked = Unacked::default();
        for seq in 1..=3 {
            unacked.offer(message("c", seq), false);
        }
        let out = unacked.take(2, usize::MAX);
        unacked.nack(out[0].number, secs(0));
        unacked.close();
        unacked.wake(secs(100));
        assert!(
            unacked.take(10, usize::MAX).is_empty()
                && unacked.next_due().is_none()
                && !unacked.offer(message("c", 4), false)
        );
        assert!(unacked.ack(out[1].number).is_some());
        assert_eq!(unacked.nack(out[1].number, secs(0)), Refused::Unknown);
    }

    #[test]
    fn a_message_keeps_no_sequence_once_the_server_counts_anew() {
        let mut unacked = Unacked::default();
        assert!(unacked.offer(message("c", 7), false) && unacked.offer(message("d", 7), false));
        unacked.forget_seqs("c");
        assert_eq!((unacked.newest_held("c", 9), unacked.newest_held("d", 9)), (None, Some(7)));
        let out = unacked.take(10, usize::MAX);
        assert_eq!(seqs(&out), [0, 7]);
        assert!(out.iter().all(|delivery| unacked.ack(delivery.number).is_some()));
    }

    #[test]
    fn a_message_not_handed_over_can_be_neither_acked_nor_refused() {
        let mut unacked = Unacked::default();
        unacked.offer(message("c", 1), false);
        assert!(unacked.ack(1).is_none());
        assert_eq!(unacked.nack(1, secs(0)), Refused::Unknown);
        assert_eq!(seqs(&unacked.take(1, usize::MAX)), [1]);
    }
}
