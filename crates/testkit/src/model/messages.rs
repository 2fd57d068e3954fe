//! The stored messages: for each conversation, messages with growing sequences. A removed message leaves its sequence
//! unused.

use std::collections::{BTreeSet, HashMap, VecDeque};

use openim_core::message::kinds::{STATUS_DELETED, STATUS_SENDING, STATUS_SENT};
use openim_core::wire::pb::MsgData;
use serde::{Deserialize, Serialize};

use super::quotes::follow_revocation;
use crate::limits::{KEPT_MESSAGES, SEQ_BLOCK};

/// Who may read a conversation. This cannot be derived from its id, because user ids may contain `_`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Parties {
    Users(BTreeSet<String>),
    Group(String),
}

#[derive(Serialize, Deserialize)]
struct ConversationLog {
    parties: Parties,
    /// The sequence of `kept[0]`.
    first: i64,
    #[serde(with = "base64_protobuf")]
    kept: VecDeque<Option<MsgData>>,
    last_time: i64,
    /// Messages up to this sequence are read from the database, no longer from the cache.
    #[serde(default)]
    uncached: i64,
}

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Messages(HashMap<String, ConversationLog>);

impl ConversationLog {
    fn next(&self) -> i64 {
        self.first + i64::try_from(self.kept.len()).unwrap_or(0)
    }

    fn index(&self, seq: i64) -> Option<usize> {
        usize::try_from(seq.checked_sub(self.first)?).ok().filter(|index| *index < self.kept.len())
    }
}

impl Messages {
    /// Stores the message under the conversation's next sequence and returns it.
    pub(crate) fn append(&mut self, conversation_id: &str, parties: &Parties, msg: &mut MsgData) -> i64 {
        let log = self.0.entry(conversation_id.into()).or_insert_with(|| ConversationLog {
            parties: parties.clone(),
            first: 1,
            kept: VecDeque::new(),
            last_time: 0,
            uncached: 0,
        });
        msg.seq = log.next();
        log.last_time = msg.send_time;
        log.kept.push_back(Some(msg.clone()));
        if log.kept.len() > KEPT_MESSAGES {
            log.kept.pop_front();
            log.first += 1;
        }
        msg.seq
    }

    pub(crate) fn parties(&self, conversation_id: &str) -> Option<&Parties> {
        self.0.get(conversation_id).map(|log| &log.parties)
    }

    /// The newest sequence; 0 if nothing was ever stored.
    pub(crate) fn max_seq(&self, conversation_id: &str) -> i64 {
        self.0.get(conversation_id).map_or(0, |log| log.next() - 1)
    }

    /// `sendTime` of the newest message.
    pub(crate) fn last_time(&self, conversation_id: &str) -> i64 {
        self.0.get(conversation_id).map_or(0, |log| log.last_time)
    }

    pub(crate) fn get(&self, conversation_id: &str, seq: i64) -> Option<&MsgData> {
        let log = self.0.get(conversation_id)?;
        log.kept.get(log.index(seq)?)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, conversation_id: &str, seq: i64) -> Option<&mut MsgData> {
        let log = self.0.get_mut(conversation_id)?;
        let index = log.index(seq)?;
        log.kept.get_mut(index)?.as_mut()
    }

    /// The message, or a placeholder for one that was removed. A message from the cache has the status that its sender
    /// wrote, one from the database counts as sent.
    pub(crate) fn read(&self, conversation_id: &str, seq: i64) -> MsgData {
        let Some(found) = self.get(conversation_id, seq) else { return self.placeholder(conversation_id, seq) };
        let mut msg = found.clone();
        if msg.status == STATUS_SENDING && self.0.get(conversation_id).is_some_and(|log| seq <= log.uncached) {
            msg.status = STATUS_SENT;
        }
        follow_revocation(&mut msg, |seq| self.get(conversation_id, seq));
        msg
    }

