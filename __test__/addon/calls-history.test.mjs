// Messages of the past: paging both ways, taking back and deleting, without one caller disturbing another.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenImClient } from "../../loader.js";
import { Inbox } from "./support/inbox.mjs";
import { devServer } from "./support/server.mjs";

const server = await devServer();
const CHAT = "si_alice_bot_7";

async function logIn(t, userID) {
  const inbox = new Inbox();
  const client = new OpenImClient(inbox.onBatch);
  t.after(() => client.logout());
  await client.login(server.login(userID));
  return { client, inbox, write: (to, text) => client.sendMessage({ ...to, message: client.createTextMessage(text) }) };
}

const texts = ({ messageList }) => messageList.map(({ text }) => text);

/** A conversation with messages `1` to `count`, all of them stored. */
async function written(t, count, to = "bot_7") {
  const alice = await logIn(t, "alice");
  const other = await logIn(t, to);
  const sent = [];
  for (let n = 1; n <= count; n += 1) sent.push(await alice.write({ recvID: to }, String(n)));
  await other.inbox.message(String(count));
  return { alice, other, sent };
}

test("history is read backwards in parts, without a gap or a repeat, to its beginning", async (t) => {
  const { other, sent } = await written(t, 130);
  const pages = [];
  let startClientMsgID = "";
  let isEnd = false;
  while (!isEnd) {
    const page = await other.client.getAdvancedHistoryMessageList({
      conversationID: CHAT,
      startClientMsgID,
      count: 20,
    });
    assert.ok(page.messageList.length > 0 && page.messageList.length <= 20);
    pages.unshift(...texts(page));
    ({ isEnd } = page);
    startClientMsgID = page.messageList[0].clientMsgID;
    assert.deepEqual([page.errCode, page.errMsg], [0, ""]);
  }
  assert.deepEqual(
    pages,
    Array.from({ length: 130 }, (_, n) => String(n + 1)),
  );

  const forth = { conversationID: CHAT, startClientMsgID: sent[4].clientMsgID, count: 3 };
  const page = await other.client.getAdvancedHistoryMessageListReverse(forth);
  assert.deepEqual([texts(page), page.isEnd], [["5", "6", "7"], false], "the start is part of it");
  const last = await other.client.getAdvancedHistoryMessageListReverse({
    conversationID: CHAT,
    startSeq: 129,
    count: 9,
  });
  assert.deepEqual([texts(last), last.isEnd], [["129", "130"], true]);
});

test("a message of the past has the shape of a received one, one's own included", async (t) => {
  const bob = await logIn(t, "bob");
  const dave = await logIn(t, "dave");
  await bob.write({ recvID: "dave" }, "hi 你好 😀");
  await dave.inbox.message("hi 你好 😀");
  await dave.write({ recvID: "bob" }, "hi yourself");
  await bob.inbox.message("hi yourself");
  const query = { conversationID: "si_bob_dave", count: 10 };
  const { messageList, isEnd } = await dave.client.getAdvancedHistoryMessageList(query);
  const [received, own] = messageList;
  assert.equal(isEnd, true);
  assert.deepEqual(
    { ...received, delivery: 0, status: 0 },
    { ...dave.inbox.messages.find(({ text }) => text === received.text), delivery: 0, status: 0 },
  );
  assert.deepEqual([own.sendID, own.text, own.textElem.content, own.seq], ["dave", "hi yourself", "hi yourself", 2]);
});

test("two callers that read two conversations at once do not disturb each other", async (t) => {
  const carol = await logIn(t, "carol");
  const bob = await logIn(t, "bob");
  for (let n = 1; n <= 30; n += 1) {
    await bob.write({ recvID: "carol" }, `direct ${n}`);
    await bob.write({ groupID: "g100" }, `group ${n}`);
  }
  await carol.inbox.message("direct 30");
  await carol.inbox.message("group 30");
  const read = async (conversationID) => {
    const found = [];
    for (let start = ""; found.length < 30;) {
      const query = { conversationID, startClientMsgID: start, count: 7 };
      const { messageList } = await carol.client.getAdvancedHistoryMessageList(query);
      found.unshift(...messageList.map(({ text }) => text));
      start = messageList[0].clientMsgID;
    }
    return found;
  };
  const [direct, group] = await Promise.all([read("si_bob_carol"), read("sg_g100")]);
  for (let n = 1; n <= 30; n += 1) assert.deepEqual([direct[n - 1], group[n - 1]], [`direct ${n}`, `group ${n}`]);
});

test("a message is taken back for everybody, and deleted for oneself", async (t) => {
  const { alice, other: dave, sent } = await written(t, 4, "dave");
  const conversationID = "si_alice_dave";
  const read = async ({ client }) => texts(await client.getAdvancedHistoryMessageList({ conversationID, count: 10 }));

  await alice.client.revokeMessage({ conversationID, clientMsgID: sent[1].clientMsgID });
  const revoked = await dave.inbox.event("OnNewRecvMessageRevoked");
  assert.deepEqual([revoked.data.clientMsgID, revoked.data.revokerID], [sent[1].clientMsgID, "alice"]);
  assert.deepEqual(
    [await read(alice), await read(dave)],
    [
      ["1", "3", "4"],
      ["1", "3", "4"],
    ],
  );

  const again = { conversationID, clientMsgID: sent[1].clientMsgID, seq: 2 };
  await assert.rejects(alice.client.revokeMessage(again), { code: "OPENIM_DENIED", errCode: 1404 });
  const anothers = { conversationID, clientMsgID: sent[2].clientMsgID, seq: 2 };
  await assert.rejects(alice.client.revokeMessage(anothers), { code: "OPENIM_CONFIG", message: /another message/ });
  const others = { conversationID, clientMsgID: sent[2].clientMsgID };
  await assert.rejects(dave.client.revokeMessage(others), { code: "OPENIM_DENIED", errCode: 1002 });
  const unknown = { conversationID, clientMsgID: "nobody's" };
  await assert.rejects(alice.client.revokeMessage(unknown), { code: "OPENIM_CONFIG", message: /no such message/ });

  await dave.client.deleteMessage(others);
  assert.deepEqual(
    [await read(alice), await read(dave)],
    [
      ["1", "3", "4"],
      ["1", "4"],
    ],
  );
  await dave.client.deleteConversationAndDeleteAllMsg(conversationID);
  assert.deepEqual([await read(alice), await read(dave)], [["1", "3", "4"], []]);
  await alice.write({ recvID: "dave" }, "there you are");
  await dave.inbox.message("there you are");
  assert.deepEqual(await read(dave), ["there you are"], "the conversation goes on");
  await alice.client.deleteAllMsgFromLocalAndSvr();
  assert.deepEqual(await read(alice), []);
});

test("what cannot be read is said in words", async (t) => {
  const { client } = await logIn(t, "bot_7");
  const refused = (query, expected) => assert.rejects(client.getAdvancedHistoryMessageList(query), expected);
  await refused({ conversationID: CHAT, count: 0 }, { code: "OPENIM_CONFIG", message: /1 to 500/ });
  await refused({ conversationID: "si_alice_bob", count: 1 }, { code: "OPENIM_CONFIG" });
  await refused({ conversationID: CHAT, count: 1, startClientMsgID: "nobody's" }, { message: /no such message/ });
  const nothing = await client.getAdvancedHistoryMessageList({ conversationID: "si_bot_7_carol", count: 5 });
  assert.deepEqual([nothing.isEnd, nothing.messageList], [true, []]);
});
