//! The calls of the JS SDK, one line each: form of the result, method, name in JavaScript, argument and result. The methods,
//! their types in `index.d.ts` and the sentence that refuses a wrong argument come from these lines.

#[cfg(test)]
use base::TypeScript;
#[cfg(test)]
use base::typescript::{Interfaces, doc_comment};
use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use openim_client::calls::*;

use super::Entry;
use crate::answer::{history, json};
use crate::client::OpenImClient;
use crate::outcome::Promised;

/// The type of a page of history as `js/unpack.js` makes it.
#[cfg(test)]
struct AdvancedGetMessageResult;

#[cfg(test)]
impl TypeScript for AdvancedGetMessageResult {
    fn expression() -> String {
        "AdvancedGetMessageResult".to_owned()
    }
}

/// A call as `index.d.ts` declares it.
#[cfg(test)]
fn declaration<P: TypeScript, R: TypeScript>(
    docs: &[&str],
    name: &str,
    argument: &str,
    interfaces: &mut Interfaces,
) -> String {
    P::collect(interfaces);
    R::collect(interfaces);
    let argument = if argument.is_empty() { String::new() } else { format!("{argument}: {}", P::expression()) };
    let docs: Vec<_> = docs.iter().map(|line| line.trim()).collect();
    format!("{}  {name}({argument}): Promise<{}>\n", doc_comment(&docs.join("\n"), "  "), R::expression())
}

