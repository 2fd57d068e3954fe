// The SDK's calls against the dev server: people, groups, members, conversations, and what is said when they fail.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { OpenImClient } from "../../loader.js";
import { Inbox } from "./support/inbox.mjs";
import { devServer } from "./support/server.mjs";

const server = await devServer();

/** A client that is logged in as somebody and leaves with the test. */
async function logIn(t, userID, more = {}) {
  const inbox = new Inbox();
  const client = new OpenImClient(inbox.onBatch);
  t.after(() => client.logout());
  await client.login(server.login(userID, more));
  return { client, inbox, write: (to, text) => client.sendMessage({ ...to, message: client.createTextMessage(text) }) };
}

/** A group of one's own with these members. */
async function groupOf(owner, memberUserIDs, groupInfo = {}) {
  const group = await owner.client.createGroup({ memberUserIDs, groupInfo: { groupName: "House", ...groupInfo } });
  return group.groupID;
}

const ids = (members) => members.map(({ userID }) => userID).sort();

test("people are found by their ids, and who is unknown is left out", async (t) => {
  const { client } = await logIn(t, "bot_7");
  const [self, found] = await Promise.all([client.getSelfUserInfo(), client.getUsersInfo(["alice", "nobody", "bob"])]);
  assert.deepEqual([self.userID, self.nickname], ["bot_7", "Bot_7"]);
  assert.deepEqual(ids(found), ["alice", "bob"]);
  assert.deepEqual(await client.getUsersInfo([]), []);
});

test("one's own data is changed member by member", async (t) => {
  const { client } = await logIn(t, "dave");
  assert.equal(await client.setSelfInfo({ nickname: "Dave the First", ex: "{}" }), undefined);
  const self = await client.getSelfUserInfo();
  assert.deepEqual([self.nickname, self.ex, self.userID], ["Dave the First", "{}", "dave"]);
});

test("who is online is told at once, and again when it changes", async (t) => {
  const alice = await logIn(t, "alice");
  const before = await alice.client.subscribeUsersStatus(["carol", "alice"]);
  assert.deepEqual(
    before.map(({ userID, status, platformIDs }) => [userID, status, platformIDs]),
    [
      ["carol", 0, []],
      ["alice", 1, [5]],
    ],
  );
  const carol = await logIn(t, "carol");
  const online = await alice.inbox.event("OnUserStatusChanged");
  assert.deepEqual([online.data.userID, online.data.status], ["carol", 1]);
  const known = await alice.client.getSubscribeUsersStatus();
  assert.deepEqual(known.find(({ userID }) => userID === "carol").platformIDs, [5]);

  await alice.client.unsubscribeUsersStatus(["carol"]);
  assert.deepEqual(ids(await alice.client.getSubscribeUsersStatus()), ["alice"]);
  await carol.client.logout();
});

