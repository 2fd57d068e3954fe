//! Pages of history, read by sequence number. Every call reads on its own, so calls at the same time do not disturb each
//! other.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{Error, Kind, Result, TypeScript};
use channel::Inbound;
use openim_core::catchup::is_placeholder;
use openim_core::limits::PULL_PER_CONVERSATION;
use openim_core::message::kinds;
use openim_core::wire::pb::MsgData;
use serde::Deserialize;

use super::Calls;
use crate::inbound::{self, Class};
use crate::limits::{HISTORY_ITEMS_MAX, HISTORY_SLICES_MAX, SEARCH_SLICES_MAX};
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
    /// Its sequence number; 0 looks for the message among the newest 1,000.
    #[serde(default)]
    pub(super) seq: i64,
}

/// A part of a conversation, oldest first.
pub struct HistoryPage {
    /// There is nothing beyond it in the direction that was read.
    pub is_end: bool,
    pub messages: Vec<Arc<Inbound>>,
}

/// One slice of a conversation, what the server shows of it.
struct Slice {
    messages: BTreeMap<i64, MsgData>,
    /// The server shows the first place of the slice, even if only as an empty one.
    reaches_first: bool,
}

impl Calls {
    /// The messages before the start, it not included.
    pub async fn get_advanced_history_message_list(&self, query: HistoryQuery) -> Result<HistoryPage> {
        let requests = self.socket()?;
        let newest = requests.max_seq(&query.conversation_id).await?;
        let mut top = match self.start(&requests, &query, newest).await? {
            Some(seq) => seq - 1,
            None => newest,
        };
        let mut found = Vec::new();
        let mut is_end = top < 1;
        for _ in 0..HISTORY_SLICES_MAX {
            if is_end || found.len() >= query.count as usize {
                break;
            }
            let bottom = (top - PULL_PER_CONVERSATION as i64 + 1).max(1);
            let slice = self.slice(&requests, &query.conversation_id, bottom, top).await?;
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
        let requests = self.socket()?;
        let newest = requests.max_seq(&query.conversation_id).await?;
        let mut bottom = self.start(&requests, &query, newest).await?.unwrap_or(1);
        let mut found = Vec::new();
        let mut is_end = bottom > newest;
        for _ in 0..HISTORY_SLICES_MAX {
            if is_end || found.len() >= query.count as usize {
                break;
            }
            let top = (bottom + PULL_PER_CONVERSATION as i64 - 1).min(newest);
            let slice = self.slice(&requests, &query.conversation_id, bottom, top).await?;
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

    /// The sequence of a message: told by the caller, or looked for among the newest.
    pub(super) async fn seq_of(&self, message: &OfMessage) -> Result<i64> {
        self.with(&message.conversation_id)?;
        if message.seq > 0 {
            return Ok(message.seq);
        }
        let requests = self.socket()?;
        let newest = requests.max_seq(&message.conversation_id).await?;
        self.find(&requests, &message.conversation_id, &message.client_msg_id, newest).await
    }

    async fn start(&self, requests: &Requests, query: &HistoryQuery, newest: i64) -> Result<Option<i64>> {
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
        self.find(requests, &query.conversation_id, &query.start_client_msg_id, newest).await.map(Some)
    }

    async fn find(&self, requests: &Requests, conversation: &str, client_msg_id: &str, newest: i64) -> Result<i64> {
        let mut top = newest;
        for _ in 0..SEARCH_SLICES_MAX {
            if top < 1 {
                break;
            }
            let bottom = (top - PULL_PER_CONVERSATION as i64 + 1).max(1);
            let slice = self.slice(requests, conversation, bottom, top).await?;
            if let Some((seq, _)) = slice.messages.iter().find(|(_, message)| message.client_msg_id == client_msg_id) {
                return Ok(*seq);
            }
            if !slice.reaches_first {
                break;
            }
            top = bottom - 1;
        }
        let looked = SEARCH_SLICES_MAX as usize * PULL_PER_CONVERSATION;
        let text = format!(
            "no such message among the newest {looked} of conversation {conversation}; pass its seq if it is older"
        );
        Err(Error::new(Kind::Config, text))
    }

    async fn slice(&self, requests: &Requests, conversation: &str, bottom: i64, top: i64) -> Result<Slice> {
        let pulled = requests.pull_from(conversation, (bottom..=top).collect()).await?;
        let reaches_first = pulled.iter().any(|message| message.seq == bottom);
        let real = pulled.into_iter().filter(|message| !is_placeholder(message) && message.seq > 0);
        Ok(Slice { messages: real.map(|message| (message.seq, message)).collect(), reaches_first })
    }

    /// What people wrote, one's own words included; no notifications, nothing that was deleted or revoked.
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
