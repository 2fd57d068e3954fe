//! Messages in the channel's own terms, whatever the protocol.

use std::sync::Arc;

use crate::Target;

/// What a wire says about where an event stands, and so how it is kept from getting lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Position {
    /// The server keeps it under this number: what was dropped is pulled again.
    Seq {
        /// The number.
        seq: i64,
    },
    /// The wire waits for this tag to be settled and acknowledges in its own order.
    Wire(u64),
    /// It is gone when dropped.
    #[default]
    None,
}

/// The kind of conversation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Chat {
    /// Two people.
    #[default]
    Direct,
    /// A group.
    Group,
    /// A service account that only speaks.
    Notice,
}

/// One received message. Everything but the ids of conversation and position was written by a stranger.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inbound {
    /// Where the server keeps it.
    pub position: Position,
    /// The conversation it belongs to.
    pub conversation: Arc<str>,
    /// The author's id of the message; with the conversation it tells repeats.
    pub id: String,
    /// The server's id of the message.
    pub server_id: String,
    /// The kind of conversation.
    pub chat: Chat,
    /// The wire's number for the kind of content.
    pub kind: i32,
    /// The protocol's number for what made the message.
    pub origin: i32,
    /// Its author.
    pub sender: Sender,
    /// The user it was sent to, in a direct chat.
    pub recipient: String,
    /// The group it was sent to, in a group.
    pub group: String,
    /// What a person would read; empty where there is nothing to read.
    pub text: String,
    /// The content as it came.
    pub content: String,
    /// What the message holds besides `text`, as one JSON object of the wire's own; empty where `text` is all.
    pub parts: String,
    /// When the server took it, Unix milliseconds.
    pub sent_at: i64,
    /// When its author made it, Unix milliseconds.
    pub created_at: i64,
    /// The protocol's number for its state.
    pub status: i32,
    /// Whether it was read.
    pub is_read: bool,
    /// The ids of mentioned users.
    pub mentions: Vec<String>,
    /// Whether this account is mentioned.
    pub mentions_self: bool,
    /// What the protocol attaches to the message.
    pub attached: String,
    /// The application's own data beside the message.
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
    /// The id.
    pub id: String,
    /// The name shown.
    pub name: String,
    /// The address of the picture.
    pub face: String,
    /// The protocol's number for the platform.
    pub platform: i32,
}

/// One message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Who receives it.
    pub target: Target,
    /// Minted once per message and kept over every retry.
    pub id: String,
    /// When its author made it, Unix milliseconds.
    pub created_at: i64,
    /// The content.
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
    /// A message with nothing but its content.
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
    /// The first line.
    pub title: String,
    /// The text.
    pub text: String,
    /// The application's own data beside the message.
    pub extra: String,
    /// The sound to play.
    pub sound: String,
    /// Whether the count of unread messages goes up.
    pub badge: bool,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A plain text.
    Text(String),
    /// A kind of the wire's own with its content.
    Wire {
        /// The number of the kind.
        kind: i32,
        /// The content as the protocol writes it.
        content: String,
    },
}

/// The server took a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The id.
    pub id: String,
    /// The server's id of the message.
    pub server_id: String,
    /// When the server took it, Unix milliseconds.
    pub sent_at: i64,
    /// The conversation it went to.
    pub conversation: String,
}
