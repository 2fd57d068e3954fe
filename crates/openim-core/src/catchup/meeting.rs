//! Where a conversation begins when this connection meets it: at its cursor, at its first message, where this user came
//! into the group, or where the server has begun to count anew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::beginning::{Beginning, Begins, Start};
use super::conversation::{Conversation, Offline};
use super::search::{Goal, Search};
use super::{Catchup, Found, Known, Offer, Report};
use crate::limits::{CONVERSATION_NAME_MAX, CONVERSATION_NAMES_BYTES, CONVERSATIONS_MAX, GAP_MAX, READABLE_AFTER};
use crate::membership::{self, Membership};
use crate::wire::pb::MsgData;

impl Catchup {
    /// The server says where a conversation stands.
    pub(super) fn raise(
        &mut self,
        id: &Arc<str>,
        max: i64,
        begins: Begins<'_>,
        known: &dyn Known,
        now: Duration,
        offer: &mut Offer<'_>,
    ) {
        let is_new = !self.conversations.contains_key(id);
        if is_new && !self.meet(id, max, begins, known, offer) {
            return;
        }
        let Some(conversation) = self.conversations.get_mut(id) else { return };
        if max > conversation.max {
            // What the server has just counted may not be stored yet, and a pull would make it keep the empty place.
            conversation.not_before = conversation.not_before.max(now + READABLE_AFTER);
        }
        let passed = conversation.raise(id, max, if is_new { begins.gap_max() } else { GAP_MAX }, known);
        self.cut(id, passed, offer);
    }

    /// Meets a conversation in an answer to 1001.
    fn meet(&mut self, id: &Arc<str>, max: i64, begins: Begins<'_>, known: &dyn Known, offer: &mut Offer<'_>) -> bool {
        let before_ms = (!begins.is_after_absence()).then_some(begins.start.since_ms);
        let offline = Offline { up_to: begins.offline_to(max), before_ms };
        if let Some(cursor) = known.cursor(id) {
            // After a blip everything counts as live, however old its sender says that it is.
            let is_blip = begins.is_first && !begins.start.away;
            let offline = if is_blip { Offline { up_to: cursor, ..offline } } else { offline };
            let missed = self.missed.get(id).copied().filter(|_| !begins.is_after_absence());
            let offline = missed.unwrap_or(offline);
            return self.add(id, Conversation::at(cursor, offline));
        }
        if begins.start.beginning == Beginning::Known && max > 1 && self.group_of(id, known).is_some() {
            let floor = max.saturating_sub(begins.gap_max()).max(0);
            if self.begin(id, floor, offline, offer) {
                self.search_join(id, max);
            }
            return self.conversations.contains_key(id);
        }
        self.begin(id, begins.at(id, max), offline, offer)
    }

    /// Meets the conversation of a push, if it is new, and starts to look for the join where the push tells of one.
    /// Returns whether the push counts.
    pub(super) fn meet_by_push(
        &mut self,
        id: &Arc<str>,
        message: &MsgData,
        known: &dyn Known,
        offer: &mut Offer<'_>,
    ) -> bool {
        let below = message.seq - 1;
        let is_join = || membership::change(message, &self.self_id) == Some(Membership::Joined);
        let mut is_late = membership::group_of(id).is_some() && is_join();
        if !self.conversations.contains_key(id) {
            let cursor = known.cursor(id);
            is_late |= cursor.is_none() && self.group_of(id, known).is_some();
            let floor = if is_late { below.saturating_sub(GAP_MAX) } else { 0 };
            let start = cursor.unwrap_or(floor.max(0));
            let missed = self.missed.get(id).map(|missed| Offline { up_to: missed.up_to.min(below), ..*missed });
            let offline = missed.unwrap_or(Offline { up_to: below, before_ms: Some(self.since_ms) });
            let is_met = match cursor {
                Some(_) => self.add(id, Conversation::at(start, offline)),
                None => self.begin(id, start, offline, offer),
            };
            if !is_met {
                return false;
            }
        }
        if is_late {
            self.search_join(id, below);
        }
        true
    }

    /// Looks between what has gone up and `top` for where this user came into the group.
    pub(super) fn search_join(&mut self, id: &Arc<str>, top: i64) {
        let Some(group) = membership::group_of(id).or_else(|| id.strip_prefix("n_")).map(str::to_owned) else { return };
        let Some(conversation) = self.conversations.get_mut(id) else { return };
        if conversation.seen >= top || conversation.search.is_some() {
            return;
        }
        conversation.max = conversation.max.max(top);
        conversation.search = Some(Search::new(Goal::Joined(None), conversation.seen, top));
        if !self.unasked_groups.contains(&group) {
            self.unasked_groups.push(group);
        }
    }

