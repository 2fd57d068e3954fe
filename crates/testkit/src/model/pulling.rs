//! Reading messages: newest sequences (1001, 1006), ranges (1002), lists (1005), last messages (1007).

use std::collections::BTreeMap;

use openim_core::conversation;
use openim_core::wire::pb::{
    GetConversationsHasReadAndMaxSeqReq, GetConversationsHasReadAndMaxSeqResp, GetLastMessageReq, GetLastMessageResp,
    GetMaxSeqResp, GetSeqMessageReq, PullMessageBySeqsReq, PullMsgs, PushMessages, SeqRange, Seqs,
};

use super::Model;
use crate::limits::LIST_MAX;

const DESCENDING: i32 = 1;

impl Model {
    /// 1001: the user's conversations and their notification twins. Not capped for a left group, and without conversations
    /// that the user deleted.
    pub(crate) fn newest_seqs(&self, user_id: &str) -> GetMaxSeqResp {
        let mut ids = vec![conversation::notifications_of_pair(user_id, user_id)];
        for (id, own) in self.conversations.of(user_id) {
            ids.push(id.clone());
            ids.push(if own.settings.group_id.is_empty() {
                conversation::notifications_of_pair(user_id, &own.settings.user_id)
            } else {
                conversation::notifications_of_group(&own.settings.group_id)
            });
        }
        for group in self.groups.of(user_id) {
            ids.push(conversation::notifications_of_group(&group.info.group_id));
        }
        let seqs = ids.into_iter().map(|id| (self.messages.max_seq(&id), id)).filter(|(seq, _)| *seq > 0);
        GetMaxSeqResp { max_seqs: seqs.map(|(seq, id)| (id, seq)).collect(), min_seqs: BTreeMap::new() }
    }

    /// Notes that the user has just asked for newest sequences.
    pub(crate) fn asked_for_seqs(&mut self, user_id: &str) {
        let now = self.now_ms();
        self.blanks.ask(user_id, now);
    }

    /// The user pulls messages of a conversation. Those that the user has only just learnt of are blanked if `happens` says
    /// so.
    pub(crate) fn pulled_closely(
        &mut self,
        user_id: &str,
        conversation_id: &str,
        is_pulled: impl Fn(i64) -> bool,
        happens: impl Fn() -> bool,
    ) {
        let now = self.now_ms();
        self.blanks.pull(user_id, conversation_id, is_pulled, now, happens);
    }

    /// 1006: with named ids also notification conversations, otherwise the chats.
    pub(crate) fn read_and_max_seqs(
        &self,
        user_id: &str,
        request: &GetConversationsHasReadAndMaxSeqReq,
    ) -> GetConversationsHasReadAndMaxSeqResp {
        let chats = || self.conversations.of(user_id).map(|(id, _)| id);
        let ids: Vec<&String> = if request.conversation_ids.is_empty() {
            chats().collect()
        } else {
            request.conversation_ids.iter().collect()
        };
        let mut seqs = BTreeMap::new();
        for id in ids {
            let Some(window) = self.window(user_id, id) else {
                continue;
            };
            let has_read_seq = self.conversations.get(user_id, id).map_or(0, |own| own.has_read_seq);
            seqs.insert(
                id.clone(),
                Seqs { max_seq: window.max, has_read_seq, max_seq_time: self.messages.last_time(id) },
            );
        }
        let pinned = self.conversations.of(user_id).filter(|(_, own)| own.settings.is_pinned && request.return_pinned);
        let pinned_conversation_ids = pinned.map(|(id, _)| id.clone()).collect();
        GetConversationsHasReadAndMaxSeqResp { seqs, pinned_conversation_ids }
    }

    /// 1002: ranges that cannot be answered are missing from the answer.
    pub(crate) fn pull_ranges(&self, user_id: &str, request: &PullMessageBySeqsReq) -> PushMessages {
        let mut answer = PushMessages::default();
        for range in request.seq_ranges.iter().take(LIST_MAX) {
            if let Some(pulled) = self.pull_range(user_id, range, request.order) {
                map_of(&mut answer, &range.conversation_id).insert(range.conversation_id.clone(), pulled);
            }
        }
        if request.seq_ranges.is_empty() {
            // The JS package sends such a request after a long catch-up and reads the answer without a check; it would
            // decode an empty protobuf message as null.
            let own = conversation::notifications_of_pair(user_id, user_id);
            answer.notification_msgs.insert(own, PullMsgs { is_end: true, ..PullMsgs::default() });
        }
        answer
    }

    fn pull_range(&self, user_id: &str, range: &SeqRange, order: i32) -> Option<PullMsgs> {
        let id = &range.conversation_id;
        let window = self.window(user_id, id)?;
        if range.num <= 0 {
            return None;
        }
        let (mut begin, end) = (range.begin.max(window.min), range.end.min(window.max));
        if !conversation::is_notification(id) {
            // More than `num`: the last `num` only.
            begin = begin.max(end.saturating_sub(range.num - 1));
        }
        if begin > end {
            return None;
        }
        let mut msgs: Vec<_> = (begin..=end).map(|seq| self.read_as(user_id, id, seq)).collect();
        let is_end = if order == DESCENDING { range.begin <= window.min } else { window.max <= range.end };
        if order == DESCENDING {
            msgs.reverse();
        }
        Some(PullMsgs { msgs, is_end, end_seq: 0 })
    }

    /// 1005: always has an entry for each requested conversation, without the sequences outside the window. An entry
    /// without messages says `isEnd`, so that it is not empty on the wire: the JS package ignores empty entries of a map.
    pub(crate) fn pull_seqs(&self, user_id: &str, request: &GetSeqMessageReq) -> PushMessages {
        let mut answer = PushMessages::default();
        for wanted in request.conversations.iter().take(LIST_MAX) {
            let id = &wanted.conversation_id;
            let window = self.list_window(user_id, id);
            let visible = |seq: &i64| (window.min..=window.max).contains(seq);
            let seqs = wanted.seqs.iter().filter(|seq| **seq > 0).take(LIST_MAX);
            let beyond = seqs.clone().any(|seq| !visible(seq));
            let msgs: Vec<_> = seqs.filter(|seq| visible(seq)).map(|seq| self.read_as(user_id, id, *seq)).collect();
            let is_end = beyond || msgs.is_empty();
            let pulled = PullMsgs { msgs, is_end, end_seq: 0 };
            map_of(&mut answer, id).insert(id.clone(), pulled);
        }
        answer
    }

    /// 1007: the newest visible message of each conversation that has one.
    pub(crate) fn last_messages(&self, user_id: &str, request: &GetLastMessageReq) -> GetLastMessageResp {
        let ids = request.conversation_ids.iter().take(LIST_MAX);
        let msgs = ids.filter_map(|id| {
            let window = self.window(user_id, id)?;
            let _ = self.messages.get(id, window.max)?;
            Some((id.clone(), self.messages.read(id, window.max)))
        });
        GetLastMessageResp { msgs: msgs.collect() }
    }
}

fn map_of<'a>(answer: &'a mut PushMessages, conversation_id: &str) -> &'a mut BTreeMap<String, PullMsgs> {
    if conversation::is_notification(conversation_id) { &mut answer.notification_msgs } else { &mut answer.msgs }
}