test("a group lives: made, joined, named, muted, handed over, left and ended", async (t) => {
  const alice = await logIn(t, "alice");
  const bob = await logIn(t, "bob");
  const groupID = await groupOf(alice, ["bob"]);

  const [group] = await bob.client.getSpecifiedGroupsInfo([groupID, "nope"]);
  assert.deepEqual([group.groupName, group.ownerUserID, group.memberCount], ["House", "alice", 2]);
  assert.equal(await bob.client.isJoinGroup(groupID), true);
  assert.equal(await bob.client.isJoinGroup("nope"), false);

  await alice.client.inviteUserToGroup({ groupID, userIDList: ["carol", "dave"] });
  const all = await bob.client.getGroupMemberList({ groupID, offset: 0, count: 10 });
  assert.deepEqual(ids(all), ["alice", "bob", "carol", "dave"]);
  assert.deepEqual(ids(await bob.client.getGroupMemberList({ groupID, filter: 1, offset: 0, count: 10 })), ["alice"]);
  assert.deepEqual(await bob.client.getUsersInGroup({ groupID, userIDList: ["dave", "bot_7"] }), ["dave"]);

  await alice.client.setGroupMemberInfo({ groupID, userID: "bob", roleLevel: 60 });
  const [admin] = await alice.client.getSpecifiedGroupMembersInfo({ groupID, userIDList: ["bob"] });
  assert.equal(admin.roleLevel, 60);
  await bob.client.setGroupInfo({ groupID, groupName: "Garden", introduction: "flowers" });
  const [renamed] = await alice.client.getSpecifiedGroupsInfo([groupID]);
  assert.deepEqual([renamed.groupName, renamed.introduction], ["Garden", "flowers"]);

  await bob.client.kickGroupMember({ groupID, userIDList: ["dave"], reason: "late" });
  assert.deepEqual(await bob.client.getUsersInGroup({ groupID, userIDList: ["dave"] }), []);

  const carol = await logIn(t, "carol");
  await alice.client.changeGroupMemberMute({ groupID, userID: "carol", mutedSeconds: 60 });
  await assert.rejects(carol.write({ groupID }, "may I"), { code: "OPENIM_DENIED", errCode: 1402 });
  await alice.client.changeGroupMemberMute({ groupID, userID: "carol", mutedSeconds: 0 });
  await carol.write({ groupID }, "thank you");
  await alice.client.changeGroupMute({ groupID, isMute: true });
  await assert.rejects(carol.write({ groupID }, "me again"), { errCode: 1403 });
  await alice.client.changeGroupMute({ groupID, isMute: false });

  await alice.client.transferGroupOwner({ groupID, newOwnerUserID: "bob" });
  await alice.client.quitGroup(groupID);
  assert.equal(await alice.client.isJoinGroup(groupID), false);
  await bob.client.dismissGroup(groupID);
  await assert.rejects(bob.write({ groupID }, "anybody?"), { code: "OPENIM_DENIED", errCode: 1204 });
});

test("who wants to join a careful group asks, and is let in or not", async (t) => {
  const alice = await logIn(t, "alice");
  const carol = await logIn(t, "carol");
  const groupID = await groupOf(alice, ["bob"], { needVerification: 1 });

  await carol.client.joinGroup({ groupID, reqMsg: "please" });
  assert.equal(await carol.client.isJoinGroup(groupID), false);
  const part = { offset: 0, count: 20 };
  const mine = await carol.client.getGroupApplicationListAsApplicant(part);
  const asked = mine.find((request) => request.groupID === groupID);
  assert.deepEqual([asked.userID, asked.reqMsg, asked.handleResult, asked.groupName], ["carol", "please", 0, "House"]);
  const theirs = await alice.client.getGroupApplicationListAsRecipient(part);
  assert.ok(theirs.some((request) => request.groupID === groupID && request.userID === "carol"));

  await alice.client.refuseGroupApplication({ groupID, fromUserID: "carol", handleMsg: "no" });
  assert.equal(await carol.client.isJoinGroup(groupID), false);
  await carol.client.joinGroup({ groupID, reqMsg: "please please" });
  await alice.client.acceptGroupApplication({ groupID, fromUserID: "carol" });
  assert.equal(await carol.client.isJoinGroup(groupID), true);
});

test("the parts of a list hold each member once, wherever they begin", async (t) => {
  const { client } = await logIn(t, "bot_7");
  const part = async (offset, count) => ids(await client.getGroupMemberList({ groupID: "g100", offset, count }));
  const all = (await part(0, 100)).sort();
  assert.equal(all.length, 5);
  // The server orders the members inside a page anew with each call, so only where a part begins and ends says anything.
  for (const first of [0, 1, 2, 3, 4]) {
    for (const count of [1, 2, 3, 7]) {
      const found = first > 0 ? await part(0, first) : [];
      assert.equal(found.length, first, `the first ${first}`);
      for (let offset = first; offset < all.length; offset += count) {
        const next = await part(offset, count);
        assert.equal(next.length, Math.min(count, all.length - offset), `${count} from ${offset}`);
        found.push(...next);
      }
      assert.deepEqual(found.sort(), all, `parts of ${count} after the first ${first}`);
    }
  }
  assert.deepEqual(await part(9, 2), []);
});