    /// Whether messages of a group tell that this user came in above a gap. Each notice counts once.
    pub(super) fn tells_of_join(&mut self, id: &Arc<str>, messages: &[MsgData]) -> Option<i64> {
        membership::group_of(id)?;
        let is_join = |message: &&MsgData| membership::change(message, &self.self_id) == Some(Membership::Joined);
        let newest = messages.iter().filter(is_join).map(|message| message.seq).max()?;
        let conversation = self.conversations.get_mut(id)?;
        let is_news = newest > conversation.joins_seen && newest > conversation.seen + 1;
        conversation.joins_seen = conversation.joins_seen.max(newest);
        is_news.then_some(newest - 1)
    }

    /// Takes when this user came into a group. Without that, what is older than the connection counts as offline.
    pub fn joined(&mut self, group: &str, joined_ms: Option<i64>, known: &dyn Known, offer: &mut Offer<'_>) {
        for id in [format!("sg_{group}"), format!("n_{group}")] {
            let id: Arc<str> = id.into();
            let Some(conversation) = self.conversations.get_mut(&id) else { continue };
            let Some(search) = conversation.search.as_mut().filter(|search| search.waits_for_time()) else { continue };
            if joined_ms.is_some() {
                search.goal = Goal::Joined(joined_ms);
                conversation.left_at = None;
                self.enqueue(&id);
                continue;
            }
            conversation.search = None;
            conversation.offline = Offline { up_to: conversation.max, before_ms: None };
            self.advance(&id, known, offer);
        }
    }

    /// Follows a server that counts conversations anew. On a connection that stands, an answer may be older than what
    /// pushes have told; only a count that is lower than before the question, twice in a row, has fallen.
    pub(super) fn follow_resets(
        &mut self,
        maxima: &BTreeMap<Arc<str>, i64>,
        start: &Start,
        is_first: bool,
        known: &dyn Known,
        offer: &mut Offer<'_>,
    ) {
        let before = |id: &Arc<str>| match self.conversations.get(id) {
            Some(conversation) => Some(conversation.seen_when_asked),
            None => known.cursor(id),
        };
        let fallen: BTreeSet<Arc<str>> = maxima
            .iter()
            .filter(|(id, max)| before(id).is_some_and(|at| at > **max))
            .map(|(id, _)| id.clone())
            .collect();
        for id in &fallen {
            if is_first || self.fallen.contains(id) {
                self.reset(id, maxima.get(id).copied().unwrap_or_default(), start, is_first, offer);
            } else {
                self.is_doubtful = true;
            }
        }
        self.fallen.retain(|id| !maxima.contains_key(id));
        self.fallen.extend(fallen);
    }

    fn reset(&mut self, id: &Arc<str>, max: i64, start: &Start, is_first: bool, offer: &mut Offer<'_>) {
        let begins = Begins { start, early: None, is_first };
        let floor = max.saturating_sub(start.gap_max.min(GAP_MAX)).max(0);
        let before_ms = (!begins.is_after_absence()).then_some(start.since_ms);
        self.forget(id);
        let mut conversation = Conversation::at(floor, Offline { up_to: max, before_ms });
        conversation.max = max;
        // Which messages are new is told by their ids.
        conversation.search = (max > floor).then(|| Search::new(Goal::Unknown, floor, max));
        if self.add(id, conversation) {
            offer(id, floor, Found::Reset);
            self.report(Report::CountedAnew { conversation: id.clone(), max });
            self.enqueue(id);
        }
    }

    /// The group that a conversation belongs to: its chat, or the notifications beside it.
    fn group_of<'a>(&self, id: &'a str, known: &dyn Known) -> Option<&'a str> {
        let chat = |group: &str| format!("sg_{group}");
        let is_group = |group: &&str| {
            self.conversations.contains_key(chat(group).as_str()) || known.cursor(&chat(group)).is_some()
        };
        membership::group_of(id).or_else(|| id.strip_prefix("n_").filter(is_group))
    }

    /// Begins a conversation that was never met: what is older is history and settled without ever going up.
    fn begin(&mut self, id: &Arc<str>, at: i64, offline: Offline, offer: &mut Offer<'_>) -> bool {
        let is_met = self.add(id, Conversation::at(at, offline));
        if is_met {
            offer(id, at, Found::Skip { from: 1 });
        }
        is_met
    }

    fn add(&mut self, id: &Arc<str>, conversation: Conversation) -> bool {
        if !self.has_room_for(id) {
            self.report(Report::TooManyConversations);
            return false;
        }
        self.name_bytes += id.len();
        let left_at = self.left.get(id).copied();
        self.conversations.insert(id.clone(), Conversation { left_at, ..conversation });
        true
    }

    fn forget(&mut self, id: &Arc<str>) {
        if self.conversations.remove(id).is_some() {
            self.name_bytes -= id.len();
        }
        self.turn.retain(|waiting| waiting != id);
    }

    /// Whether one more conversation with this name is kept.
    pub(super) fn has_room_for(&self, id: &str) -> bool {
        id.len() <= CONVERSATION_NAME_MAX
            && self.conversations.len() + self.early.len() < CONVERSATIONS_MAX
            && self.name_bytes + id.len() <= CONVERSATION_NAMES_BYTES
    }
}
