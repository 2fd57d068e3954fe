//! Between the acknowledgement of a message and its storing: accepted messages wait for the end of a batch. Only then they
//! get their sequences, can be read, are counted and pushed. A batch with too many messages of one conversation is lost.

use std::collections::HashMap;
use std::time::Duration;

use openim_core::message::options;
use openim_core::wire::pb::MsgData;
use tokio::time::Instant;

use crate::limits::BATCH_MAX;

/// An acknowledged message that is not stored yet.
pub(crate) struct Waiting {
    /// The conversation it is pushed in.
    pub(crate) conversation_id: String,
    /// The conversation it is stored in: that of the first message of its batch with the same `key`. Only for a chat with
    /// a user and a chat with the same user as a notification account is that another one.
    pub(crate) stored_in: String,
    /// What messages of one pair of users or one group share.
    pub(crate) key: String,
    pub(crate) msg: MsgData,
    /// Recipients besides those who are in the conversation.
    pub(crate) also: Vec<String>,
    pub(crate) operation_id: String,
}

impl Waiting {
    fn is_in_chat(&self) -> bool {
        options::is_on(&self.msg.options, options::IS_NOT_NOTIFICATION)
    }

    fn is_stored(&self) -> bool {
        options::is_on(&self.msg.options, options::HISTORY)
    }
}

/// The acknowledged messages that are not stored yet, and when they will be.
pub(crate) struct Transfer {
    started: Instant,
    /// The time between the ends of two batches; zero stores each message at once.
    every: Duration,
    waiting: Vec<Waiting>,
}

impl Transfer {
    pub(crate) fn new(every: Duration) -> Self {
        Self { started: Instant::now(), every, waiting: Vec::new() }
    }

    pub(crate) fn set_every(&mut self, every: Duration) {
        (self.started, self.every) = (Instant::now(), every);
    }

    pub(crate) fn add(&mut self, waiting: Waiting) {
        self.waiting.push(waiting);
    }

    /// Ends the batch: its messages in the order of their acceptance, without those that are lost with it.
    pub(crate) fn end_batch(&mut self) -> Vec<Waiting> {
        let mut batch = std::mem::take(&mut self.waiting);
        share_conversations(&mut batch);
        if batch.len() <= BATCH_MAX || self.every.is_zero() {
            return batch;
        }
        let mut counts: HashMap<String, usize> = HashMap::new();
        for waiting in batch.iter().filter(|waiting| waiting.is_stored()) {
            *counts.entry(waiting.stored_in.clone()).or_default() += 1;
        }
        let is_lost = |waiting: &Waiting| {
            waiting.is_stored() && counts.get(&waiting.stored_in).is_some_and(|count| *count > BATCH_MAX)
        };
        batch.retain(|waiting| !is_lost(waiting));
        batch
    }

    /// The end of the batch that the waiting messages are in. None if nothing waits; the present moment if there are no
    /// batches.
    pub(crate) fn due(&self) -> Option<Instant> {
        if self.waiting.is_empty() {
            return None;
        }
        let now = Instant::now();
        if self.every.is_zero() {
            return Some(now);
        }
        let every = self.every.as_millis();
        let passed = self.started.elapsed().as_millis();
        let rest = u64::try_from(every - passed % every).unwrap_or_default();
        Some(now + Duration::from_millis(rest))
    }
}

/// The real server stores all chat messages of a batch that share a key in the conversation of the first one.
fn share_conversations(batch: &mut [Waiting]) {
    let mut first: HashMap<String, String> = HashMap::new();
    for waiting in batch.iter_mut().filter(|waiting| waiting.is_in_chat()) {
        let shared = first.entry(waiting.key.clone()).or_insert_with(|| waiting.conversation_id.clone());
        waiting.stored_in.clone_from(shared);
    }
}