/// Makes a method of each line, and `$declarations`, which declares them in TypeScript. `json` and `history` are the two
/// forms of a result. Calls that are `guarded` are refused unless the operator allows them.
macro_rules! calls {
    ($declarations:ident, guarded: $guarded:tt; $(
        $(#[doc = $doc:tt])*
        $form:ident $method:ident = $name:tt($($argument:ident: $params:ty)?) -> $result:ty;
    )*) => {
        #[napi]
        impl OpenImClient {$(
            $(#[doc = $doc])*
            #[napi(js_name = $name, catch_unwind, skip_typescript)]
            pub fn $method<'env>(&self, env: &'env Env, params: Unknown<'env>) -> Promised<'env> {
                type Params = calls!(@params $($params)?);
                let entry = Entry { op: $name, guarded: $guarded };
                self.core.call(env, entry, &params, |calls, params: Params| async move {
                    calls.$method(params).await.map(|result| calls!(@$form result, $result))
                })
            }
        )*}

        #[cfg(test)]
        fn $declarations(interfaces: &mut Interfaces) -> String {
            let mut text = String::new();
            $(text += &declaration::<calls!(@params $($params)?), $result>(
                &[$($doc),*], $name, calls!(@name $($argument)?), interfaces);)*
            text
        }
    };
    (@json $value:ident, $result:ty) => { json::<$result>(&$value) };
    (@history $value:ident, $result:ty) => { history(&$value) };
    (@params) => { Nothing };
    (@params $params:ty) => { $params };
    (@name) => { "" };
    (@name $argument:ident) => { stringify!($argument) };
}

calls! { declarations, guarded: false;
    /// Returns the account's own user, as the server has it now.
    json get_self_user_info = "getSelfUserInfo"() -> SelfUserInfo;

    /// Changes the account's own user. Members that are left out stay as they are.
    json set_self_info = "setSelfInfo"(info: UserChange) -> ();

    /// Returns users by their ids. Unknown ids are left out.
    json get_users_info = "getUsersInfo"(userIDs: Vec<String>) -> Vec<SelfUserInfo>;

    /// Returns which of these users are online, and from now on tells when that changes by `OnUserStatusChanged`. At most 3,000
    /// users.
    json subscribe_users_status = "subscribeUsersStatus"(userIDs: Vec<String>) -> Vec<UserOnlineState>;

    /// Ends the subscription of `subscribeUsersStatus` for these users.
    json unsubscribe_users_status = "unsubscribeUsersStatus"(userIDs: Vec<String>) -> ();

    /// Returns the online status of all subscribed users that has been received so far.
    json get_subscribe_users_status = "getSubscribeUsersStatus"() -> Vec<UserOnlineState>;

    /// Returns groups by their ids. Unknown ids are left out.
    json get_specified_groups_info = "getSpecifiedGroupsInfo"(groupIDs: Vec<String>) -> Vec<GroupItem>;

    /// Returns a part of the groups that the account is in.
    json get_joined_group_list_page = "getJoinedGroupListPage"(part: Offset) -> Vec<GroupItem>;

    /// Creates a group. The account owns it unless `ownerUserID` names another user.
    json create_group = "createGroup"(params: CreateGroup) -> GroupItem;

    /// Changes a group. Members that are left out stay as they are.
    json set_group_info = "setGroupInfo"(info: SetGroupInfo) -> ();

    /// Mutes or unmutes the whole group. The owner and admins can always write.
    json change_group_mute = "changeGroupMute"(params: ChangeGroupMute) -> ();

    /// Makes another member the owner of the group.
    json transfer_group_owner = "transferGroupOwner"(params: TransferGroup) -> ();

    /// Dismisses a group that the account owns.
    json dismiss_group = "dismissGroup"(groupID: String) -> ();

    /// Returns a part of a group's members. A `filter` keeps those of this part that match: 1 owner, 2 admins, 3 ordinary members,
    /// 4 admins and ordinary members, 5 owner and admins.
    json get_group_member_list = "getGroupMemberList"(params: MemberList) -> Vec<GroupMemberItem>;

    /// Returns members of a group by their user ids. Users who are not members are left out.
    json get_specified_group_members_info = "getSpecifiedGroupMembersInfo"(params: SomeMembers) -> Vec<GroupMemberItem>;

    /// Returns those of the user ids that are members of the group.
    json get_users_in_group = "getUsersInGroup"(params: SomeMembers) -> Vec<String>;

    /// Returns whether the account is a member of the group.
    json is_join_group = "isJoinGroup"(groupID: String) -> bool;

    /// Joins a group, or sends a join request if the group requires approval. `joinSource`: 2 invited, 3 found by searching
    /// (the default), 4 by QR code.
    json join_group = "joinGroup"(params: JoinGroup) -> ();

    /// Leaves a group.
    json quit_group = "quitGroup"(groupID: String) -> ();

    /// Adds users to a group.
    json invite_user_to_group = "inviteUserToGroup"(params: OperateGroup) -> ();

    /// Removes members from a group.
    json kick_group_member = "kickGroupMember"(params: OperateGroup) -> ();

    /// Mutes a member for `mutedSeconds`; 0 unmutes.
    json change_group_member_mute = "changeGroupMemberMute"(params: ChangeMemberMute) -> ();

    /// Changes a member of a group. `roleLevel`: 20 ordinary member, 60 admin. Members that are left out stay as they are.
    json set_group_member_info = "setGroupMemberInfo"(info: SetMemberInfo) -> ();

    /// Returns join requests for groups that the account owns or administers.
    json get_group_application_list_as_recipient = "getGroupApplicationListAsRecipient"(part: Offset) -> Vec<GroupApplicationItem>;

    /// Returns the account's own requests to join groups.
    json get_group_application_list_as_applicant = "getGroupApplicationListAsApplicant"(part: Offset) -> Vec<GroupApplicationItem>;

    /// Accepts a user's request to join the group.
    json accept_group_application = "acceptGroupApplication"(params: AnswerGroup) -> ();

    /// Rejects a user's request to join the group.
    json refuse_group_application = "refuseGroupApplication"(params: AnswerGroup) -> ();

    /// Returns a part of the conversations: pinned ones first, then by their newest message.
    json get_conversation_list_split = "getConversationListSplit"(part: Offset) -> Vec<ConversationItem>;

    /// Returns the conversation with a user (`sessionType` 1), in a group (3) or with a notification account (4), also one without
    /// messages.
    json get_one_conversation = "getOneConversation"(params: OneConversation) -> ConversationItem;

    /// Returns how many messages are unread in all conversations that are not muted.
    json get_total_unread_msg_count = "getTotalUnreadMsgCount"() -> i64;

    /// Marks everything in a conversation as read and tells the other side. Succeeds also when nothing is unread.
    json mark_conversation_message_as_read = "markConversationMessageAsRead"(conversationID: String) -> ();

    /// Changes the settings of a conversation. Members that are left out stay as they are.
    json set_conversation = "setConversation"(params: SetConversation) -> ();

    /// Tells the other side that the account is typing (at most every 10 s), or that it has stopped (if it was typing).
    json change_input_states = "changeInputStates"(params: ChangeInput) -> ();

    /// Returns the platforms that a user is typing on at the moment.
    json get_input_states = "getInputStates"(params: InputOf) -> Vec<i32>;

    /// Returns at most 500 messages before a message, oldest first; the newest ones where no message is named. With `startSeq`
    /// the message need not be searched for. Deleted and revoked messages and notifications are left out.
    history get_advanced_history_message_list = "getAdvancedHistoryMessageList"(query: HistoryQuery) -> AdvancedGetMessageResult;

    /// Returns at most 500 messages from a message on, oldest first, including that message; the oldest ones where no message is
    /// named.
    history get_advanced_history_message_list_reverse = "getAdvancedHistoryMessageListReverse"(query: HistoryQuery) -> AdvancedGetMessageResult;

    /// Revokes a message for everybody. Without its `seq` it is searched for among the newest 1,000.
    json revoke_message = "revokeMessage"(message: OfMessage) -> ();

    /// Deletes a message for this account only. Without its `seq` it is searched for among the newest 1,000.
    json delete_message = "deleteMessage"(message: OfMessage) -> ();

    /// Deletes all messages of a conversation for this account only. The conversation itself stays.
    json delete_conversation_and_delete_all_msg = "deleteConversationAndDeleteAllMsg"(conversationID: String) -> ();

    /// Deletes all messages of all conversations for this account only.
    json delete_all_msg_from_local_and_svr = "deleteAllMsgFromLocalAndSvr"() -> ();
}

calls! { guarded_declarations, guarded: true;
    /// Sends a request to become friends.
    json add_friend = "addFriend"(params: AddFriend) -> ();

    /// The same as `addFriend`.
    json add_friend_v2 = "addFriendV2"(params: AddFriend) -> ();

    /// The same as `addFriend`, under the name of older SDKs.
    json apply_friend = "applyFriend"(params: AddFriend) -> ();

    /// Accepts a request to become friends. `toUserID` is the user who asked.
    json accept_friend_application = "acceptFriendApplication"(params: AnswerFriend) -> ();

    /// Rejects a request to become friends. `toUserID` is the user who asked.
    json refuse_friend_application = "refuseFriendApplication"(params: AnswerFriend) -> ();

    /// Ends a friendship.
    json delete_friend = "deleteFriend"(userID: String) -> ();

    /// Returns for each user whether it is a friend: 1 or 0.
    json check_friend = "checkFriend"(userIDs: Vec<String>) -> Vec<FriendshipInfo>;

    /// Returns friends by their user ids. Users who are not friends are left out.
    json get_specified_friends_info = "getSpecifiedFriendsInfo"(userIDs: Vec<String>) -> Vec<FriendUserItem>;

    /// Returns a part of the friends.
    json get_friend_list_page = "getFriendListPage"(part: Offset) -> Vec<FriendUserItem>;

    /// Returns all friends, at most 10,000, for code that does not page.
    json get_friend_list = "getFriendList"() -> Vec<FriendUserItem>;

    /// Changes the entries of these friends. Members that are left out stay as they are.
    json update_friends = "updateFriends"(params: UpdateFriends) -> ();

    /// Gives a friend another name, as SDKs before `updateFriends` did.
    json set_friend_remark = "setFriendRemark"(params: SetRemark) -> ();

    /// Returns a part of the friend requests that the account received.
    json get_friend_application_list_as_recipient = "getFriendApplicationListAsRecipient"(part: Offset) -> Vec<FriendApplicationItem>;

    /// Returns a part of the friend requests that the account sent.
    json get_friend_application_list_as_applicant = "getFriendApplicationListAsApplicant"(part: Offset) -> Vec<FriendApplicationItem>;

    /// Returns the newest 1,000 friend requests that the account received, for code that does not page.
    json get_friend_application_list = "getFriendApplicationList"() -> Vec<FriendApplicationItem>;

    /// The same as `getFriendApplicationList`.
    json get_recv_friend_application_list = "getRecvFriendApplicationList"() -> Vec<FriendApplicationItem>;

    /// Returns the newest 1,000 friend requests that the account sent, for code that does not page.
    json get_send_friend_application_list = "getSendFriendApplicationList"() -> Vec<FriendApplicationItem>;

    /// Blocks a user: no messages from this user arrive any more.
    json add_black = "addBlack"(user: AddBlack) -> ();

    /// Unblocks a user.
    json remove_black = "removeBlack"(userID: String) -> ();

    /// Returns a part of the blocked users.
    json get_black_list = "getBlackList"(part: Offset) -> Vec<BlackUserItem>;
}

/// The calls as `index.d.ts` declares them: an interface that TypeScript merges with the class.
#[cfg(test)]
pub(crate) fn interface(interfaces: &mut Interfaces) -> String {
    let methods = declarations(interfaces) + &guarded_declarations(interfaces);
    format!("export interface OpenImClient {{\n{methods}}}\n")
}