test("case 71: reading a conversation twice is success, and the second time nobody is told", async (t) => {
  const alice = await logIn(t, "alice");
  const bot = await logIn(t, "bot_7");
  await alice.write({ recvID: "bot_7" }, "one");
  await alice.write({ recvID: "bot_7" }, "two");
  await bot.inbox.message("two");
  const item = await bot.client.getOneConversation({ sourceID: "alice", sessionType: 1 });
  assert.deepEqual([item.conversationID, item.unreadCount, item.showName], ["si_alice_bot_7", 2, "Alice"]);
  assert.equal(JSON.parse(item.latestMsg).textElem.content, "two");
  assert.ok((await bot.client.getTotalUnreadMsgCount()) >= 2);

  await bot.client.markConversationMessageAsRead("si_alice_bot_7");
  await alice.inbox.event("OnRecvC2CReadReceipt");
  const receipts = () => alice.inbox.events.filter(({ event }) => event === "OnRecvC2CReadReceipt").length;
  const told = receipts();
  await bot.client.markConversationMessageAsRead("si_alice_bot_7");
  await bot.client.markConversationMessageAsRead("si_bot_7_nobody");
  assert.equal((await bot.client.getOneConversation({ sourceID: "alice", sessionType: 1 })).unreadCount, 0);
  await bot.write({ recvID: "alice" }, "after the receipts");
  await alice.inbox.message("after the receipts");
  assert.equal(receipts(), told);
});

test("the list of conversations has the pinned ones first, then the newest, in parts without gaps", async (t) => {
  const bob = await logIn(t, "bob");
  const alice = await logIn(t, "alice");
  const { sendTime } = await alice.write({ groupID: "g100" }, "first");
  while (Date.now() <= sendTime) await setImmediate();
  await alice.write({ recvID: "bob" }, "second");
  await bob.inbox.message("second");
  const order = async (part) => (await bob.client.getConversationListSplit(part)).map((item) => item.conversationID);

  const all = await order({ offset: 0, count: 50 });
  assert.equal(all[0], "si_alice_bob");
  await bob.client.setConversation({ conversationID: "sg_g100", isPinned: true, recvMsgOpt: 2 });
  const pinned = await order({ offset: 0, count: 50 });
  assert.equal(pinned[0], "sg_g100");
  const parts = [];
  for (let offset = 0; offset < pinned.length; offset += 1) parts.push(...(await order({ offset, count: 1 })));
  assert.deepEqual(parts, pinned);

  const [first] = await bob.client.getConversationListSplit({ offset: 0, count: 1 });
  assert.deepEqual([first.isPinned, first.recvMsgOpt, first.showName], [true, 2, "g100"]);
  const direct = await bob.client.getOneConversation({ sourceID: "alice", sessionType: 1 });
  assert.ok(direct.unreadCount > 0);
  const unread = (await bob.client.getConversationListSplit({ offset: 0, count: 50 }))
    .filter(({ recvMsgOpt }) => recvMsgOpt !== 2)
    .reduce((sum, { unreadCount }) => sum + unreadCount, 0);
  assert.equal(await bob.client.getTotalUnreadMsgCount(), unread, "what is muted does not count");
});

test("a conversation nobody has written in yet is shown with what is known of the other side", async (t) => {
  const { client } = await logIn(t, "dave");
  const item = await client.getOneConversation({ sourceID: "carol", sessionType: 1 });
  assert.deepEqual([item.conversationID, item.showName, item.unreadCount], ["si_carol_dave", "Carol", 0]);
  assert.deepEqual([item.latestMsg, item.latestMsgSendTime], ["", 0]);
  await assert.rejects(client.getOneConversation({ sourceID: "nobody", sessionType: 1 }), { code: "OPENIM_CONFIG" });
});

test("typing is told, remembered, and taken back", async (t) => {
  const alice = await logIn(t, "alice");
  const bot = await logIn(t, "bot_7");
  const conversationID = "si_alice_bot_7";
  const typing = () => alice.client.getInputStates({ conversationID, userID: "bot_7" });
  assert.deepEqual(await typing(), []);
  await bot.client.changeInputStates({ conversationID, focus: false });
  await bot.client.changeInputStates({ conversationID, focus: true });
  await alice.inbox.event("OnConversationUserInputStatusChanged");
  assert.deepEqual(await typing(), [5]);
  await bot.client.changeInputStates({ conversationID, focus: true });
  await bot.client.changeInputStates({ conversationID, focus: false });
  await bot.write({ recvID: "alice" }, "typed");
  await alice.inbox.message("typed");
  assert.deepEqual(await typing(), []);
  const told = alice.inbox.events.filter(({ event }) => event === "OnConversationUserInputStatusChanged");
  assert.deepEqual(
    told.map(({ data }) => data.platformIDs),
    [[5], []],
    "one that it began and one that it ended",
  );
});

