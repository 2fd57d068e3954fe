//! The table of the calls: name, argument, result. The names are the JS SDK's, and so are the shapes.

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;

use super::Entry;
use super::answer::{history, json};
use crate::client::OpenImClient;
use crate::outcome::Promised;

/// Makes a method of each line. `json` and `history` are the two forms of a result; the guard refuses what is `guarded`.
/// The sentences stand as attributes: a `///` comment reaches the types through a macro with its quotes.
macro_rules! calls {
    (guarded: $guarded:tt; $($(#[$doc:meta])* $form:ident $name:ident = $op:tt ($argument:tt) -> $result:tt;)*) => {
        #[napi]
        impl OpenImClient {$(
            $(#[$doc])*
            #[napi(catch_unwind, ts_args_type = $argument, ts_return_type = $result)]
            pub fn $name<'env>(&self, env: &'env Env, params: Unknown<'env>) -> Promised<'env> {
                let entry = Entry { op: $op, argument: $argument, guarded: $guarded };
                self.core.call(env, entry, &params, |calls, params| async move {
                    calls.$name(params).await.map(|result| $form(&result))
                })
            }
        )*}
    };
}

calls! { guarded: false;
    #[doc = "The own user, as the server has it now."]
    json get_self_user_info = "getSelfUserInfo"("") -> "Promise<SelfUserInfo>";

    #[doc = "Changes the members that are given."]
    json set_self_info = "setSelfInfo"("info: { nickname?: string, faceURL?: string, ex?: string, globalRecvMsgOpt?: number }") -> "Promise<void>";

    #[doc = "Users by their ids; who is unknown is left out."]
    json get_users_info = "getUsersInfo"("userIDs: string[]") -> "Promise<SelfUserInfo[]>";

    #[doc = "Who of them is online, and from now on an event when that changes. At most 3,000 users."]
    json subscribe_users_status = "subscribeUsersStatus"("userIDs: string[]") -> "Promise<UserOnlineState[]>";

    #[doc = "Ends what `subscribeUsersStatus` began."]
    json unsubscribe_users_status = "unsubscribeUsersStatus"("userIDs: string[]") -> "Promise<void>";

    #[doc = "All one has subscribed to, as far as it is known."]
    json get_subscribe_users_status = "getSubscribeUsersStatus"("") -> "Promise<UserOnlineState[]>";

    #[doc = "Groups by their ids; what is unknown is left out."]
    json get_specified_groups_info = "getSpecifiedGroupsInfo"("groupIDs: string[]") -> "Promise<GroupItem[]>";

    #[doc = "The groups one is in."]
    json get_joined_group_list_page = "getJoinedGroupListPage"("part: { offset: number, count: number }") -> "Promise<GroupItem[]>";

    #[doc = "Makes a group; one is its owner unless another is named."]
    json create_group = "createGroup"("params: { memberUserIDs: string[], adminUserIDs?: string[], ownerUserID?: string, groupInfo: Partial<GroupItem> }") -> "Promise<GroupItem>";

    #[doc = "Changes the members that are given."]
    json set_group_info = "setGroupInfo"("info: { groupID: string, groupName?: string, notification?: string, introduction?: string, faceURL?: string, ex?: string, needVerification?: number, lookMemberInfo?: number, applyMemberFriend?: number }") -> "Promise<void>";

    #[doc = "Lets only the owner and admins write, or everybody again."]
    json change_group_mute = "changeGroupMute"("params: { groupID: string, isMute: boolean }") -> "Promise<void>";

    #[doc = "Makes another member the owner."]
    json transfer_group_owner = "transferGroupOwner"("params: { groupID: string, newOwnerUserID: string }") -> "Promise<void>";

    #[doc = "Ends a group of one's own."]
    json dismiss_group = "dismissGroup"("groupID: string") -> "Promise<void>";

    #[doc = "A part of a group's members. With a `filter` (1 owner, 2 admins, 3 ordinary members, 4 admins and ordinary members,"]
    #[doc = "5 owner and admins) those of this part who match."]
    json get_group_member_list = "getGroupMemberList"("params: { groupID: string, filter?: number, offset: number, count: number }") -> "Promise<GroupMemberItem[]>";

    #[doc = "Members by their ids; who is none is left out."]
    json get_specified_group_members_info = "getSpecifiedGroupMembersInfo"("params: { groupID: string, userIDList: string[] }") -> "Promise<GroupMemberItem[]>";

    #[doc = "Those of the ids that are members."]
    json get_users_in_group = "getUsersInGroup"("params: { groupID: string, userIDList: string[] }") -> "Promise<string[]>";

    #[doc = "Whether one is a member."]
    json is_join_group = "isJoinGroup"("groupID: string") -> "Promise<boolean>";

    #[doc = "Joins a group, or asks to where it wants to be asked. `joinSource`: 2 invited, 3 found by searching (the default),"]
    #[doc = "4 by QR code."]
    json join_group = "joinGroup"("params: { groupID: string, reqMsg?: string, joinSource?: number, ex?: string }") -> "Promise<void>";

    #[doc = "Leaves a group."]
    json quit_group = "quitGroup"("groupID: string") -> "Promise<void>";

    #[doc = "Takes users into a group."]
    json invite_user_to_group = "inviteUserToGroup"("params: { groupID: string, userIDList: string[], reason?: string }") -> "Promise<void>";

    #[doc = "Puts members out of a group."]
    json kick_group_member = "kickGroupMember"("params: { groupID: string, userIDList: string[], reason?: string }") -> "Promise<void>";

    #[doc = "Lets a member not write for so many seconds; 0 ends it."]
    json change_group_member_mute = "changeGroupMemberMute"("params: { groupID: string, userID: string, mutedSeconds: number }") -> "Promise<void>";

    #[doc = "Changes the members that are given. `roleLevel`: 20 ordinary, 60 admin."]
    json set_group_member_info = "setGroupMemberInfo"("info: { groupID: string, userID: string, nickname?: string, faceURL?: string, roleLevel?: number, ex?: string }") -> "Promise<void>";

    #[doc = "Requests to join groups one may decide for."]
    json get_group_application_list_as_recipient = "getGroupApplicationListAsRecipient"("part: { offset: number, count: number }") -> "Promise<GroupApplicationItem[]>";

    #[doc = "One's own requests to join groups."]
    json get_group_application_list_as_applicant = "getGroupApplicationListAsApplicant"("part: { offset: number, count: number }") -> "Promise<GroupApplicationItem[]>";

    #[doc = "Lets somebody who asked join."]
    json accept_group_application = "acceptGroupApplication"("params: { groupID: string, fromUserID: string, handleMsg?: string }") -> "Promise<void>";

    #[doc = "Does not."]
    json refuse_group_application = "refuseGroupApplication"("params: { groupID: string, fromUserID: string, handleMsg?: string }") -> "Promise<void>";

    #[doc = "A part of the list: pinned conversations first, then by their newest message."]
    json get_conversation_list_split = "getConversationListSplit"("part: { offset: number, count: number }") -> "Promise<ConversationItem[]>";

    #[doc = "The conversation with a user (`sessionType` 1), in a group (3) or with a notification account (4), written in or not."]
    json get_one_conversation = "getOneConversation"("params: { sourceID: string, sessionType: number }") -> "Promise<ConversationItem>";

    #[doc = "Unread messages of all conversations that are not muted."]
    json get_total_unread_msg_count = "getTotalUnreadMsgCount"("") -> "Promise<number>";

    #[doc = "Marks everything in a conversation as read and tells the other side. Nothing unread is success."]
    json mark_conversation_message_as_read = "markConversationMessageAsRead"("conversationID: string") -> "Promise<void>";

    #[doc = "Changes the members that are given."]
    json set_conversation = "setConversation"("params: { conversationID: string, recvMsgOpt?: number, groupAtType?: number, burnDuration?: number, msgDestructTime?: number, isPinned?: boolean, isPrivateChat?: boolean, isMsgDestruct?: boolean, ex?: string }") -> "Promise<void>";

    #[doc = "Tells that one types (at most every 10 s) or has stopped (if it was told)."]
    json change_input_states = "changeInputStates"("params: { conversationID: string, focus: boolean }") -> "Promise<void>";

    #[doc = "The platforms somebody types on at the moment."]
    json get_input_states = "getInputStates"("params: { conversationID: string, userID: string }") -> "Promise<number[]>";

    #[doc = "The messages before one, the newest where none is named; oldest first. `startSeq` spares looking for it. At most 500;"]
    #[doc = "only what people wrote, not what was deleted or revoked."]
    history get_advanced_history_message_list = "getAdvancedHistoryMessageList"("query: { conversationID: string, count: number, startClientMsgID?: string, startSeq?: number }") -> "Promise<AdvancedGetMessageResult>";

    #[doc = "The messages from one on, it included, the oldest where none is named."]
    history get_advanced_history_message_list_reverse = "getAdvancedHistoryMessageListReverse"("query: { conversationID: string, count: number, startClientMsgID?: string, startSeq?: number }") -> "Promise<AdvancedGetMessageResult>";

    #[doc = "Takes a message back, for everybody. Without its `seq` it is looked for among the newest 1,000."]
    json revoke_message = "revokeMessage"("message: { conversationID: string, clientMsgID: string, seq?: number }") -> "Promise<void>";

    #[doc = "Deletes a message for oneself. Without its `seq` it is looked for among the newest 1,000."]
    json delete_message = "deleteMessage"("message: { conversationID: string, clientMsgID: string, seq?: number }") -> "Promise<void>";

    #[doc = "Deletes all messages of a conversation for oneself. The conversation itself stays."]
    json delete_conversation_and_delete_all_msg = "deleteConversationAndDeleteAllMsg"("conversationID: string") -> "Promise<void>";

    #[doc = "Deletes all messages of all conversations for oneself."]
    json delete_all_msg_from_local_and_svr = "deleteAllMsgFromLocalAndSvr"("") -> "Promise<void>";
}

calls! { guarded: true;
    #[doc = "Asks somebody to be friends."]
    json add_friend = "addFriend"("params: { toUserID: string, reqMsg?: string, ex?: string }") -> "Promise<void>";

    #[doc = "`addFriend` under another name."]
    json add_friend_v2 = "addFriendV2"("params: { toUserID: string, reqMsg?: string, ex?: string }") -> "Promise<void>";

    #[doc = "`addFriend` under an older name."]
    json apply_friend = "applyFriend"("params: { toUserID: string, reqMsg?: string, ex?: string }") -> "Promise<void>";

    #[doc = "Accepts somebody's request; `toUserID` is who asked."]
    json accept_friend_application = "acceptFriendApplication"("params: { toUserID: string, handleMsg?: string }") -> "Promise<void>";

    #[doc = "Refuses somebody's request; `toUserID` is who asked."]
    json refuse_friend_application = "refuseFriendApplication"("params: { toUserID: string, handleMsg?: string }") -> "Promise<void>";

    #[doc = "Ends a friendship."]
    json delete_friend = "deleteFriend"("userID: string") -> "Promise<void>";

    #[doc = "Who of them is a friend: 1 or 0."]
    json check_friend = "checkFriend"("userIDs: string[]") -> "Promise<FriendshipInfo[]>";

    #[doc = "Friends by their ids; who is none is left out."]
    json get_specified_friends_info = "getSpecifiedFriendsInfo"("userIDs: string[]") -> "Promise<FriendUserItem[]>";

    #[doc = "A part of one's friends."]
    json get_friend_list_page = "getFriendListPage"("part: { offset: number, count: number }") -> "Promise<FriendUserItem[]>";

    #[doc = "All friends, for code that knows no pages; at most 10,000."]
    json get_friend_list = "getFriendList"("") -> "Promise<FriendUserItem[]>";

    #[doc = "Changes the members that are given, for all these friends."]
    json update_friends = "updateFriends"("params: { friendUserIDs: string[], remark?: string, isPinned?: boolean, ex?: string }") -> "Promise<void>";

    #[doc = "Names a friend, as before `updateFriends`."]
    json set_friend_remark = "setFriendRemark"("params: { toUserID: string, remark: string }") -> "Promise<void>";

    #[doc = "Requests one was sent."]
    json get_friend_application_list_as_recipient = "getFriendApplicationListAsRecipient"("part: { offset: number, count: number }") -> "Promise<FriendApplicationItem[]>";

    #[doc = "Requests one has sent."]
    json get_friend_application_list_as_applicant = "getFriendApplicationListAsApplicant"("part: { offset: number, count: number }") -> "Promise<FriendApplicationItem[]>";

    #[doc = "Requests one was sent, for code that knows no pages; the newest 1,000."]
    json get_friend_application_list = "getFriendApplicationList"("") -> "Promise<FriendApplicationItem[]>";

    #[doc = "`getFriendApplicationList` under another name."]
    json get_recv_friend_application_list = "getRecvFriendApplicationList"("") -> "Promise<FriendApplicationItem[]>";

    #[doc = "Requests one has sent, for code that knows no pages; the newest 1,000."]
    json get_send_friend_application_list = "getSendFriendApplicationList"("") -> "Promise<FriendApplicationItem[]>";

    #[doc = "Refuses messages of a user."]
    json add_black = "addBlack"("user: string | { toUserID: string, ex?: string }") -> "Promise<void>";

    #[doc = "Takes messages of a user again."]
    json remove_black = "removeBlack"("userID: string") -> "Promise<void>";

    #[doc = "Those whose messages are refused."]
    json get_black_list = "getBlackList"("part: { offset: number, count: number }") -> "Promise<BlackUserItem[]>";
}
