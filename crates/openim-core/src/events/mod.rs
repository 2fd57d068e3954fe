//! What a notification means for the account that gets it: events under the names and in the shapes of OpenIM's own JS
//! client. Pure.
//!
//! A notification is no proof. The server vouches for who sent it and for the conversation it came in, for nothing else:
//! a person can write one by hand. So what is told of a conversation counts only where it belongs to that conversation,
//! and a request or an answer only from the person who makes it. Before acting on the rest, ask the server.

mod friend;
mod group;
mod messages;
mod recent;
mod typing;

use serde_json::{Value, json};

pub use recent::RecentEvents;
pub use typing::Typists;

use crate::conversation;
use crate::limits::READABLE_MAX;
use crate::message::kinds;
use crate::message::notice::conversation::ConversationNotice;
use crate::message::notice::{self, Notice};
use crate::wire::pb::{MsgData, SubUserOnlineStatusElem};

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientEvent {
    /// The event's name in OpenIM's JS client.
    pub name: &'static str,
    /// The event's data, in the shape of that client.
    pub data: Value,
}

impl ClientEvent {
    pub(crate) const fn new(name: &'static str, data: Value) -> Self {
        Self { name, data }
    }
}

/// Why a notification is no event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ignored {
    /// Not what its type promises.
    Unreadable,
    /// It tells of something its sender has no say in.
    Misplaced,
}

/// Where a notification came from.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The account's own user.
    pub self_id: &'a str,
    /// The map key it came under.
    pub conversation: &'a str,
}

/// The events of one notification.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeEvents {
    /// Common to all copies of the notification.
    pub id: String,
    /// The events, in order. Some notifications do not concern the account and have none.
    pub events: Vec<ClientEvent>,
}

/// Reads a notification, or the copy of one inside a chat.
pub fn read(message: &MsgData, context: Context<'_>, recent: &mut RecentEvents) -> Result<NoticeEvents, Ignored> {
    let notice = notice::parse(message.content_type, &message.content);
    let id = group::common_id(&notice, message).unwrap_or_else(|| message.client_msg_id.clone());
    Ok(NoticeEvents { id, events: events(notice, message, context, recent)? })
}

fn events(
    notice: Notice,
    message: &MsgData,
    context: Context<'_>,
    recent: &mut RecentEvents,
) -> Result<Vec<ClientEvent>, Ignored> {
    match notice {
        Notice::Revoked(revoked) => messages::revoked(&revoked, message, context),
        Notice::Read(receipt) => messages::read(&receipt, message, context, recent),
        Notice::Group(notice) => group::read(&notice, message, context),
        Notice::Friend(notice) => friend::read(&notice, message, context, recent),
        Notice::Conversation(notice) => Ok(conversations(&notice)),
        Notice::Deleted(deleted) => Ok(vec![changed([deleted.conversation_id])]),
        Notice::UserStatus { user_id, status, platform_id } => {
            if user_id != message.send_id {
                return Err(Ignored::Misplaced);
            }
            let platforms = [platform_id];
            Ok(vec![status_event(&user_id, status != 0, if status == 0 { &[] } else { &platforms })])
        }
        Notice::User { content_type: 1303, user_id } if user_id == context.self_id => {
            Ok(vec![ClientEvent::new(SELF_INFO_UPDATED, json!({ "userID": user_id }))])
        }
        Notice::User { .. } => Ok(Vec::new()),
        Notice::Business(business) => {
            let data = json!({ "key": business.key, "data": business.data });
            Ok(vec![ClientEvent::new("OnRecvCustomBusinessMessage", data)])
        }
        // A message, not an event; outside of a notification account's chat it is neither.
        Notice::Oa(_) => Err(Ignored::Misplaced),
        Notice::Unknown { .. } => Ok(vec![unknown(message, context.conversation)]),
        Notice::Unreadable { .. } => Err(Ignored::Unreadable),
    }
}

/// The event that asks its reader to look at the own profile again.
pub const SELF_INFO_UPDATED: &str = "OnSelfInfoUpdated";

/// A kind this build does not know, as it came.
pub fn unknown(message: &MsgData, conversation: &str) -> ClientEvent {
    let head = &message.content[..message.content.len().min(READABLE_MAX)];
    ClientEvent::new(
        "OnRecvUnknownMessage",
        json!({
            "kind": "unknown",
            "conversationID": conversation,
            "clientMsgID": message.client_msg_id,
            "sendID": message.send_id,
            "groupID": message.group_id,
            "sessionType": message.session_type,
            "contentType": message.content_type,
            "content": String::from_utf8_lossy(head),
            "seq": message.seq,
            "sendTime": message.send_time,
        }),
    )
}

/// Somebody that was asked for came or went.
pub fn online_status(user: &SubUserOnlineStatusElem) -> ClientEvent {
    status_event(&user.user_id, !user.online_platform_ids.is_empty(), &user.online_platform_ids)
}

/// Somebody types on these platforms, or has stopped.
fn typing(conversation: &str, user_id: &str, platforms: &[i32]) -> ClientEvent {
    let data = json!({ "conversationID": conversation, "userID": user_id, "platformIDs": platforms });
    ClientEvent::new("OnConversationUserInputStatusChanged", data)
}

/// Whether a message is told as an event although it came in a chat: nobody has to read it as words.
pub const fn is_unknown_kind(content_type: i32) -> bool {
    !kinds::is_user_content(content_type) && !kinds::is_notification(content_type) && content_type != kinds::TYPING
}

fn status_event(user_id: &str, online: bool, platforms: &[i32]) -> ClientEvent {
    let data = json!({ "userID": user_id, "status": i32::from(online), "platformIDs": platforms });
    ClientEvent::new("OnUserStatusChanged", data)
}

fn conversations(notice: &ConversationNotice) -> Vec<ClientEvent> {
    match notice {
        ConversationNotice::Changed(told) | ConversationNotice::Cleared(told) | ConversationNotice::Deleted(told) => {
            vec![changed(told.ids.iter().cloned())]
        }
        ConversationNotice::PrivateChat(chat) => {
            let item = json!({ "conversationID": chat.conversation_id, "isPrivateChat": chat.is_private });
            vec![ClientEvent::new(CONVERSATION_CHANGED, json!([item]))]
        }
        ConversationNotice::Unread(unread) => vec![read_up_to(&unread.conversation_id, unread.has_read_seq)],
    }
}

const CONVERSATION_CHANGED: &str = "OnConversationChanged";

/// What changed is not told; the conversation has to be asked for.
fn changed(ids: impl IntoIterator<Item = String>) -> ClientEvent {
    let items: Vec<_> = ids.into_iter().map(|id| json!({ "conversationID": id })).collect();
    ClientEvent::new(CONVERSATION_CHANGED, items.into())
}

/// This user has read, on another device.
fn read_up_to(conversation: &str, seq: i64) -> ClientEvent {
    ClientEvent::new(CONVERSATION_CHANGED, json!([{ "conversationID": conversation, "hasReadSeq": seq }]))
}

/// Whether what a notification tells of `about` belongs to the conversation it came in: that chat itself, or the
/// notifications beside it.
fn belongs(about: &str, came_in: &str) -> bool {
    let plain = about.strip_prefix("si_").or_else(|| about.strip_prefix("sg_")).or_else(|| about.strip_prefix("sn_"));
    about == came_in
        || (conversation::is_notification(came_in)
            && plain.is_some_and(|plain| came_in.strip_prefix("n_") == Some(plain)))
}
