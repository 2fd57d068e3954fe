//! Pages of history, read by sequence number. Every call reads on its own, so calls at the same time do not disturb each
//! other.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{Error, Kind, Result, TypeScript};
use channel::Inbound;
use lru::LruCache;
use openim_core::catchup::is_placeholder;
use openim_core::limits::PULL_PER_CONVERSATION;
use openim_core::message::kinds;
use openim_core::wire::pb::MsgData;
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::time::{Instant, sleep, sleep_until};

use super::Calls;
use crate::inbound::{self, Class};
use crate::limits::{
    HISTORIES_REMEMBERED, HISTORY_ITEMS_MAX, HISTORY_SLICES_MAX, LOOK_PAUSE, READABLE_AFTER, SEARCH_SLICES_MAX,
    STORED_SOON,
};
use crate::requests::Requests;

/// Where to begin and how many messages to read.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct HistoryQuery {
    /// The conversation's id: `si_<a>_<b>`, `sg_<group>` or `sn_<a>_<b>`.
    #[serde(rename = "conversationID")]
    conversation_id: String,
    /// The message to begin at. When empty, reading begins at the newest message, or at the oldest when read in reverse.
    #[serde(rename = "startClientMsgID", default)]
    start_client_msg_id: String,
    /// The sequence number of that message; 0 looks for the message by its id.
    #[serde(default)]
    start_seq: i64,
    /// How many messages to return, 1 to 500.
    count: u32,
}

/// A message of a conversation.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct OfMessage {
    /// The conversation's id: `si_<a>_<b>`, `sg_<group>` or `sn_<a>_<b>`.
    #[serde(rename = "conversationID")]
    pub(super) conversation_id: String,
    /// The id that the sender gave the message.
    #[serde(rename = "clientMsgID")]
    pub(super) client_msg_id: String,
    /// Its sequence number; 0 looks for the message among the newest 1,000. Must belong to the message with this id.
    #[serde(default)]
    pub(super) seq: i64,
}

/// A part of a conversation, oldest first.
pub struct HistoryPage {
    /// There is nothing beyond it in the direction that was read.
    pub is_end: bool,
    pub messages: Vec<Arc<Inbound>>,
}

/// One slice of a conversation, as far as the server shows it.
struct Slice {
    messages: BTreeMap<i64, MsgData>,
    /// The server shows the first place of the slice, even if only as an empty one.
    reaches_first: bool,
}

/// One reading of a conversation: the connection, and the newest sequence number with the time at which it was first seen.
struct Reading<'a> {
    requests: Requests,
    conversation: &'a str,
    newest: i64,
    seen_at: Instant,
}

/// The newest sequence number of the conversations that were read last, and when each was first seen.
pub(crate) struct NewestSeen(Mutex<LruCache<String, (i64, Instant)>>);

impl Default for NewestSeen {
    fn default() -> Self {
        // A cache that knows its bound allocates all of its table at once, for every account.
        Self(Mutex::new(LruCache::unbounded()))
    }
}

impl NewestSeen {
    /// When this sequence number was first seen as the newest of a conversation.
    fn since(&self, conversation: &str, newest: i64) -> Instant {
        let mut seen = self.0.lock();
        let now = Instant::now();
        if let Some((_, at)) = seen.get(conversation).filter(|(known, _)| *known == newest) {
            return *at;
        }
        seen.put(conversation.to_owned(), (newest, now));
        if seen.len() > HISTORIES_REMEMBERED {
            seen.pop_lru();
        }
        now
    }
}

impl Reading<'_> {
    /// The messages from `bottom` to `top`. The server counts a message before it can be read, and would remember the newest
    /// place as empty if it were asked for at once.
    async fn slice(&self, bottom: i64, top: i64) -> Result<Slice> {
        if top >= self.newest {
            sleep_until(self.seen_at + READABLE_AFTER).await;
        }
        let pulled = self.requests.pull_from(self.conversation, (bottom..=top).collect()).await?;
        let reaches_first = pulled.iter().any(|message| message.seq == bottom);
        let real = pulled.into_iter().filter(|message| !is_placeholder(message) && message.seq > 0);
        Ok(Slice { messages: real.map(|message| (message.seq, message)).collect(), reaches_first })
    }

    /// The sequence number of a message among the newest.
    async fn find(&self, client_msg_id: &str) -> Result<Option<i64>> {
        let mut top = self.newest;
        for _ in 0..SEARCH_SLICES_MAX {
            if top < 1 {
                break;
            }
            let bottom = (top - PULL_PER_CONVERSATION as i64 + 1).max(1);
            let slice = self.slice(bottom, top).await?;
            if let Some((seq, _)) = slice.messages.iter().find(|(_, message)| message.client_msg_id == client_msg_id) {
                return Ok(Some(*seq));
            }
            if !slice.reaches_first {
                break;
            }
            top = bottom - 1;
        }
        Ok(None)
    }
}

impl Calls {
    /// The messages before the start, it not included.
    pub async fn get_advanced_history_message_list(&self, query: HistoryQuery) -> Result<HistoryPage> {
        let reading = self.reading(&query.conversation_id).await?;
        let mut top = match self.start(&reading, &query).await? {
            Some(seq) => seq - 1,
            None => reading.newest,
        };
        let mut found = Vec::new();
        let mut is_end = top < 1;
        for _ in 0..HISTORY_SLICES_MAX {
            if is_end || found.len() >= query.count as usize {
                break;
            }
            let bottom = (top - PULL_PER_CONVERSATION as i64 + 1).max(1);
            let slice = reading.slice(bottom, top).await?;
            is_end = bottom == 1 || !slice.reaches_first;
            let room = query.count as usize - found.len();
            let mut shown: Vec<_> = self.shown(&query.conversation_id, slice.messages).rev().collect();
            if shown.len() > room {
                shown.truncate(room);
                is_end = false;
            }
            found.extend(shown);
            top = bottom - 1;
        }
        found.reverse();
        Ok(HistoryPage { is_end, messages: found })
    }

