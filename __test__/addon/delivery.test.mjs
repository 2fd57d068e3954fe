// What settles a message: the promise of its batch, or ack and nack; and what becomes of one that is refused.
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { OpenImClient } from "../../loader.js";
import { eventually, Inbox, loggedIn, logoutAll, sendTo } from "./support/inbox.mjs";
import { devServer } from "./support/server.mjs";

// A reader of its own for each test: what one leaves open would come to the next one's login.
const READERS = Array.from({ length: 12 }, (_, i) => `reader_${i}`);
const server = await devServer({ people: ["alice", ...READERS] });
afterEach(logoutAll);

/** A receiver whose batch callback is the test's, and somebody who writes to it. */
async function pair(onBatch, options = {}) {
  const reader = READERS.pop();
  const inbox = new Inbox();
  const wrapped = (batch) => {
    inbox.onBatch(batch);
    return onBatch(batch, inbox);
  };
  const [writer, { client }] = await Promise.all([
    loggedIn(server.login("alice")),
    loggedIn(server.login(reader, { accountId: "reader" }), { ...options, onBatch: wrapped, onLog: inbox.onLog }),
  ]);
  return { write: (text) => sendTo(writer.client, reader, text), client, inbox, reader };
}

const seen = (inbox, text) => inbox.messages.filter((message) => message.text === text);
const twice = (inbox, text) => inbox.until(() => seen(inbox, text).length === 2 && seen(inbox, text), `${text} again`);

describe("in ackMode batch", () => {
  test("a resolved promise settles the messages of its batch", async () => {
    let resolve;
    const taken = new Promise((done) => (resolve = done));
    const { write, client, inbox } = await pair(({ messages }) => (messages.length > 0 ? taken : undefined));
    await write("one");
    await inbox.message("one");
    assert.equal(client.status().unacked, 1);
    resolve();
    await eventually(() => client.status().acked === 1, "the message is settled");
    assert.equal(client.status().unacked, 0);
  });

  test("a rejected promise brings them again, marked redelivered", async () => {
    let refused = false;
    const { write, client, inbox } = await pair(async ({ messages }) => {
      if (messages.length === 0 || refused) return;
      refused = true;
      throw new Error("not now");
    });
    await write("again, please");
    const [first, second] = await twice(inbox, "again, please");
    assert.deepEqual([first.redelivered, second.redelivered], [false, true]);
    assert.equal(first.clientMsgID, second.clientMsgID);
    await eventually(() => client.status().acked === 1, "the second time settles it");
    assert.equal(client.status().refused, 1);
    assert.match(inbox.lines[0].message, /^account=reader the batch callback failed: not now$/);
  });

  test("a callback that throws refuses its batch, is reported in a log line, and nothing else happens", async () => {
    const uncaught = [];
    const note = (error) => uncaught.push(error);
    process.on("uncaughtException", note);
    try {
      let thrown = false;
      const { write, inbox } = await pair(({ messages }) => {
        if (messages.length === 0 || thrown) return undefined;
        thrown = true;
        throw new TypeError("a mistake in the callback");
      });
      await write("careful");
      const [, second] = await twice(inbox, "careful");
      assert.equal(second.redelivered, true);
      assert.deepEqual(inbox.lines, [
        {
          level: "error",
          accountId: "reader",
          message: "account=reader the batch callback failed: a mistake in the callback",
        },
      ]);
      assert.deepEqual(uncaught, []);
    } finally {
      process.off("uncaughtException", note);
    }
  });

  test("at most two batches are outstanding; the others wait until one settles", async () => {
    const settle = [];
    const { write, client, inbox } = await pair(({ messages }) =>
      messages.length > 0 ? new Promise((resolve) => settle.push(resolve)) : undefined,
    );
    for (const text of ["a", "b", "c", "d"]) {
      await write(text);
      if (text <= "b") await inbox.message(text);
    }
    // Both batches are out, so the others are received and stay where they are.
    await eventually(() => client.status().received === 4, "all four have been received");
    assert.deepEqual(
      inbox.messages.map(({ text }) => text),
      ["a", "b"],
    );
    settle[0]();
    await inbox.message("c");
    assert.deepEqual(
      inbox.messages.map(({ text }) => text),
      ["a", "b", "c", "d"],
    );
    for (const each of settle) each();
  });

  test("a callback that never settles holds up neither sending nor logging out", async () => {
    const { write, client, inbox } = await pair(() => new Promise(() => {}));
    await write("lost in thought");
    const sent = await sendTo(client, "alice", "still here");
    assert.equal(sent.status, 2);
    assert.ok(inbox.batches.length <= 2);
    const before = performance.now();
    await client.logout();
    assert.ok(performance.now() - before < 5_000);
  });
});

describe("in ackMode manual", () => {
  test("only ack settles, and once", async () => {
    const { write, client, inbox } = await pair(() => {}, { ackMode: "manual" });
    await write("wait");
    const { delivery } = await inbox.message("wait");
    assert.equal(client.status().unacked, 1);
    client.ack([delivery]);
    client.ack([delivery, 12_345]);
    assert.deepEqual([client.status().unacked, client.status().acked], [0, 1]);
  });

  test("nack brings a message again after about a second; later ones do not wait for it", async () => {
    const { write, client, inbox } = await pair(() => {}, { ackMode: "manual" });
    await write("first");
    const first = await inbox.message("first");
    const refusedAt = performance.now();
    client.nack([first.delivery]);
    await write("second");
    await inbox.message("second");
    const [, again] = await twice(inbox, "first");
    const waited = performance.now() - refusedAt;
    assert.ok(waited >= 900 && waited < 4_000, `after ${waited} ms`);
    assert.deepEqual([again.redelivered, again.delivery], [true, first.delivery]);
    client.ack([again.delivery]);
    assert.equal(client.status().unacked, 1);
  });

  test("a callback that throws before it settles refuses its messages", async () => {
    let refused = false;
    const { write, client, inbox } = await pair(
      ({ messages }) => {
        if (messages.length === 0 || refused) return;
        refused = true;
        throw new Error("not now");
      },
      { ackMode: "manual" },
    );
    await write("again, please");
    const [first, second] = await twice(inbox, "again, please");
    assert.deepEqual([first.redelivered, second.redelivered], [false, true]);
    client.ack([second.delivery]);
    assert.deepEqual([client.status().unacked, client.status().refused], [0, 1]);
  });

  test("what was not settled comes with the next login, what was does not", async () => {
    const one = await pair(() => {}, { ackMode: "manual" });
    await one.write("settled");
    one.client.ack([(await one.inbox.message("settled")).delivery]);
    await one.write("open");
    await one.inbox.message("open");
    await one.client.logout();
    const two = await loggedIn(server.login(one.reader));
    await two.inbox.message("open");
    assert.deepEqual(
      two.inbox.messages.map(({ text }) => text).filter((text) => text === "settled"),
      [],
    );
  });

  test("what is not an array of numbers is refused", async () => {
    const client = new OpenImClient(() => {}, { ackMode: "manual" });
    for (const wrong of [undefined, 5, ["1"], [1.5], [-1], new Array(5_000).fill(1)]) {
      assert.throws(() => client.ack(wrong), { code: "OPENIM_CONFIG", op: "ack" });
      assert.throws(() => client.nack(wrong), { code: "OPENIM_CONFIG", op: "nack" });
    }
    client.ack([]);
  });
});
