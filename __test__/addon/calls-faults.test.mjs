// The calls on bad days: answers that fail, stay away, lie or never end, holes in conversations, and connections that break.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startDevServer } from "../../scripts/lib/devserver.mjs";
import { OpenImClient } from "../../loader.js";
import { Inbox } from "./support/inbox.mjs";

const people = ["alice", "bot_7", "carol", "dave"];
const server = await startDevServer({ args: ["--control", ...people.flatMap((id) => ["--user", id])] });
after(() => server.stop());

const { control } = server;

/** From now on the server does this to requests; nothing when the test is over. */
async function rule(t, ...rules) {
  t.after(() => control("rules", { rules: [] }));
  await control("rules", { rules });
}

async function logIn(t, userID) {
  const inbox = new Inbox();
  const client = new OpenImClient(inbox.onBatch);
  t.after(() => client.logout());
  const { wsAddr, apiAddr } = server;
  await client.login({ token: server.user(userID).token, wsAddr, apiAddr });
  return { client, inbox };
}

test("case 80: reading is repeated after failures of the server, changing is not", async (t) => {
  const { client } = await logIn(t, "bot_7");
  await rule(t, { path: "/user/get_users_info", times: 2, status: 503, body: "<html>busy</html>" });
  assert.equal((await client.getUsersInfo(["alice"])).length, 1);

  await rule(t, { path: "/user/update_user_info_ex", times: 1, status: 503, body: "" });
  const unknown = { code: "OPENIM_SERVER", maybeDelivered: true, retryable: false };
  await assert.rejects(client.setSelfInfo({ ex: "1" }), unknown);
});

test("case 80: a pause the server asks for is made, a long one is left to the caller", async (t) => {
  const { client } = await logIn(t, "bot_7");
  await rule(t, {
    path: "/user/update_user_info_ex",
    times: 1,
    status: 429,
    headers: { "Retry-After": "1" },
    body: "",
  });
  const began = performance.now();
  await client.setSelfInfo({ ex: "after the pause" });
  assert.ok(performance.now() - began >= 1_000);
  assert.equal((await client.getSelfUserInfo()).ex, "after the pause");

  await rule(t, { path: "/user/get_users_info", status: 429, headers: { "Retry-After": "600" }, body: "" });
  const slow = { code: "OPENIM_RATE_LIMITED", retryAfterMs: 600_000, retryable: true, op: "getUsersInfo" };
  await assert.rejects(client.getUsersInfo(["alice"]), slow);
});

test("a change whose answer is lost is made once and said to be unknown", async (t) => {
  const { client } = await logIn(t, "bot_7");
  await rule(t, { path: "/group/create_group", times: 1, loseAnswer: true });
  const group = { memberUserIDs: ["alice"], groupInfo: { groupName: "Once" } };
  await assert.rejects(client.createGroup(group), { maybeDelivered: true, retryable: false });
  const joined = await client.getJoinedGroupListPage({ offset: 0, count: 100 });
  assert.equal(joined.filter(({ groupName }) => groupName === "Once").length, 1, "look, and there it is");
});

test("an answer without an end, a bomb and a redirect to itself are given up", async (t) => {
  const { client } = await logIn(t, "bot_7");
  const before = process.memoryUsage().rss;
  for (const gzip of [false, true]) {
    await rule(t, { path: "/user/get_users_info", bytes: 1_000_000_000, gzip });
    await assert.rejects(client.getUsersInfo(["alice"]), { code: "OPENIM_PROTOCOL", message: /larger than 16 MiB/ });
  }
  assert.ok(process.memoryUsage().rss - before < 200 << 20, "and never held");
  await rule(t, { path: "/user/get_users_info", redirect: true });
  await assert.rejects(client.getUsersInfo(["alice"]), { code: "OPENIM_PROTOCOL", message: /redirects to/ });
});

test("history passes over holes and jumps, and says where it ends", async (t) => {
  const { client, inbox } = await logIn(t, "bot_7");
  const conversationID = "si_alice_bot_7";
  const write = (from, to) => {
    const texts = Array.from({ length: to - from + 1 }, (_, n) => String(from + n));
    return control("send", { messages: texts.map((text) => ({ sendID: "alice", recvID: "bot_7", text })) });
  };
  await write(1, 60);
  for (const seq of [1, 2, 30, 31, 59]) await control("lose", { conversationID, seq });
  await control("jump", { conversationID, by: 130 });
  await write(61, 65);
  await inbox.message("65");
  const kept = Array.from({ length: 65 }, (_, n) => String(n + 1)).filter(
    (n) => !["1", "2", "30", "31", "59"].includes(n),
  );

  const texts = ({ messageList }) => messageList.map(({ text }) => text);
  const whole = await client.getAdvancedHistoryMessageList({ conversationID, count: 500 });
  assert.deepEqual([texts(whole), whole.isEnd], [kept, true]);
  const forth = await client.getAdvancedHistoryMessageListReverse({ conversationID, count: 500 });
  assert.deepEqual([texts(forth), forth.isEnd], [kept, true]);
  const newest = await client.getAdvancedHistoryMessageList({ conversationID, count: 6 });
  assert.deepEqual([texts(newest), newest.isEnd], [["60", "61", "62", "63", "64", "65"], false]);
});

test("who has left a group reads it up to there", async (t) => {
  const { client, inbox } = await logIn(t, "bot_7");
  const { groupID } = await client.createGroup({ memberUserIDs: ["alice", "dave"], groupInfo: { groupName: "Past" } });
  const write = (text) => control("send", { messages: [{ sendID: "alice", groupID, text }] });
  await write("while there");
  await inbox.message("while there");
  await client.transferGroupOwner({ groupID, newOwnerUserID: "alice" });
  await client.quitGroup(groupID);
  await write("afterwards");
  const query = { conversationID: `sg_${groupID}`, count: 50 };
  const { messageList, isEnd } = await client.getAdvancedHistoryMessageList(query);
  assert.deepEqual([messageList.map(({ text }) => text), isEnd], [["while there"], true]);
});

test("subscriptions outlive a connection, and what happened meanwhile is told", async (t) => {
  const alice = await logIn(t, "alice");
  assert.deepEqual(
    (await alice.client.subscribeUsersStatus(["carol"])).map(({ status }) => status),
    [0],
  );
  await control("listener", { port: "ws", state: "refuse", ms: 60_000 });
  t.after(() => control("listener", { port: "ws", state: "open", ms: 0 }));
  await control("cut", { userID: "alice" });
  await alice.inbox.event("OnDisconnected");
  await assert.rejects(alice.client.subscribeUsersStatus(["dave"]), { code: "OPENIM_OFFLINE", accountId: "alice" });
  await control("listener", { port: "ws", state: "open", ms: 0 });
  await logIn(t, "carol");
  const told = await alice.inbox.event("OnUserStatusChanged");
  assert.deepEqual([told.data.userID, told.data.status], ["carol", 1]);
  const known = await alice.client.getSubscribeUsersStatus();
  assert.deepEqual(known, [{ userID: "carol", status: 1, platformIDs: [5] }], "the refused subscription left nothing");
});

test("case 69: a token that runs out is told by the call that finds it", async (t) => {
  const { client } = await logIn(t, "dave");
  t.after(() => control("token", { userID: "dave", errCode: 0 }));
  await control("token", { userID: "dave", errCode: 1501 });
  await assert.rejects(client.getSelfUserInfo(), { code: "OPENIM_TOKEN_EXPIRED", errCode: 1501, accountId: "dave" });
});
