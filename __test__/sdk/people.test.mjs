// Friends, groups and roles between people with the genuine SDK: every change reaches those it concerns.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Person, builds, serverFor } from "./support.mjs";

const PAGE = { offset: 0, count: 20 };

for (const [build, load] of Object.entries(builds)) {
  const people = async (t, ...names) => {
    const server = await serverFor(t);
    const sdk = await load();
    const all = [];
    for (const name of names) all.push(await new Person(t, sdk).login(server, name));
    return all;
  };

  test(`people become friends, name each other and part (${build})`, async (t) => {
    const [alice, bob] = await people(t, "alice", "bob");
    await alice.sdk.addFriend({ toUserID: "bob", reqMsg: "hi" });
    const { data: asked } = await bob.event("OnFriendApplicationAdded");
    assert.deepEqual([asked.fromUserID, asked.reqMsg], ["alice", "hi"]);
    const { data: list } = await bob.sdk.getFriendApplicationListAsRecipient(PAGE);
    assert.equal(list[0].fromUserID, "alice");
    await bob.sdk.acceptFriendApplication({ toUserID: "alice", handleMsg: "ok" });
    // A server sends no notification of the friendship itself: the SDK asks for new friends where the answer was given,
    // and elsewhere with the next change of the list.
    await alice.event("OnFriendApplicationAccepted");
    await bob.event("OnFriendAdded");
    await alice.sdk.updateFriends({ friendUserIDs: ["bob"], remark: "Bobby" });
    const { data: friend } = await alice.event("OnFriendAdded");
    assert.deepEqual([friend.userID, friend.remark], ["bob", "Bobby"]);
    await alice.sdk.updateFriends({ friendUserIDs: ["bob"], remark: "Rob" });
    await alice.event("OnFriendInfoChanged", { match: ({ data }) => data.remark === "Rob" });
    const { data: friends } = await alice.sdk.getFriendListPage(PAGE);
    assert.equal(friends[0].remark, "Rob");
    await alice.sdk.deleteFriend("bob");
    await alice.event("OnFriendDeleted");
  });

  test(`a refused request is told, and a black list, too (${build})`, async (t) => {
    const [alice, bob] = await people(t, "alice", "bob");
    await alice.sdk.addFriend({ toUserID: "bob", reqMsg: "hi" });
    await bob.event("OnFriendApplicationAdded");
    await bob.sdk.refuseFriendApplication({ toUserID: "alice", handleMsg: "no" });
    await alice.event("OnFriendApplicationRejected");
    await bob.sdk.addBlack({ toUserID: "alice" });
    await bob.event("OnBlackAdded");
    await bob.sdk.removeBlack("alice");
    await bob.event("OnBlackDeleted");
  });

  test(`a group is made, joined after an answer, run and dismissed (${build})`, async (t) => {
    const [alice, bob, bot] = await people(t, "alice", "bob", "bot_7");
    const groupInfo = { groupName: "Seven", groupType: 2, needVerification: 1 };
    const { data: group } = await alice.sdk.createGroup({ memberUserIDs: ["bob"], groupInfo });
    const { groupID } = group;
    await bob.event("OnJoinedGroupAdded", { match: ({ data }) => data.groupID === groupID });

    await bot.sdk.joinGroup({ groupID, reqMsg: "please", joinSource: 3 });
    const { data: asked } = await alice.event("OnGroupApplicationAdded");
    assert.deepEqual([asked.userID, asked.reqMsg], ["bot_7", "please"]);
    await alice.sdk.acceptGroupApplication({ groupID, fromUserID: "bot_7", handleMsg: "welcome" });
    await bot.event("OnGroupApplicationAccepted");
    await bot.event("OnJoinedGroupAdded", { match: ({ data }) => data.groupID === groupID });
    await bob.event("OnGroupMemberAdded", { match: ({ data }) => data.userID === "bot_7" });

    await alice.sdk.setGroupInfo({ groupID, groupName: "Eight" });
    await bob.event("OnGroupInfoChanged", { match: ({ data }) => data.groupName === "Eight" });
    await alice.sdk.setGroupMemberInfo({ groupID, userID: "bob", roleLevel: 60 });
    const promoted = ({ data }) => data.userID === "bob" && data.roleLevel === 60;
    await bot.event("OnGroupMemberInfoChanged", { match: promoted });

    await bob.sdk.changeGroupMute({ groupID, isMute: true });
    await bot.event("OnGroupInfoChanged", { match: ({ data }) => data.status === 3 });
    await assert.rejects(bot.send({ groupID }, "hush?"), (error) => error.errCode === 1403);
    await bob.sdk.changeGroupMute({ groupID, isMute: false });
    await bob.sdk.changeGroupMemberMute({ groupID, userID: "bot_7", mutedSeconds: 60 });
    await assert.rejects(bot.send({ groupID }, "hush?"), (error) => error.errCode === 1402);

    await alice.sdk.transferGroupOwner({ groupID, newOwnerUserID: "bob" });
    await bob.event("OnGroupInfoChanged", { match: ({ data }) => data.ownerUserID === "bob" });
    await bob.sdk.dismissGroup(groupID);
    await alice.event("OnGroupDismissed");
    await assert.rejects(alice.send({ groupID }, "anybody?"));
  });

  test(`a message is deleted for oneself, and the own name changes (${build})`, async (t) => {
    const [alice, bob] = await people(t, "alice", "bob");
    await alice.send({ recvID: "bob" }, "stays");
    const { clientMsgID } = await alice.send({ recvID: "bob" }, "goes");
    await bob.message("goes");
    const conversationID = "si_alice_bob";
    await bob.sdk.deleteMessage({ conversationID, clientMsgID });
    const { data: history } = await bob.sdk.getAdvancedHistoryMessageList({
      conversationID,
      startClientMsgID: "",
      count: 10,
    });
    assert.deepEqual(
      history.messageList.map((message) => message.textElem.content),
      ["stays"],
    );
    await alice.sdk.setSelfInfo({ nickname: "Alicia" });
    const { data: own } = await alice.event("OnSelfInfoUpdated");
    assert.equal(own.nickname, "Alicia");
  });
}
