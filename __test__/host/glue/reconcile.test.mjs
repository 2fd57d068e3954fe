// After a crash: which deliveries are said to be sent, which may be sent again, and when neither is said.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { clientMsgID } from "../../../dist/outbound/delivery-id.js";
import { LOOK_BACK_PAGES, LOOK_BACK_PER_PAGE, STORED_AFTER_MS } from "../../../dist/limits.js";
import { messageAdapter } from "../../../dist/adapters/message.js";
import { PLUGIN_ID } from "../../../dist/names.js";
import { VERSION } from "../../../dist/version.js";

const SLOT = Symbol.for(`${PLUGIN_ID}.native.v${VERSION}`);
const HOUR_MS = 3_600_000;
const STARTED = Date.now() - 3 * HOUR_MS;

/** The conversation as the server keeps it, oldest first. */
let kept;
let asked;

const client = {
  status: () => ({ userID: "bot" }),
  async getOneConversation({ sourceID, sessionType }) {
    return { conversationID: `${sessionType}:${sourceID}` };
  },
  async getAdvancedHistoryMessageList({ conversationID, count, startSeq = Infinity }) {
    asked.push(conversationID);
    const before = kept.filter(({ seq }) => seq < startSeq);
    return { messageList: before.slice(-count), isEnd: before.length <= count };
  },
};
const running = new Map();

beforeEach(() => {
  kept = [];
  asked = [];
  running.set("a", { clients: { getConnectedClient: () => client } });
  globalThis[SLOT] = { running };
});
afterEach(() => {
  delete globalThis[SLOT];
});

function keep(id, { sendID = "bot", sendTime = STARTED + 100 } = {}) {
  kept.push({ clientMsgID: id, sendID, sendTime, seq: kept.length + 1 });
}

const part = (index, count, words = false) =>
  clientMsgID({ deliveryQueueId: "q-1", deliveryPartIndex: index, deliveryPartCount: count }, { words });

function reconcile(more = {}) {
  return messageAdapter.durableFinal.reconcileUnknownSend({
    cfg: { channels: { "multi-openim": { accounts: { a: {} } } } },
    queueId: "q-1",
    channel: "multi-openim",
    to: "user:alice",
    accountId: "a",
    enqueuedAt: STARTED,
    platformSendStartedAt: STARTED,
    retryCount: 0,
    payloads: [{ text: "an answer" }],
    replyToId: null,
    ...more,
  });
}

test("the host is told that it may ask, for single texts and files", () => {
  const { capabilities, automaticUnknownSendReconciliation, reconcileUnknownSendKinds } = messageAdapter.durableFinal;
  assert.deepEqual(capabilities, { text: true, media: true, messageSendingHooks: true, reconcileUnknownSend: true });
  assert.equal(automaticUnknownSendReconciliation, true);
  assert.deepEqual(reconcileUnknownSendKinds, { text: true, media: true });
});

test("what is in the conversation was sent, under its own id", async () => {
  keep(part(0, 1));
  keep("a later question", { sendID: "alice" });
  const { status, receipt } = await reconcile();
  assert.equal(status, "sent");
  assert.deepEqual(receipt.platformMessageIds, [part(0, 1)]);
  assert.deepEqual(asked, ["1:alice"]);
});

test("what is not in the conversation may be sent again", async () => {
  keep("something else");
  // Nobody else can speak for the account.
  keep(part(0, 1), { sendID: "alice" });
  assert.deepEqual(await reconcile(), { status: "not_sent" });
});

test("what left a moment ago is looked for when the server has had the time to store it", async () => {
  const platformSendStartedAt = Date.now() - STORED_AFTER_MS + 200;
  const verdict = reconcile({ platformSendStartedAt });
  keep(part(0, 1), { sendTime: Date.now() });
  assert.equal((await verdict).status, "sent");
  assert.ok(Date.now() >= platformSendStartedAt + STORED_AFTER_MS);
});

test("an answer in a group is looked for in the group", async () => {
  keep(part(0, 1));
  assert.equal((await reconcile({ to: "group:g1" })).status, "sent");
  assert.deepEqual(asked, ["3:g1"]);
});

test("a long answer was sent when all its parts are there, in their order; a part of it is neither sent nor not", async () => {
  keep(part(1, 2));
  const half = await reconcile();
  assert.equal(half.status, "unresolved");
  assert.match(half.error, /^1 of its 2 messages/);
  keep(part(0, 2));
  assert.deepEqual((await reconcile()).receipt.platformMessageIds, [part(0, 2), part(1, 2)]);
});

test("a file with words was sent when both are there", async () => {
  const payloads = [{ text: "look", mediaUrl: "/files/a.png" }];
  keep(part(0, 1));
  assert.equal((await reconcile({ payloads })).status, "unresolved");
  assert.equal((await reconcile({ payloads: [{ mediaUrl: "/files/a.png" }] })).status, "sent");
  keep(part(0, 1, true));
  assert.equal((await reconcile({ payloads })).status, "sent");
});

test("a conversation is read back as far as the delivery, and not for ever", async () => {
  keep(part(0, 1));
  for (let i = 0; i < LOOK_BACK_PER_PAGE + 1; i++) keep(`newer ${i}`, { sendID: "alice" });
  assert.equal((await reconcile()).status, "sent");
  for (let i = 0; i < LOOK_BACK_PER_PAGE * LOOK_BACK_PAGES; i++) keep(`newest ${i}`, { sendID: "alice" });
  assert.equal((await reconcile()).status, "unresolved");
  asked = [];
  // What the account said long before it cannot be it, so there is no need to read on.
  keep("an older answer");
  assert.equal((await reconcile({ platformSendStartedAt: STARTED + 2 * HOUR_MS })).status, "not_sent");
  assert.equal(asked.length, 1);
});

test("a time that somebody else wrote into a message does not end the look back", async () => {
  keep(part(0, 1));
  for (let i = 0; i < LOOK_BACK_PER_PAGE; i++) keep(`newer ${i}`, { sendID: "mallory", sendTime: 1 });
  assert.equal((await reconcile()).status, "sent");
});

test("an account that is not connected is asked again later", async () => {
  running.clear();
  await assert.rejects(reconcile(), /is not connected/);
});

test("nothing is said of what was sent under other ids", async () => {
  const two = [{ text: "one" }, { text: "two" }];
  for (const more of [{ payloads: two }, { payloads: [] }, { replyToId: "m" }, { threadId: 1 }, { to: "alice" }]) {
    assert.equal((await reconcile(more)).status, "unresolved", JSON.stringify(more));
  }
  assert.deepEqual(asked, []);
});
