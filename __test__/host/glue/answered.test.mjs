// After a restart: whether a message's answer is in its conversation.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { isAnswered } from "../../../dist/answered.js";
import { answerMsgID, clientMsgID } from "../../../dist/delivery-id.js";
import { PLUGIN_ID, VERSION } from "../../../dist/names.js";

const SLOT = Symbol.for(`${PLUGIN_ID}.native.v${VERSION}`);
const SENT = Date.now() - 60_000;
const running = new Map();
let kept;

beforeEach(() => {
  kept = [];
  running.clear();
  running.set("a", { clients: { getConnectedClient: () => client } });
  globalThis[SLOT] = { running };
});
afterEach(() => {
  delete globalThis[SLOT];
});

const client = {
  status: () => ({ userID: "bot" }),
  async getOneConversation({ sourceID, sessionType }) {
    return { conversationID: `${sessionType}:${sourceID}` };
  },
  async getAdvancedHistoryMessageList({ conversationID }) {
    assert.equal(conversationID, "1:alice");
    return { messageList: kept, isEnd: true };
  },
};
const keep = (id, sendID = "bot") => kept.push({ clientMsgID: id, sendID, sendTime: SENT + 100, seq: kept.length + 1 });
const answered = (turn = "m1") =>
  isAnswered({
    cfg: { channels: { "multi-openim": { accounts: { a: {} } } } },
    accountId: "a",
    target: "user:alice",
    turn,
    sendTime: SENT,
  });

test("any message of a turn's answer is its answer", async () => {
  for (const index of [0, 1, 30]) {
    kept = [];
    keep(answerMsgID("m1", index));
    assert.equal(await answered(), true);
  }
});

test("the ids of an answer differ from each other, and from those of other turns and of the host's queue", () => {
  const ids = [
    answerMsgID("m1", 0),
    answerMsgID("m1", 1),
    answerMsgID("m1-again-1", 0),
    answerMsgID("m2", 0),
    clientMsgID({ deliveryQueueId: "m1" }),
  ];
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
});

test("what others say, and the answers to other turns, are no answer", async () => {
  keep(answerMsgID("m1", 0), "mallory");
  keep(answerMsgID("m2", 0));
  keep(answerMsgID("m1-again-1", 0));
  keep("0123456789abcdef0123456789abcdef");
  assert.equal(await answered(), false);
  assert.equal(await answered("m1-again-1"), true);
});

test("an account that is not connected cannot tell, and the message comes again", async () => {
  running.clear();
  await assert.rejects(answered(), /is not connected/);
});
