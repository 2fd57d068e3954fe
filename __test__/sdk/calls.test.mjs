// The genuine SDK as the other person: what our client does reaches it, and what it does reaches us.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenImClient } from "../../loader.js";
import { Inbox } from "../addon/support/inbox.mjs";
import { Person, builds, serverFor } from "./support.mjs";

/** Our client, logged in as bot_7; it leaves with the test. */
async function botFor(t, server) {
  const inbox = new Inbox();
  const client = new OpenImClient(inbox.onBatch);
  t.after(() => client.logout());
  const { wsAddr, apiAddr } = server;
  await client.login({ token: server.user("bot_7").token, wsAddr, apiAddr, disableFriendSdk: false });
  const say = (to, text) => client.sendMessage({ ...to, message: client.createTextMessage(text) });
  const happened = (name, match) =>
    inbox.until(({ events }) => events.find(({ event, data }) => event === name && match(data)), name);
  return { client, inbox, say, happened };
}

async function stage(t, load) {
  const server = await serverFor(t);
  const alice = await new Person(t, await load()).login(server, "alice");
  return { server, alice, bot: await botFor(t, server) };
}

const PART = { offset: 0, count: 20 };
const CHAT = "si_alice_bot_7";

const byUserID = (one, other) => one.userID.localeCompare(other.userID);

