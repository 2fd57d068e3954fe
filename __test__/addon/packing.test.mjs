// Batches cross packed; what comes out is what was sent, whatever the texts are.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { loggedIn, logoutAll, sendTo } from "./support/inbox.mjs";
import { devServer } from "./support/server.mjs";

const server = await devServer();
const [alice, bot] = await Promise.all([loggedIn(server.login("alice")), loggedIn(server.login("bot_7"))]);
after(logoutAll);

const TEXTS = {
  ASCII: 'plain text, with "quotes", a \\ and a\nnew line',
  "Latin-1 beyond ASCII": "déjà vu, straße, ¿qué?",
  CJK: "你好，世界。こんにちは。안녕하세요",
  "emoji made of several characters": "👩‍👩‍👧‍👦 🏳️‍🌈 😀",
  "right to left": "שלום עולם — مرحبا",
  "zero and other control characters": "a\u0000b\u0007c\u2028d",
  "just under the limit of a long text": "x".repeat(1_024),
  "just over it": "y".repeat(1_025),
  "long and ASCII": "0123456789".repeat(800),
  "long and not ASCII": "漢字😀".repeat(400),
};

for (const [what, text] of Object.entries(TEXTS)) {
  test(`${what}: text, element and content are what was sent`, async () => {
    await sendTo(alice.client, "bot_7", text);
    const heard = await bot.inbox.message(text);
    assert.deepEqual(heard.textElem, { content: text });
    assert.deepEqual(JSON.parse(heard.content), { content: text });
    assert.deepEqual([heard.sendID, heard.recvID, heard.groupID], ["alice", "bot_7", ""]);
  });
}

test("all of them at once, in one batch or several, stay apart and in order", async () => {
  const from = bot.inbox.messages.length;
  const texts = Object.values(TEXTS).flatMap((text, i) => [`${i}`, `${i} ${text}`]);
  // One after the other on the wire, without waiting for answers in between.
  await Promise.all(texts.map((text) => sendTo(alice.client, "bot_7", text)));
  await bot.inbox.count(from + texts.length);
  const heard = bot.inbox.messages.slice(from);
  assert.deepEqual(heard.map(({ text }) => text).sort(), [...texts].sort());
  assert.deepEqual(
    heard.map(({ seq }) => seq),
    heard.map((_, i) => heard[0].seq + i),
  );
});

test("thousands of messages arrive once each, in order, in batches of at most 256", async () => {
  const from = bot.inbox.messages.length;
  const batches = bot.inbox.batches.length;
  const total = 3_000;
  for (let sent = 0; sent < total; sent += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, i) => sendTo(alice.client, "bot_7", `number ${sent + i}`)));
  }
  await bot.inbox.count(from + total);
  const heard = bot.inbox.messages.slice(from);
  assert.equal(heard.length, total);
  assert.equal(new Set(heard.map(({ clientMsgID }) => clientMsgID)).size, total);
  assert.deepEqual(
    heard.map(({ seq }) => seq),
    heard.map((_, i) => heard[0].seq + i),
  );
  for (const { messages } of bot.inbox.batches.slice(batches)) assert.ok(messages.length <= 256);
});

test("a kept message is an ordinary object: spread, JSON and structuredClone see all of it", async () => {
  await sendTo(alice.client, "bot_7", "keep me");
  const heard = await bot.inbox.message("keep me");
  assert.equal(Object.getPrototypeOf(heard), Object.prototype);
  assert.deepEqual({ ...heard }, heard);
  assert.deepEqual(JSON.parse(JSON.stringify(heard)), heard);
  assert.deepEqual(structuredClone(heard), heard);
});