    /// What a pull returns for a sequence without a message: nothing but the time of the message before.
    pub(crate) fn placeholder(&self, conversation_id: &str, seq: i64) -> MsgData {
        let before = self.0.get(conversation_id).and_then(|log| {
            let end = usize::try_from(seq - log.first).unwrap_or_default().min(log.kept.len());
            log.kept.iter().take(end).rev().flatten().next()
        });
        let send_time = before.map_or(0, |msg| msg.send_time);
        MsgData { seq, send_time, status: STATUS_DELETED, ..MsgData::default() }
    }

    /// The cache is lost: all present messages are read from the database from now on, and each conversation skips the
    /// sequences that the cache had reserved.
    pub(crate) fn lose_cache(&mut self) {
        for log in self.0.values_mut().filter(|log| !log.kept.is_empty()) {
            log.uncached = log.next() - 1;
            log.kept.extend((0..SEQ_BLOCK).map(|_| None));
        }
    }

    /// Removes the message; its sequence is answered as a placeholder. False if there was no message.
    pub(crate) fn remove(&mut self, conversation_id: &str, seq: i64) -> bool {
        let Some(log) = self.0.get_mut(conversation_id) else {
            return false;
        };
        let Some(index) = log.index(seq) else { return false };
        log.kept.get_mut(index).is_some_and(|slot| slot.take().is_some())
    }

    /// Stores a removed message again, under its sequence.
    pub(crate) fn put_back(&mut self, conversation_id: &str, msg: &MsgData) {
        let Some(log) = self.0.get_mut(conversation_id) else { return };
        let Some(index) = log.index(msg.seq) else { return };
        if let Some(slot) = log.kept.get_mut(index) {
            *slot = Some(msg.clone());
        }
    }

    /// Marks the messages as read, unless `reader` wrote them. This takes them out of the cache.
    pub(crate) fn mark_read<'a>(
        &mut self,
        conversation_id: &str,
        seqs: impl IntoIterator<Item = &'a i64>,
        reader: &str,
    ) {
        for seq in seqs {
            if let Some(msg) = self.get_mut(conversation_id, *seq).filter(|msg| msg.send_id != reader) {
                msg.is_read = true;
                msg.status = STATUS_SENT;
            }
        }
    }

    /// Skips this many sequences after the newest one. If there are very many, the older messages are removed, too.
    /// Returns the newest sequence.
    pub(crate) fn skip_seqs(&mut self, conversation_id: &str, count: u64) -> i64 {
        let Some(log) = self.0.get_mut(conversation_id) else { return 0 };
        if count <= KEPT_MESSAGES as u64 {
            log.kept.extend((0..count).map(|_| None));
        } else {
            log.first = log.next().saturating_add_unsigned(count);
            log.kept.clear();
        }
        log.next() - 1
    }

    /// Empties one conversation, or all: they count from 1 again.
    pub(crate) fn reset(&mut self, conversation_id: Option<&str>) {
        self.0.retain(|id, _| conversation_id.is_some_and(|only| only != id));
    }

    pub(crate) fn all(&self, conversation_id: &str) -> Vec<MsgData> {
        self.0.get(conversation_id).into_iter().flat_map(|log| log.kept.iter().flatten().cloned()).collect()
    }
}

/// Messages in the saved file: protobuf in base64.
mod base64_protobuf {
    use std::collections::VecDeque;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use openim_core::wire::pb::MsgData;
    use prost::Message as _;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(kept: &VecDeque<Option<MsgData>>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(kept.iter().map(|slot| slot.as_ref().map(|msg| STANDARD.encode(msg.encode_to_vec()))))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<VecDeque<Option<MsgData>>, D::Error> {
        let slots: Vec<Option<String>> = Vec::deserialize(from)?;
        let read = |text: String| {
            let bytes = STANDARD.decode(text).map_err(D::Error::custom)?;
            MsgData::decode(bytes.as_slice()).map_err(D::Error::custom)
        };
        slots.into_iter().map(|slot| slot.map(read).transpose()).collect()
    }
}