for (const [build, load] of Object.entries(builds)) {
  test(`read receipts go both ways (${build})`, async (t) => {
    const { alice, bot } = await stage(t, load);
    const sent = await alice.send({ recvID: "bot_7" }, "read me");
    await bot.inbox.message("read me");
    await bot.client.markConversationMessageAsRead(CHAT);
    const { data } = await alice.event("OnRecvC2CReadReceipt");
    assert.deepEqual(data[0].msgIDList, [sent.clientMsgID]);

    const said = await bot.say({ recvID: "alice" }, "read me too");
    await alice.message("read me too");
    await alice.sdk.markConversationMessageAsRead(CHAT);
    const receipt = await bot.inbox.event("OnRecvC2CReadReceipt");
    assert.deepEqual([receipt.data[0].userID, receipt.data[0].msgIDList], ["alice", [said.clientMsgID]]);
  });

  test(`typing is seen on both sides (${build})`, async (t) => {
    const { alice, bot } = await stage(t, load);
    await alice.send({ recvID: "bot_7" }, "hi");
    await bot.inbox.message("hi");
    await bot.client.changeInputStates({ conversationID: CHAT, focus: true });
    const { data } = await alice.event("OnConversationUserInputStatusChanged");
    assert.deepEqual([data.conversationID, data.userID, data.platformIDs], [CHAT, "bot_7", [5]]);
    const { data: seen } = await alice.sdk.getInputStates({ conversationID: CHAT, userID: "bot_7" });
    assert.deepEqual(seen, [5]);

    await alice.sdk.changeInputStates({ conversationID: CHAT, focus: true });
    await bot.inbox.event("OnConversationUserInputStatusChanged");
    assert.deepEqual(await bot.client.getInputStates({ conversationID: CHAT, userID: "alice" }), [5]);
  });

  test(`a message is taken back on both sides (${build})`, async (t) => {
    const { alice, bot } = await stage(t, load);
    const mine = await bot.say({ recvID: "alice" }, "not that");
    await alice.message("not that");
    await bot.client.revokeMessage({ conversationID: CHAT, clientMsgID: mine.clientMsgID });
    const { data } = await alice.event("OnNewRecvMessageRevoked");
    assert.deepEqual([data.clientMsgID, data.revokerID], [mine.clientMsgID, "bot_7"]);

    const theirs = await alice.send({ recvID: "bot_7" }, "nor that");
    await bot.inbox.message("nor that");
    await alice.sdk.revokeMessage({ conversationID: CHAT, clientMsgID: theirs.clientMsgID });
    const isTheirs = ({ clientMsgID }) => clientMsgID === theirs.clientMsgID;
    assert.equal((await bot.happened("OnNewRecvMessageRevoked", isTheirs)).data.revokerID, "alice");
    const { messageList } = await bot.client.getAdvancedHistoryMessageList({ conversationID: CHAT, count: 10 });
    assert.deepEqual(messageList, [], "neither is history");
  });

  test(`a request to be friends is made and answered on either side (${build})`, async (t) => {
    const { server, alice, bot } = await stage(t, load);
    await bot.client.addFriend({ toUserID: "alice", reqMsg: "from the bot" });
    const { data: application } = await alice.event("OnFriendApplicationAdded");
    assert.deepEqual([application.fromUserID, application.reqMsg], ["bot_7", "from the bot"]);
    await alice.sdk.acceptFriendApplication({ toUserID: "bot_7", handleMsg: "yes" });
    await bot.inbox.event("OnFriendApplicationAccepted");
    assert.deepEqual(await bot.client.checkFriend(["alice"]), [{ userID: "alice", result: 1 }]);

    const bob = await new Person(t, await load()).login(server, "bob");
    await bob.sdk.addFriend({ toUserID: "bot_7", reqMsg: "from bob" });
    await bot.happened("OnFriendApplicationAdded", ({ fromUserID }) => fromUserID === "bob");
    const [asked] = await bot.client.getFriendApplicationListAsRecipient(PART);
    assert.deepEqual([asked.fromUserID, asked.reqMsg], ["bob", "from bob"]);
    await bot.client.acceptFriendApplication({ toUserID: "bob", handleMsg: "welcome" });
    await bob.event("OnFriendApplicationAccepted");
    const { data: friends } = await bob.sdk.checkFriend(["bot_7"]);
    assert.deepEqual(friends, [{ userID: "bot_7", result: 1 }]);
  });

  test(`a group of ours is a group of the SDK's, and the other way round (${build})`, async (t) => {
    const { alice, bot } = await stage(t, load);
    const ours = await bot.client.createGroup({ memberUserIDs: ["alice"], groupInfo: { groupName: "Ours" } });
    const { data: joined } = await alice.event("OnJoinedGroupAdded", {
      match: ({ data }) => data.groupID === ours.groupID,
    });
    assert.equal(joined.groupName, "Ours");
    await alice.send({ groupID: ours.groupID }, "glad to be here");
    await bot.inbox.message("glad to be here");
    await bot.client.setGroupInfo({ groupID: ours.groupID, groupName: "Still ours" });
    await alice.event("OnGroupInfoChanged", { match: ({ data }) => data.groupName === "Still ours" });
    await bot.client.kickGroupMember({ groupID: ours.groupID, userIDList: ["alice"] });
    await alice.event("OnJoinedGroupDeleted", { match: ({ data }) => data.groupID === ours.groupID });

    const { data: theirs } = await alice.sdk.createGroup({
      memberUserIDs: ["bob"],
      groupInfo: { groupName: "Theirs", groupType: 2 },
    });
    await alice.sdk.inviteUserToGroup({ groupID: theirs.groupID, userIDList: ["bot_7"], reason: "" });
    await bot.happened("OnJoinedGroupAdded", ({ groupID }) => groupID === theirs.groupID);
    const members = await bot.client.getGroupMemberList({ groupID: theirs.groupID, ...PART });
    assert.deepEqual(members.map(({ userID }) => userID).sort(), ["alice", "bob", "bot_7"]);
    await bot.client.quitGroup(theirs.groupID);
    const left = await alice.event("OnGroupMemberDeleted", { match: ({ data }) => data.groupID === theirs.groupID });
    assert.equal(left.data.userID, "bot_7");
  });

  test(`lists that both sides ask for say the same (${build})`, async (t) => {
    const { server, alice } = await stage(t, load);
    const inbox = new Inbox();
    const other = new OpenImClient(inbox.onBatch);
    t.after(() => other.logout());
    // Another platform of the same user, so that neither login ends the other.
    const token = await tokenOf(server, "alice", 7);
    await other.login({ token, wsAddr: server.wsAddr, apiAddr: server.apiAddr });
    await alice.send({ groupID: "g100" }, "to all");
    await alice.send({ recvID: "bob" }, "to bob");
    await server.control("settle", {});

    const same = async (method, argument, members) => {
      const pick = (item) => Object.fromEntries(members.map((member) => [member, item[member]]));
      const { data } = await alice.sdk[method](argument);
      assert.ok(data.length > 0, method);
      const theirs = (await other[method](argument)).map(pick);
      // The order inside a page of members differs from call to call.
      const inOrder = (list) => (method === "getGroupMemberList" ? list.sort(byUserID) : list);
      assert.deepEqual(inOrder(theirs), inOrder(data.map(pick)), method);
    };
    await same("getUsersInfo", ["alice", "bob"], ["userID", "nickname", "faceURL"]);
    await same("getJoinedGroupListPage", PART, ["groupID", "groupName", "ownerUserID", "memberCount", "status"]);
    const of = { groupID: "g100" };
    await same("getGroupMemberList", { ...of, filter: 0, ...PART }, ["userID", "roleLevel", "nickname", "joinTime"]);
    await same("getSpecifiedGroupMembersInfo", { ...of, userIDList: ["bob"] }, ["userID", "roleLevel", "groupID"]);
    const shown = ["conversationID", "conversationType", "showName", "userID", "groupID", "latestMsgSendTime"];
    // The SDK counts the echo of one's own words as unread; the server and we do not.
    await same("getConversationListSplit", PART, [...shown, "isPinned", "recvMsgOpt"]);
  });
}

/** A token for another platform of a user. */
async function tokenOf(server, userID, platformID) {
  const call = async (path, body, token = "") => {
    const headers = { "content-type": "application/json", operationID: "test", token };
    const answer = await fetch(server.apiAddr + path, { method: "POST", headers, body: JSON.stringify(body) });
    return (await answer.json()).data.token;
  };
  const admin = await call("/auth/get_admin_token", { secret: "openIM123", userID: "imAdmin" });
  return call("/auth/get_user_token", { userID, platformID }, admin);
}
