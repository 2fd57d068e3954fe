//! What a client can ask of OpenIM, by the names of its JS SDK: one method per call, arguments and results in the SDK's
//! shapes. Each belongs to one part; none keeps a cache of what the server knows better.

mod blacks;
mod conversations;
mod friends;
mod group_requests;
mod groups;
mod history;
mod items;
mod members;
mod messages;
mod presence;
mod typing;
mod users;

use std::sync::Arc;

use base::{Error, Kind, Result};
use openim_core::conversation;
use serde::Deserialize;
use serde::de::IgnoredAny;

pub use self::blacks::AddBlack;
pub use self::conversations::{OneConversation, SetConversation};
pub use self::friends::{AddFriend, AnswerFriend, SetRemark, UpdateFriends};
pub use self::group_requests::AnswerGroup;
pub use self::groups::{ChangeGroupMute, CreateGroup, SetGroupInfo, TransferGroup};
pub use self::history::{History, HistoryQuery, OfMessage};
pub use self::items::{
    BlackUserItem, ConversationItem, FriendApplicationItem, FriendUserItem, FriendshipInfo, GroupApplicationItem,
    GroupItem, GroupMemberItem, SelfUserInfo, UserOnlineState,
};
pub use self::members::{ChangeMemberMute, JoinGroup, MemberList, OperateGroup, SetMemberInfo, SomeMembers};
pub use self::presence::Presence;
pub use self::typing::{ChangeInput, InputOf, Typing};

use crate::Login;
use crate::mine::Mine;
use crate::requests::Requests;
use crate::rest::Api;
use crate::sender::Sender;

/// The calls of one account. They work while the account runs; those over the socket need its connection.
pub struct Calls {
    pub(crate) login: Login,
    pub(crate) api: Api,
    pub(crate) sender: Arc<Sender>,
    pub(crate) typing: Arc<Typing>,
    pub(crate) presence: Arc<Presence>,
    pub(crate) mine: Arc<Mine>,
}

/// For calls without arguments: whatever is passed is passed over, as the SDK does with its `operationID`.
#[derive(Deserialize)]
#[serde(from = "IgnoredAny")]
pub struct Nothing;

impl From<IgnoredAny> for Nothing {
    fn from(_: IgnoredAny) -> Self {
        Self
    }
}

/// A part of a list.
#[derive(Deserialize, Clone, Copy)]
pub struct Offset {
    pub offset: u32,
    pub count: u32,
}

/// Whom a conversation is with.
pub(crate) enum With {
    User(String),
    Group(String),
    NotificationAccount(String),
}

impl Calls {
    /// The REST API underneath.
    pub fn api(&self) -> &Api {
        &self.api
    }

    pub(crate) fn me(&self) -> &str {
        &self.login.user_id
    }

    /// The connection that stands, for what REST does not know.
    fn socket(&self) -> Result<Requests> {
        self.sender.live().ok_or_else(|| {
            let text = format!("multi-openim account \"{}\" is not connected", self.api.account());
            Error::new(Kind::Offline, text).account(self.api.account().clone())
        })
    }

    /// Ids cannot be taken apart, but one's own half is known.
    pub(crate) fn with(&self, conversation_id: &str) -> Result<With> {
        let me = self.me();
        let peer = |rest: &str| {
            let first = rest.strip_suffix(me).and_then(|rest| rest.strip_suffix('_'));
            let second = rest.strip_prefix(me).and_then(|rest| rest.strip_prefix('_'));
            [first, second].into_iter().flatten().map(str::to_owned).collect::<Vec<_>>()
        };
        let found = match conversation_id.split_at_checked(3) {
            Some(("sg_", group)) if !group.is_empty() => Some(With::Group(group.to_owned())),
            Some(("si_", rest)) => {
                peer(rest).into_iter().find(|p| conversation::single(me, p) == conversation_id).map(With::User)
            }
            Some(("sn_", rest)) => {
                let is_it = |p: &String| conversation::notification_account(me, p) == conversation_id;
                peer(rest).into_iter().find(is_it).map(With::NotificationAccount)
            }
            _ => None,
        };
        found.ok_or_else(|| {
            Error::new(
                Kind::Config,
                "conversationID names no conversation of this user: si_<a>_<b>, sg_<group> or sn_<a>_<b>",
            )
        })
    }
}

/// Nothing under this id.
pub(crate) fn unknown(what: &str) -> Error {
    Error::new(Kind::Config, format!("OpenIM knows no such {what}; check its id"))
}
