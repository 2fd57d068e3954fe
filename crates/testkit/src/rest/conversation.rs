//! `/conversation`: a user's settings of conversations.

use openim_core::conversation::{self, SINGLE};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::call::{Call, bounded};
use super::page::{KnownVersion, full_ids, incremental};
use crate::http::api::{Body, Reply, some};
use crate::model::notices::Notice;
use crate::model::versions::Change;
use crate::records::Conversation;
use crate::refusal::Refusal;

/// A conversation's settings changed: the user's other devices are told.
const CHANGED: i32 = 1300;
/// The messages of a direct chat burn after reading, or no longer.
const PRIVATE_CHAT: i32 = 1701;
/// `recvMsgOpt`: messages come, notifications do not.
const NOT_NOTIFY: i32 = 2;
/// What `set_conversations` may change; the other members only say which conversation is meant.
const SETTABLE: [&str; 9] = [
    "recvMsgOpt",
    "isPinned",
    "attachedInfo",
    "isPrivateChat",
    "groupAtType",
    "ex",
    "burnDuration",
    "msgDestructTime",
    "isMsgDestruct",
];

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/conversation/get_incremental_conversations" => call.with(body, get_incremental_conversations),
        "/conversation/get_full_conversation_ids" => call.with(body, get_full_conversation_ids),
        "/conversation/get_not_notify_conversation_ids" => call.with(body, get_not_notify_conversation_ids),
        "/conversation/set_conversations" => call.with(body, set_conversations),
        "/conversation/delete_conversations" => call.with(body, delete_conversations),
        _ => return None,
    })
}

fn get_incremental_conversations(call: &mut Call<'_>, params: &KnownVersion) -> Reply {
    call.speaks_for(&params.id)?;
    let versions = call.model.conversations.versions_mut(&params.id).clone();
    let show = |id: &String| {
        let own = call.model.conversations.get(&params.id, id)?;
        serde_json::to_value(&own.settings).ok()
    };
    some(incremental(&versions, &params.since(&versions), show))
}

fn get_full_conversation_ids(call: &mut Call<'_>, params: &KnownVersion) -> Reply {
    call.speaks_for(&params.id)?;
    let versions = call.model.conversations.versions_mut(&params.id).clone();
    let ids = call.model.conversations.of(&params.id).map(|(id, _)| id.clone()).collect();
    some(full_ids(&versions, "conversationIDs", ids))
}

fn get_not_notify_conversation_ids(call: &mut Call<'_>, params: &KnownVersion) -> Reply {
    call.speaks_for(&params.id)?;
    let all = call.model.conversations.of(&params.id);
    let ids: Vec<_> = all.filter(|(_, own)| own.settings.recv_msg_opt == NOT_NOTIFY).map(|(id, _)| id).collect();
    some(json!({ "conversationIDs": ids }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Set {
    #[serde(rename = "userIDs")]
    user_ids: Vec<String>,
    conversation: Map<String, Value>,
}

fn set_conversations(call: &mut Call<'_>, params: &Set) -> Reply {
    bounded(&params.user_ids)?;
    let wanted: Conversation = parse(params.conversation.clone())?;
    if wanted.conversation_id.is_empty() {
        return Err(Refusal::args("conversationID is empty"));
    }
    for user_id in &params.user_ids {
        call.speaks_for(user_id)?;
        call.known_user(user_id)?;
        check_theirs(call, user_id, &wanted)?;
    }
    for user_id in &params.user_ids {
        call.model.conversations.open(Conversation {
            owner_user_id: user_id.clone(),
            conversation_id: wanted.conversation_id.clone(),
            conversation_type: wanted.conversation_type,
            user_id: wanted.user_id.clone(),
            group_id: wanted.group_id.clone(),
            ..Conversation::default()
        });
        let Some(own) = call.model.conversations.get_mut(user_id, &wanted.conversation_id) else { continue };
        let Ok(Value::Object(mut settings)) = serde_json::to_value(&own.settings) else { continue };
        let changed = params.conversation.iter().filter(|(name, _)| SETTABLE.contains(&name.as_str()));
        settings.extend(changed.map(|(name, value)| (name.clone(), value.clone())));
        // Settings bring a deleted conversation back.
        own.is_gone = false;
        let was_private = own.settings.is_private_chat;
        own.settings = parse(settings)?;
        let is_private = own.settings.is_private_chat;
        if wanted.conversation_type == SINGLE && is_private != was_private {
            notify_private(call, user_id, &wanted, is_private);
        }
        call.model.conversations.versions_mut(user_id).note(&wanted.conversation_id, Change::Update);
        let detail = json!({ "userID": user_id, "conversationIDList": [wanted.conversation_id] });
        let notice = Notice::new(CHANGED, detail);
        call.model.notify_user(user_id, user_id, &notice, call.operation_id);
    }
    Ok(None)
}

/// Tells both users that their messages burn from now on, or no longer.
fn notify_private(call: &mut Call<'_>, user_id: &str, wanted: &Conversation, is_private: bool) {
    let detail = json!({
        "recvID": wanted.user_id, "sendID": user_id, "isPrivate": is_private,
        "conversationID": wanted.conversation_id,
    });
    let notice = Notice::new(PRIVATE_CHAT, detail).in_chat(true);
    call.model.notify_user(user_id, &wanted.user_id, &notice, call.operation_id);
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Delete {
    #[serde(rename = "ownerUserID")]
    owner: String,
    #[serde(rename = "conversationIDs")]
    conversation_ids: Vec<String>,
}

/// Takes conversations out of the owner's lists for good: new messages are pushed, but only settings bring them back.
fn delete_conversations(call: &mut Call<'_>, params: &Delete) -> Reply {
    let owner = if params.owner.is_empty() { call.me() } else { params.owner.clone() };
    call.speaks_for(&owner)?;
    bounded(&params.conversation_ids)?;
    for id in &params.conversation_ids {
        if !call.model.conversations.delete(&owner, id) {
            return Err(Refusal::not_found("the conversation is not the user's"));
        }
    }
    Ok(None)
}

/// A conversation may be set up before its first message, but only one of the user's own: having it opens it for reading.
fn check_theirs(call: &Call<'_>, user_id: &str, wanted: &Conversation) -> Result<(), Refusal> {
    let id = &wanted.conversation_id;
    let own = *id == conversation::single(user_id, &wanted.user_id)
        || *id == conversation::notification_account(user_id, &wanted.user_id)
        || (*id == conversation::group(&wanted.group_id) && call.model.groups.is_member(&wanted.group_id, user_id));
    if own || call.model.conversations.get(user_id, id).is_some() {
        return Ok(());
    }
    Err(Refusal::no_permission("the conversation is not the user's"))
}

fn parse(object: Map<String, Value>) -> Result<Conversation, Refusal> {
    serde_json::from_value(object.into()).map_err(|error| Refusal::args(error.to_string()))
}
