//! From the channel's outgoing message to a `MsgData`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base::{Error, Kind, RandomSource, Result};
use channel::{Body, Outgoing, Push, Target};
use openim_core::conversation;
use openim_core::limits::{CONTENT_MAX, ID_MAX};
use openim_core::message::{kinds, options, text};
use openim_core::wire::pb::{MsgData, OfflinePushInfo};

use crate::Login;
use crate::self_state::Profile;

/// A new `clientMsgID`: 32 hex digits, kept over every retry of its message.
pub fn new_message_id(random: &dyn RandomSource) -> String {
    let mut id = String::with_capacity(32);
    for _ in 0..2 {
        // Writing into a string cannot fail.
        let _ = write!(id, "{:016x}", random.bits());
    }
    id
}

/// The conversation a message to `target` belongs to.
pub(crate) fn conversation_of(target: &Target, self_id: &str) -> String {
    match target {
        Target::User(id) => conversation::single(self_id, id),
        Target::Group(id) => conversation::group(id),
    }
}

pub(crate) fn encode(login: &Login, profile: &Profile, outgoing: &Outgoing) -> Result<MsgData> {
    let (content_type, content) = match &outgoing.body {
        Body::Text(words) => (kinds::TEXT, text::encode(words)),
        Body::Wire { kind, content } => (*kind, content.clone().into_bytes()),
    };
    check(outgoing, content.len())?;
    let (recv_id, group_id, session_type) = match &outgoing.target {
        Target::User(id) => (id.clone(), String::new(), conversation::SINGLE),
        Target::Group(id) => (String::new(), id.clone(), conversation::GROUP),
    };
    Ok(MsgData {
        send_id: login.user_id.clone(),
        recv_id,
        group_id,
        client_msg_id: outgoing.id.clone(),
        sender_platform_id: login.platform_id,
        sender_nickname: profile.nickname.clone(),
        sender_face_url: profile.face_url.clone(),
        session_type,
        msg_from: kinds::FROM_USER,
        content_type,
        content,
        create_time: outgoing.created_at,
        status: kinds::STATUS_SENDING,
        options: if outgoing.ephemeral { options::ephemeral() } else { BTreeMap::new() },
        offline_push_info: Some(push_info(outgoing.push.as_ref())),
        at_user_id_list: outgoing.mentions.clone(),
        ex: outgoing.extra.clone(),
        ..MsgData::default()
    })
}

fn push_info(push: Option<&Push>) -> OfflinePushInfo {
    let usual = || Push { title: "New message".into(), text: "New message".into(), badge: true, ..Push::default() };
    let Push { title, text, extra, sound, badge } = push.cloned().unwrap_or_else(usual);
    OfflinePushInfo {
        title,
        desc: text,
        ex: extra,
        i_os_push_sound: sound,
        i_os_badge_count: badge,
        ..OfflinePushInfo::default()
    }
}

fn check(outgoing: &Outgoing, content: usize) -> Result<()> {
    if content == 0 || matches!(&outgoing.body, Body::Text(words) if words.is_empty()) {
        return Err(Error::new(Kind::Config, "an empty message cannot be sent; give it some text").op("send"));
    }
    if content > CONTENT_MAX {
        return Err(Error::new(
            Kind::TooLarge,
            format!("the message has {content} bytes and the server takes {CONTENT_MAX}; split it"),
        )
        .op("send"));
    }
    if outgoing.target.id().len() > ID_MAX {
        return Err(Error::new(Kind::Target, format!("an id has at most {ID_MAX} bytes; check the target")).op("send"));
    }
    Ok(())
}
