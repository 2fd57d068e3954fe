// Two people with the genuine SDK chat through the dev server, directly and in a group.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Person, asAdmin, builds, serverFor } from "./support.mjs";

for (const [build, load] of Object.entries(builds)) {
  const pair = async (t) => {
    const server = await serverFor(t);
    const sdk = await load();
    const alice = await new Person(t, sdk).login(server, "alice");
    const bot = await new Person(t, sdk).login(server, "bot_7");
    return { server, alice, bot };
  };

  test(`two people chat directly (${build})`, async (t) => {
    const { alice, bot } = await pair(t);
    const sent = await alice.send({ recvID: "bot_7" }, "hi 你好 😀");
    assert.equal(sent.status, 2);
    assert.match(sent.serverMsgID, /^[0-9a-f]{32}$/);
    const received = await bot.message("hi 你好 😀");
    assert.equal(received.clientMsgID, sent.clientMsgID);
    assert.deepEqual([received.sendID, received.senderNickname, received.seq], ["alice", "Alice", 1]);
    await bot.send({ recvID: "alice" }, "and hello to you");
    const answer = await alice.message("and hello to you");
    assert.deepEqual([answer.sendID, answer.recvID, answer.sessionType, answer.seq], ["bot_7", "alice", 1, 2]);
  });

  test(`two people chat in a group (${build})`, async (t) => {
    const { alice, bot } = await pair(t);
    await alice.send({ groupID: "g100" }, "hello all");
    const received = await bot.message("hello all");
    assert.deepEqual([received.groupID, received.sessionType, received.seq], ["g100", 3, 1]);
    await bot.send({ groupID: "g100" }, "hello alice");
    assert.equal((await alice.message("hello alice")).sendID, "bot_7");
    const { data } = await alice.sdk.getGroupMemberList({ groupID: "g100", filter: 0, offset: 0, count: 50 });
    assert.deepEqual(data.map(({ userID }) => userID).sort(), ["alice", "bob", "bot_7"]);
  });

  test(`history, receipts and revoking work between two people (${build})`, async (t) => {
    const { alice, bot } = await pair(t);
    const oops = await alice.send({ recvID: "bot_7" }, "oops");
    await bot.message("oops");
    const conversationID = "si_alice_bot_7";
    await bot.sdk.markConversationMessageAsRead(conversationID);
    const { data: receipts } = await alice.event("OnRecvC2CReadReceipt");
    assert.deepEqual(receipts[0].msgIDList, [oops.clientMsgID]);
    const { data: history } = await bot.sdk.getAdvancedHistoryMessageList({
      conversationID,
      startClientMsgID: "",
      count: 10,
    });
    assert.deepEqual(
      history.messageList.map((message) => message.textElem.content),
      ["oops"],
    );
    await alice.sdk.revokeMessage({ conversationID, clientMsgID: oops.clientMsgID });
    const { data: revoked } = await bot.event("OnNewRecvMessageRevoked");
    assert.deepEqual([revoked.clientMsgID, revoked.revokerID], [oops.clientMsgID, "alice"]);
    await alice.event("OnNewRecvMessageRevoked");
  });

  test(`a refused message says so to its sender (${build})`, async (t) => {
    const { alice, bot } = await pair(t);
    await bot.sdk.addBlack({ toUserID: "alice" });
    await assert.rejects(alice.send({ recvID: "bot_7" }, "hello?"), (error) => error.errCode === 1302);
  });

  test(`somebody who leaves a group and somebody who comes are announced (${build})`, async (t) => {
    const { server, alice, bot } = await pair(t);
    await asAdmin(server, "/user/user_register", { users: [{ userID: "dave", nickname: "Dave" }] });
    await alice.sdk.inviteUserToGroup({ groupID: "g100", userIDList: ["dave"], reason: "" });
    const { data: added } = await bot.event("OnGroupMemberAdded");
    assert.equal(added.userID, "dave");
    await alice.sdk.kickGroupMember({ groupID: "g100", userIDList: ["dave"], reason: "" });
    const { data: gone } = await bot.event("OnGroupMemberDeleted");
    assert.equal(gone.userID, "dave");
  });
}