test("a call says what it takes, what the server refused, and whose account it was", async (t) => {
  const { client } = await logIn(t, "bot_7", { accountId: "support" });
  const cases = [
    [() => client.getUsersInfo("alice"), { code: "OPENIM_CONFIG", message: "getUsersInfo takes string[]" }],
    [() => client.getUsersInfo(), { code: "OPENIM_CONFIG" }],
    [() => client.isJoinGroup({}), { message: "isJoinGroup takes string" }],
    [() => client.getJoinedGroupListPage({ offset: -1, count: 1 }), { code: "OPENIM_CONFIG" }],
    [() => client.getJoinedGroupListPage({ offset: 0, count: 5000 }), { message: /1 to 1000/ }],
    [() => client.markConversationMessageAsRead("si_alice_bob"), { message: /names no conversation of this user/ }],
    [
      () => client.dismissGroup("g100"),
      { code: "OPENIM_DENIED", errCode: 1002, accountId: "support", op: "dismissGroup" },
    ],
    [
      () => client.getGroupMemberList({ groupID: "nope", offset: 0, count: 1 }),
      { code: "OPENIM_CONFIG", errCode: 1004, retryable: false, maybeDelivered: false },
    ],
  ];
  for (const [call, expected] of cases) await assert.rejects(call, expected);
});

test("without a login there is no call, and a logout ends those on their way", async (t) => {
  const client = new OpenImClient(() => {});
  assert.equal(client.getLoginStatus(), 1);
  const closed = { code: "OPENIM_CLOSED", message: "the client is not logged in; call login first" };
  await assert.rejects(client.getSelfUserInfo(), closed);
  await assert.rejects(client.addFriend({ toUserID: "alice" }), closed);

  await client.login(server.login("bot_7"));
  assert.equal(client.getLoginStatus(), 3);
  const calls = Array.from({ length: 50 }, () => client.getUsersInfo(["alice"]));
  const left = client.logout();
  const settled = await Promise.allSettled(calls);
  await left;
  assert.equal(client.getLoginStatus(), 1);
  for (const { status, reason } of settled) if (status === "rejected") assert.equal(reason.code, "OPENIM_CANCELLED");
  await assert.rejects(client.getSelfUserInfo(), closed);
});

test("a login that gets no answer is neither in nor out", async (t) => {
  const silent = createServer(() => {});
  await new Promise((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const client = new OpenImClient(() => {});
  t.after(async () => {
    await client.logout();
    silent.close();
  });
  const wsAddr = `ws://127.0.0.1:${silent.address().port}`;
  await client.login(server.login("dave", { wsAddr, until: "started" }));
  assert.equal(client.getLoginStatus(), 2);
  assert.equal((await client.getSelfUserInfo()).userID, "dave", "REST does not wait for the socket");
  const over = client.getAdvancedHistoryMessageList({ conversationID: "si_alice_dave", count: 1 });
  await assert.rejects(over, { code: "OPENIM_OFFLINE", message: 'multi-openim account "dave" is not connected' });
});

test("a token that ends while calls are made says so", async (t) => {
  const { client, inbox } = await logIn(t, "carol");
  await server.kick("carol");
  await inbox.event("OnKickedOffline");
  // The server says so with its code, or, once the connection is put away, the account without one.
  for (let i = 0; i < 20; i++) {
    const error = await client.getSelfUserInfo().catch((reason) => reason);
    assert.equal(error.code, "OPENIM_KICKED");
    assert.equal(error.op, "getSelfUserInfo");
    assert.ok([1506, null].includes(error.errCode), `errCode ${error.errCode}`);
  }
});
