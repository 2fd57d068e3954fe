// Friends and the black list: refused unless the operator allows them, and then they work, under new and old names.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenImClient, createChannelPlugin } from "../../loader.js";
import { Inbox } from "./support/inbox.mjs";
import { devServer } from "./support/server.mjs";

const server = await devServer();
const FREE = { disableFriendSdk: false };
const PART = { offset: 0, count: 20 };

/** The methods that the channel has always refused. */
const GUARDED = [
  "addFriend",
  "addFriendV2",
  "applyFriend",
  "acceptFriendApplication",
  "refuseFriendApplication",
  "deleteFriend",
  "checkFriend",
  "setFriendRemark",
  "addBlack",
  "removeBlack",
  "getFriendApplicationListAsApplicant",
  "getFriendApplicationListAsRecipient",
  "getFriendApplicationList",
  "getRecvFriendApplicationList",
  "getSendFriendApplicationList",
  "getFriendList",
];
/** Those that do the same under a name of their own. */
const NEWER = ["getFriendListPage", "getSpecifiedFriendsInfo", "updateFriends", "getBlackList"];

const sentence = (method, account) =>
  `MULTI_OPENIM_FRIEND_API_DISABLED: SDK ${method}() is disabled by multi-openim-channel (account=${account}). Route friend operations through your own backend.`;

async function logIn(t, userID, more = {}) {
  const inbox = new Inbox();
  const client = new OpenImClient(inbox.onBatch);
  t.after(() => client.logout());
  await client.login(server.login(userID, more));
  return { client, inbox };
}

for (const [how, more] of [
  ["by default", {}],
  ["when told so", { disableFriendSdk: true }],
  ["unless it is told otherwise in so many words", { disableFriendSdk: "false" }],
]) {
  test(`every method about friends is refused with its name and the account ${how}`, async (t) => {
    const { client } = await logIn(t, "bot_7", { accountId: "support", ...more });
    for (const method of [...GUARDED, ...NEWER]) {
      await assert.rejects(client[method](), {
        code: "MULTI_OPENIM_FRIEND_API_DISABLED",
        message: sentence(method, "support"),
        accountId: "support",
        op: method,
        retryable: false,
      });
    }
    const { friendRequests } = await server.post("/friend/get_self_friend_apply_list", {
      userID: "bot_7",
      pagination: { pageNumber: 1, showNumber: 10 },
    });
    assert.deepEqual(friendRequests ?? [], [], "the server was asked nothing");
  });
}

test("an account of the channel obeys its own setting, and else the channel's", async (t) => {
  const lines = [];
  const logger = {
    info: (line) => lines.push(line),
    warn: (line) => lines.push(line),
    error: (line) => lines.push(line),
  };
  const channel = server.channel(["alice", "bob"], { disableFriendSdk: false });
  channel.accounts.bob.disableFriendSdk = true;
  const cfg = { channels: { "multi-openim": channel } };
  const plugin = createChannelPlugin({ channel, logger, cfg });
  t.after(() => plugin.clients.stopAllClients());
  const start = (id) => plugin.clients.startAccountClient({ cfg }, plugin.config.resolveAccount(cfg, id));
  const [alice, bob] = await Promise.all([start("alice"), start("bob")]);
  assert.deepEqual(await alice.checkFriend(["bob"]), [{ userID: "bob", result: 0 }]);
  await assert.rejects(bob.checkFriend(["alice"]), { message: sentence("checkFriend", "bob") });
});

test("a request is made, seen on both sides, accepted, and the friendship kept, named and ended", async (t) => {
  const alice = await logIn(t, "alice", FREE);
  const carol = await logIn(t, "carol", FREE);
  await alice.client.addFriend({ toUserID: "carol", reqMsg: "hello" });
  await carol.inbox.event("OnFriendApplicationAdded");
  const [received] = await carol.client.getFriendApplicationListAsRecipient(PART);
  assert.deepEqual([received.fromUserID, received.reqMsg, received.handleResult], ["alice", "hello", 0]);
  assert.deepEqual(await carol.client.getFriendApplicationList(), await carol.client.getRecvFriendApplicationList());
  const [sent] = await alice.client.getFriendApplicationListAsApplicant(PART);
  assert.deepEqual([sent.toUserID, sent.toNickname], ["carol", "Carol"]);
  assert.deepEqual(await alice.client.getSendFriendApplicationList(), [sent]);

  await carol.client.acceptFriendApplication({ toUserID: "alice", handleMsg: "yes" });
  await alice.inbox.event("OnFriendApplicationAccepted");
  assert.deepEqual(await alice.client.checkFriend(["carol", "dave"]), [
    { userID: "carol", result: 1 },
    { userID: "dave", result: 0 },
  ]);
  await alice.client.setFriendRemark({ toUserID: "carol", remark: "C." });
  await alice.client.updateFriends({ friendUserIDs: ["carol"], isPinned: true });
  const [friend] = await alice.client.getFriendListPage(PART);
  assert.deepEqual([friend.userID, friend.nickname, friend.remark, friend.isPinned], ["carol", "Carol", "C.", true]);
  assert.deepEqual(await alice.client.getFriendList(), [friend]);
  assert.deepEqual(await alice.client.getSpecifiedFriendsInfo(["carol", "dave"]), [friend]);

  await alice.client.deleteFriend("carol");
  assert.deepEqual(await alice.client.getFriendList(), []);
});

test("a refused request leaves no friendship", async (t) => {
  const bob = await logIn(t, "bob", FREE);
  const dave = await logIn(t, "dave", FREE);
  await bob.client.applyFriend({ toUserID: "dave" });
  await dave.client.refuseFriendApplication({ toUserID: "bob", handleMsg: "no" });
  await bob.inbox.event("OnFriendApplicationRejected");
  const [sent] = await bob.client.getFriendApplicationListAsApplicant(PART);
  assert.deepEqual([sent.handleResult, sent.handleMsg], [-1, "no"]);
  assert.deepEqual(await bob.client.checkFriend(["dave"]), [{ userID: "dave", result: 0 }]);
});

test("whose messages are refused cannot write until they may again", async (t) => {
  const alice = await logIn(t, "alice", FREE);
  const bob = await logIn(t, "bob", FREE);
  const write = () => bob.client.sendMessage({ recvID: "alice", message: bob.client.createTextMessage("hello") });
  await alice.client.addBlack({ toUserID: "bob" });
  const [black] = await alice.client.getBlackList(PART);
  assert.deepEqual([black.userID, black.nickname], ["bob", "Bob"]);
  await assert.rejects(write(), { code: "OPENIM_DENIED", errCode: 1302 });
  await alice.client.removeBlack("bob");
  assert.deepEqual(await alice.client.getBlackList(PART), []);
  await write();
  await alice.client.addBlack("bob");
  assert.equal((await alice.client.getBlackList(PART)).length, 1, "the id alone will do");
});
