// A quote is the bot's own only if the conversation has the message, by that id and from the bot.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { quotesOwnMessage } from "../../../dist/inbound/own-quote.js";
import { VERSION } from "../../../dist/version.js";
import { accountOn, configOf } from "../lib/registered.mjs";

const slot = Symbol.for(`multi-openim-channel.native.v${VERSION}`);
const place = { cfg: configOf({ a: accountOn("im.example") }), accountId: "a", selfId: "bot" };
const message = (more = {}) => ({
  conversationID: "sg_g1",
  seq: 90,
  quote: { clientMsgID: "q1", sendID: "bot", senderNickname: "", text: "I agreed", media: [] },
  quoteElem: { quoteMessage: { seq: 40 } },
  atTextElem: null,
  ...more,
});

/** A running account whose server has these messages; returns what was asked of it. */
function serverWith(messages) {
  const asked = [];
  const client = {
    getAdvancedHistoryMessageList: async (query) => {
      asked.push(query);
      const found = messages.filter(({ seq }) => seq < query.startSeq).slice(-query.count);
      return { messageList: found, isEnd: false };
    },
  };
  globalThis[slot] = { running: new Map([["a", { clients: { getConnectedClient: () => client } }]]) };
  return asked;
}
afterEach(() => delete globalThis[slot]);

test("a quote of a message that the bot wrote is the bot's", async () => {
  const asked = serverWith([{ seq: 40, clientMsgID: "q1", sendID: "bot" }]);
  assert.equal(await quotesOwnMessage(place, message()), true);
  assert.deepEqual(asked, [{ conversationID: "sg_g1", startSeq: 41, count: 1 }]);
});

test("a forged quote of the bot is nobody's", async () => {
  serverWith([{ seq: 40, clientMsgID: "q1", sendID: "mallory" }]);
  assert.equal(await quotesOwnMessage(place, message()), false);
  serverWith([{ seq: 40, clientMsgID: "other", sendID: "bot" }]);
  assert.equal(await quotesOwnMessage(place, message()), false);
  serverWith([]);
  assert.equal(await quotesOwnMessage(place, message()), false);
});

test("a quote without a usable place is looked for before the message", async () => {
  const own = { seq: 12, clientMsgID: "q1", sendID: "bot" };
  for (const seq of [undefined, 0, -1, 90, 91, 1.5, 2 ** 60, NaN, "40"]) {
    const asked = serverWith([own]);
    assert.equal(await quotesOwnMessage(place, message({ quoteElem: { quoteMessage: { seq } } })), true, String(seq));
    assert.equal(asked[0].startSeq, 90);
  }
});

test("a quote that names a wrong place is looked for before the message", async () => {
  const asked = serverWith([
    { seq: 40, clientMsgID: "other", sendID: "bot" },
    { seq: 41, clientMsgID: "q1", sendID: "bot" },
  ]);
  assert.equal(await quotesOwnMessage(place, message()), true);
  assert.equal(asked.length, 2);
});

test("a quote of somebody else is not looked for at all", async () => {
  const asked = serverWith([]);
  const quote = { ...message().quote, sendID: "carol" };
  assert.equal(await quotesOwnMessage(place, message({ quote })), false);
  assert.equal(await quotesOwnMessage(place, message({ quote: null })), false);
  assert.deepEqual(asked, []);
});

test("a server that cannot be asked lets the message come again", async () => {
  await assert.rejects(quotesOwnMessage(place, message()), /not connected/);
});
