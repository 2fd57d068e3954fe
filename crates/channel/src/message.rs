//! A message in the channel's own terms, whatever the wire.

use std::sync::Arc;

use crate::Target;

/// What a wire says about where an event stands, and so how it is kept from getting lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// The server keeps it under this number: what was dropped is pulled again.
    Seq { seq: i64 },
    /// The wire waits for this tag to be settled and acknowledges in its own order.
    Wire(u64),
    /// Gone when dropped.
    None,
}

/// The kind of conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chat {
    Direct,
    Group,
    /// A service account that only speaks.
    Notice,
}

/// One received message. Everything but the ids of conversation and position was written by a stranger.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbound {
    pub position: Position,
    pub conversation: Arc<str>,
    /// The author's id of the message; with the conversation it tells repeats.
    pub id: String,
    pub server_id: String,
    pub chat: Chat,
    /// The wire's number for the kind of content.
    pub kind: i32,
    pub origin: i32,
    pub sender: Sender,
    pub recipient: String,
    pub group: String,
    /// What a person would read; empty where there is nothing to read.
    pub text: String,
    /// The content as it came.
    pub content: String,
    /// What the message holds besides `text`, as one JSON object of the wire's own; empty where `text` is all.
    pub parts: String,
    pub sent_at: i64,
    pub created_at: i64,
    pub status: i32,
    pub is_read: bool,
    pub mentions: Vec<String>,
    pub mentions_self: bool,
    pub attached: String,
    pub extra: String,
    /// Sent while this account was not connected.
    pub offline: bool,
}

impl Inbound {
    /// Roughly what handing it over costs.
    pub fn weight(&self) -> usize {
        self.text.len()
            + self.content.len()
            + self.parts.len()
            + self.attached.len()
            + self.extra.len()
            + self.sender.name.len()
            + 256
    }

    /// The number the server keeps it under, 0 where it keeps none.
    pub const fn seq(&self) -> i64 {
        match self.position {
            Position::Seq { seq } => seq,
            Position::Wire(_) | Position::None => 0,
        }
    }
}

/// Who wrote it. Only the id is vouched for by the server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sender {
    pub id: String,
    pub name: String,
    pub face: String,
    pub platform: i32,
}

/// One message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub target: Target,
    /// Minted once per message and kept over every retry.
    pub id: String,
    pub created_at: i64,
    pub body: Body,
    /// Wait until the message was seen in its conversation: an acknowledgement alone does not promise that it is stored.
    pub until_stored: bool,
    /// Only for those who are connected now; it is stored nowhere.
    pub ephemeral: bool,
    /// Who is mentioned.
    pub mentions: Vec<String>,
    /// What sleeping devices show; none for what the wire shows by itself.
    pub push: Option<Push>,
    /// The application's own words beside the message.
    pub extra: String,
}

impl Outgoing {
    pub fn new(target: Target, id: impl Into<String>, created_at: i64, body: Body) -> Self {
        Self {
            target,
            id: id.into(),
            created_at,
            body,
            until_stored: false,
            ephemeral: false,
            mentions: Vec::new(),
            push: None,
            extra: String::new(),
        }
    }
}

/// What a sleeping device shows of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Push {
    pub title: String,
    pub text: String,
    pub extra: String,
    pub sound: String,
    pub badge: bool,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Text(String),
    /// A kind of the wire's own with its content.
    Wire {
        kind: i32,
        content: String,
    },
}

/// The server took a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub id: String,
    pub server_id: String,
    pub sent_at: i64,
    pub conversation: String,
}
