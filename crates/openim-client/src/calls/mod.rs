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

use base::{Error, Kind, Result, TypeScript};
use openim_core::conversation;
use serde::Deserialize;
use serde::de::IgnoredAny;

pub use self::blacks::AddBlack;
pub use self::conversations::{OneConversation, SetConversation};
pub use self::friends::{AddFriend, AnswerFriend, SetRemark, UpdateFriends};
pub use self::group_requests::AnswerGroup;
pub use crate::rest::users::UserChange;

pub use self::groups::{ChangeGroupMute, CreateGroup, SetGroupInfo, TransferGroup};
pub(crate) use self::history::NewestSeen;
pub use self::history::{HistoryPage, HistoryQuery, OfMessage};
pub use self::items::{
    BlackUserItem, ConversationItem, FriendApplicationItem, FriendUserItem, FriendshipInfo, GroupApplicationItem,
    GroupItem, GroupMemberItem, SelfUserInfo, UserOnlineState,
};
pub use self::members::{ChangeMemberMute, JoinGroup, MemberList, OperateGroup, SetMemberInfo, SomeMembers};
pub use self::presence::Presence;
pub use self::typing::{ChangeInput, InputOf, Typing};

use crate::Login;
use crate::requests::Requests;
use crate::rest::Api;
use crate::self_state::SelfState;
use crate::sender::Sender;

/// The calls of one account. They work while the account runs; those over the socket need its connection.
pub struct Calls {
    pub(crate) login: Login,
    pub(crate) api: Api,
    pub(crate) sender: Arc<Sender>,
    pub(crate) typing: Arc<Typing>,
    pub(crate) presence: Arc<Presence>,
    pub(crate) own: Arc<SelfState>,
    pub(crate) newest_seen: NewestSeen,
}

/// For calls without arguments: whatever is passed is passed over, as the SDK does with its `operationID`.
#[derive(Deserialize)]
#[serde(from = "IgnoredAny")]
pub struct Nothing;

impl TypeScript for Nothing {
    fn expression() -> String {
        String::new()
    }
}

impl From<IgnoredAny> for Nothing {
    fn from(_: IgnoredAny) -> Self {
        Self
    }
}

/// A part of a list.
#[derive(Clone, Copy, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct Offset {
    /// How many items of the list to skip.
    pub offset: u32,
    /// How many items to return, 1 to 1,000.
    pub count: u32,
}

/// Whom a conversation is with.
#[derive(Debug, PartialEq)]
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

    pub(crate) fn with(&self, conversation_id: &str) -> Result<With> {
        other_side(self.me(), conversation_id).ok_or_else(|| {
            let text = "conversationID names no conversation of this user: si_<a>_<b>, sg_<group> or sn_<a>_<b>";
            Error::new(Kind::Config, text)
        })
    }
}

/// Ids cannot be taken apart, but one's own half is known.
fn other_side(me: &str, conversation_id: &str) -> Option<With> {
    let (kind, rest) = conversation_id.split_at_checked(3)?;
    let before = rest.strip_suffix(me).and_then(|rest| rest.strip_suffix('_'));
    let after = rest.strip_prefix(me).and_then(|rest| rest.strip_prefix('_'));
    let peer = |id: fn(&str, &str) -> String| {
        let found =
            [before, after].into_iter().flatten().find(|peer| !peer.is_empty() && id(me, peer) == conversation_id);
        found.map(str::to_owned)
    };
    match kind {
        "sg_" if !rest.is_empty() => Some(With::Group(rest.to_owned())),
        "si_" => peer(conversation::single).map(With::User),
        "sn_" => peer(conversation::notification_account).map(With::NotificationAccount),
        _ => None,
    }
}

/// Nothing under this id.
pub(crate) fn unknown(what: &str) -> Error {
    Error::new(Kind::Config, format!("OpenIM knows no such {what}; check its id"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_other_side_is_found_whatever_its_id_is_made_of() {
        let user = |id: &str| Some(With::User(id.into()));
        assert_eq!(other_side("bot_7", "si_alice_bot_7"), user("alice"));
        assert_eq!(other_side("bot_7", "si_bot_7_zoe"), user("zoe"));
        assert_eq!(other_side("a", "si_a_a"), user("a"), "a chat with oneself");
        assert_eq!(other_side("a", "si_a_a_a"), user("a_a"));
        assert_eq!(other_side("bot_7", "sn_bot_7_news"), Some(With::NotificationAccount("news".into())));
        assert_eq!(other_side("bot_7", "sg_g_1"), Some(With::Group("g_1".into())));
        for odd in ["", "si_", "sg_", "si_alice_bob", "si_zoe_bot_7", "n_alice_bot_7", "si_bot_7", "si_\u{1f600}", "x"]
        {
            assert_eq!(other_side("bot_7", odd), None, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn what_two_make_together_each_of_them_reads(a in "[a-c_]{1,6}", b in "[a-c_]{1,6}") {
            let id = conversation::single(&a, &b);
            let found = other_side(&a, &id);
            // Ids of underscores may be told apart in two ways; then either makes the same conversation.
            let Some(With::User(found)) = found else { panic!("{id} is nobody's") };
            prop_assert_eq!(conversation::single(&a, &found), id);
        }
    }
}