    /// The messages from the start on, it included.
    pub async fn get_advanced_history_message_list_reverse(&self, query: HistoryQuery) -> Result<HistoryPage> {
        let reading = self.reading(&query.conversation_id).await?;
        let newest = reading.newest;
        let mut bottom = self.start(&reading, &query).await?.unwrap_or(1);
        let mut found = Vec::new();
        let mut is_end = bottom > newest;
        for _ in 0..HISTORY_SLICES_MAX {
            if is_end || found.len() >= query.count as usize {
                break;
            }
            let top = (bottom + PULL_PER_CONVERSATION as i64 - 1).min(newest);
            let slice = reading.slice(bottom, top).await?;
            is_end = top == newest;
            let room = query.count as usize - found.len();
            let mut shown: Vec<_> = self.shown(&query.conversation_id, slice.messages).collect();
            if shown.len() > room {
                shown.truncate(room);
                is_end = false;
            }
            found.extend(shown);
            bottom = top + 1;
        }
        Ok(HistoryPage { is_end, messages: found })
    }

    /// The sequence number of a message: the caller's, or that of the message with its id among the newest.
    pub(super) async fn seq_of(&self, message: &OfMessage) -> Result<i64> {
        self.with(&message.conversation_id)?;
        if message.seq <= 0 {
            return self.find(&message.conversation_id, &message.client_msg_id).await;
        }
        // Without a connection the server decides alone.
        if !message.client_msg_id.is_empty()
            && let Ok(requests) = self.socket()
        {
            check_place(&requests, message).await?;
        }
        Ok(message.seq)
    }

    async fn reading<'a>(&self, conversation: &'a str) -> Result<Reading<'a>> {
        let requests = self.socket()?;
        let newest = requests.max_seq(conversation).await?;
        let seen_at = self.newest_seen.since(conversation, newest);
        Ok(Reading { requests, conversation, newest, seen_at })
    }

    async fn start(&self, reading: &Reading<'_>, query: &HistoryQuery) -> Result<Option<i64>> {
        self.with(&query.conversation_id)?;
        if query.count == 0 || query.count > HISTORY_ITEMS_MAX {
            let text = format!("count is the number of messages wanted, 1 to {HISTORY_ITEMS_MAX}");
            return Err(Error::new(Kind::Config, text));
        }
        if query.start_client_msg_id.is_empty() && query.start_seq <= 0 {
            return Ok(None);
        }
        if query.start_seq > 0 {
            return Ok(Some(query.start_seq));
        }
        let found = reading.find(&query.start_client_msg_id).await?;
        found.map(Some).ok_or_else(|| not_found(&query.conversation_id))
    }

    /// Looks for a message by its id. The server stores a message after it has acknowledged it, so a message that was sent
    /// just now is looked for again.
    async fn find(&self, conversation: &str, client_msg_id: &str) -> Result<i64> {
        let began = Instant::now();
        loop {
            let reading = self.reading(conversation).await?;
            if let Some(seq) = reading.find(client_msg_id).await? {
                return Ok(seq);
            }
            if began.elapsed() > STORED_SOON || !self.own.was_just_sent(client_msg_id) {
                return Err(not_found(conversation));
            }
            sleep(LOOK_PAUSE).await;
        }
    }

    /// The messages that people wrote, the account's own included. Notifications, deleted and revoked messages are left out.
    fn shown(
        &self,
        conversation: &str,
        messages: BTreeMap<i64, MsgData>,
    ) -> impl DoubleEndedIterator<Item = Arc<Inbound>> + use<> {
        let (conversation, me): (Arc<str>, String) = (conversation.into(), self.me().to_owned());
        let (at, self_id) = (conversation.clone(), me.clone());
        let written = messages.into_values().filter(move |message| match inbound::class(&at, message, &self_id) {
            Class::Message => true,
            Class::Own => message.content_type != kinds::TYPING,
            _ => false,
        });
        written.map(move |message| Arc::new(inbound::shape(&conversation, message, &me)))
    }
}

/// Refuses a sequence number that belongs to another message. A place that is empty is left to the server.
async fn check_place(requests: &Requests, message: &OfMessage) -> Result<()> {
    let pulled = requests.pull_from(&message.conversation_id, vec![message.seq]).await?;
    let mut found = pulled.iter().filter(|found| found.seq == message.seq && !found.client_msg_id.is_empty());
    if found.any(|found| found.client_msg_id != message.client_msg_id) {
        let text = format!(
            "seq {} of conversation {} is another message than clientMsgID says; pass the right one, or 0",
            message.seq, message.conversation_id
        );
        return Err(Error::new(Kind::Config, text));
    }
    Ok(())
}

fn not_found(conversation: &str) -> Error {
    let newest = SEARCH_SLICES_MAX as usize * PULL_PER_CONVERSATION;
    let text = format!(
        "no such message among the newest {newest} of conversation {conversation}; pass its seq if it is older"
    );
    Error::new(Kind::Config, text)
}
