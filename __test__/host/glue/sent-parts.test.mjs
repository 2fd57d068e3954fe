// After a restart: how much of a message's answer is in its conversation.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { repeatNote, lastSentPart } from "../../../dist/restart/sent-parts.js";
import { answerMsgID, clientMsgID } from "../../../dist/outbound/delivery-id.js";
import { PLUGIN_ID } from "../../../dist/names.js";
import { VERSION } from "../../../dist/version.js";

const SLOT = Symbol.for(`${PLUGIN_ID}.native.v${VERSION}`);
const SENT = Date.now() - 60_000;
const running = new Map();
let kept;
let isEnd;

beforeEach(() => {
  kept = [];
  isEnd = true;
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
    return { messageList: kept, isEnd };
  },
};
function keep(clientMsgID, { sendID = "bot", text = "" } = {}) {
  kept.push({ clientMsgID, sendID, text, sendTime: SENT + 100, seq: kept.length + 1 });
}
const given = async (turn = "m1") => (await sentTo([turn])).last;
const sentTo = (turns) =>
  lastSentPart({
    cfg: { channels: { "multi-openim": { accounts: { a: {} } } } },
    accountId: "a",
    target: "user:alice",
    turns,
    sendTime: SENT,
  });

test("an answer of which the last message is there was given", async () => {
  keep(answerMsgID("m1", { index: 0, left: 1 }), { text: "first" });
  keep(answerMsgID("m1", { index: 1, left: 0 }), { text: "second" });
  assert.deepEqual(await given(), { index: 1, left: 0, text: "second" });
});

test("of an answer that was cut off it is known how far it got, and the agent is told", async () => {
  const first = `${"x".repeat(300)}and "so" 😀`;
  keep(answerMsgID("m1", { index: 0, left: 2 }), { text: first });
  keep(answerMsgID("m1", { index: 30, left: 2 }), { text: `${first}on` });
  keep(answerMsgID("m1", { index: 29, left: 3 }), { text: "late" });
  const last = await given();
  assert.deepEqual(last, { index: 30, left: 2, text: `${first}on` });
  const told = repeatNote({ last, complete: true });
  assert.match(told, /after message 31 of 33, which ends with "x+and \\"so\\" 😀on"\. Send only the rest/);
  assert.equal([...told.match(/x+/g).at(-1)].length, 200 - [...'and "so" 😀on'].length);
});

test("the ids of an answer differ from each other, and from those of other turns and of the host's queue", () => {
  const ids = [
    answerMsgID("m1", { index: 0, left: 1 }),
    answerMsgID("m1", { index: 1, left: 0 }),
    answerMsgID("m1-again-1", { index: 0, left: 0 }),
    answerMsgID("m2", { index: 0, left: 0 }),
    clientMsgID({ deliveryQueueId: "m1" }),
  ];
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
});

test("what others say, and the answers to other turns, are no answer", async () => {
  const only = { index: 0, left: 0 };
  keep(answerMsgID("m1", only), { sendID: "mallory" });
  keep(answerMsgID("m2", only));
  keep(answerMsgID("m1-again-1", only));
  keep("0123456789abcdef0123456789abcdef");
  assert.equal(await given(), undefined);
  assert.match(repeatNote({ complete: true }), /lost the answer/);
  assert.deepEqual(await given("m1-again-1"), { ...only, text: "" });
});

test("an account that is not connected cannot tell, and the message comes again", async () => {
  running.clear();
  await assert.rejects(given(), /is not connected/);
});

test("an answer to any of several turns is found", async () => {
  keep(answerMsgID("m1-again-1", { index: 0, left: 0 }), { text: "pong" });
  assert.deepEqual((await sentTo(["m1", "m1-again-1"])).last, { index: 0, left: 0, text: "pong" });
});

test("an answer in a conversation that is too long may have been given", async () => {
  isEnd = false;
  keep("somebody's", { sendID: "alice" });
  const sent = await sentTo(["m1"]);
  assert.deepEqual(sent, { complete: false });
  assert.match(repeatNote(sent), /may have lost the answer.*only what you have not answered/);
});
