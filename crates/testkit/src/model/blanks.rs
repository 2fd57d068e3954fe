//! Messages that a client blanked: a pull that follows a count of newest sequences too closely finds a message that is
//! counted but not in the cache yet. The cache then keeps a placeholder for everybody, although the message is stored.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::limits::{BLANK_LIFE_MS, BLANK_WITHIN_MS};

#[derive(Default)]
pub(crate) struct Blanks {
    /// The messages of the last moments, with the time at which they were counted.
    counted: VecDeque<(i64, String, i64)>,
    /// The time at which each user last asked for newest sequences.
    asked: HashMap<String, i64>,
    /// The blanked messages, with the time at which they were.
    blanked: BTreeMap<(String, i64), i64>,
}

impl Blanks {
    /// A message has got its sequence.
    pub(crate) fn count(&mut self, conversation_id: &str, seq: i64, now_ms: i64) {
        while self.counted.front().is_some_and(|(at, ..)| now_ms - at >= BLANK_WITHIN_MS) {
            self.counted.pop_front();
        }
        self.counted.push_back((now_ms, conversation_id.into(), seq));
    }

    /// The user asked for newest sequences.
    pub(crate) fn ask(&mut self, user_id: &str, now_ms: i64) {
        self.asked.insert(user_id.into(), now_ms);
    }

    /// The user pulls sequences of a conversation. Those that the user has just learnt of are blanked if `happens` says so.
    pub(crate) fn pull(
        &mut self,
        user_id: &str,
        conversation_id: &str,
        is_pulled: impl Fn(i64) -> bool,
        now_ms: i64,
        happens: impl Fn() -> bool,
    ) {
        let Some(asked) = self.asked.get(user_id) else { return };
        for (at, id, seq) in &self.counted {
            let is_fresh = now_ms - at < BLANK_WITHIN_MS && at <= asked;
            if is_fresh && id == conversation_id && is_pulled(*seq) && happens() {
                self.blanked.insert((id.clone(), *seq), now_ms);
            }
        }
    }

    pub(crate) fn is_blank(&self, conversation_id: &str, seq: i64, now_ms: i64) -> bool {
        if self.blanked.is_empty() {
            return false;
        }
        self.blanked.get(&(conversation_id.to_owned(), seq)).is_some_and(|since| now_ms - since < BLANK_LIFE_MS)
    }

    /// The cache forgets its placeholders.
    pub(crate) fn clear(&mut self) {
        self.blanked.clear();
    }
}
