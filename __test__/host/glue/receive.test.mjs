// A received message on its way to the host: in order, never held up for ever, and offered again under another id.
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { answerMsgID } from "../../../dist/outbound/delivery-id.js";
import { receive } from "../../../dist/inbound/inbound.js";
import { directMessage, fakeHost, STATE } from "../lib/fake-host.mjs";

const forever = () => new Promise(() => {});
const soon = (ms = 30) => new Promise((resolve) => setTimeout(resolve, ms));

let host;
afterEach(() => {
  host.stop.abort();
  host.forget();
});

/** Adopts the message and answers it through the turn's delivery. */
async function answer({ adapter, turnAdoptionLifecycle }, text) {
  await turnAdoptionLifecycle.onAdopted();
  const { delivery } = await adapter.resolveTurn();
  return delivery.deliver({ text }, { kind: "final" });
}

test("a message to stop a turn does not wait for that turn", async () => {
  host = fakeHost({ run: forever });
  void receive(host.ctx(), STATE, directMessage("a long question")).catch(() => {});
  while (host.runs.length === 0) await soon();
  void receive(host.ctx(), STATE, directMessage("and another")).catch(() => {});
  void receive(host.ctx(), STATE, directMessage("/stop")).catch(() => {});
  while (host.runs.length < 2) await soon();
  assert.deepEqual(
    host.runs.map(({ text }) => text),
    ["a long question", "/stop"],
  );
});

test("a run that never begins its turn does not hold up the next message", { timeout: 20_000 }, async () => {
  host = fakeHost({ run: forever });
  void receive(host.ctx(), STATE, directMessage("one")).catch(() => {});
  void receive(host.ctx(), STATE, directMessage("two")).catch(() => {});
  while (host.runs.length < 2) await soon(100);
});

describe("a message that comes again in the same process", () => {
  test("is offered under another id", async () => {
    host = fakeHost({
      run: async (_, number) => {
        if (number === 1) throw new Error("not now");
        return {};
      },
    });
    const message = directMessage("hello");
    await assert.rejects(receive(host.ctx(), STATE, message), /not now/);
    await receive(host.ctx(), STATE, { ...message, redelivered: true });
    assert.deepEqual(
      host.runs.map(({ id }) => id),
      [message.clientMsgID, `${message.clientMsgID}-again-1`],
    );
  });

  test("waits until the host is done with it", async () => {
    const { promise, reject } = Promise.withResolvers();
    host = fakeHost({ run: (_, number) => (number === 1 ? promise : {}) });
    const message = directMessage("hello");
    const old = new AbortController();
    const first = receive(host.ctx(old.signal), STATE, message);
    await soon();
    old.abort();
    await assert.rejects(first, /account stopped/);
    const second = receive(host.ctx(), STATE, { ...message, redelivered: true });
    await soon();
    assert.equal(host.runs.length, 1);
    reject(new Error("aborted"));
    await second;
    assert.equal(host.runs.length, 2);
  });

  test("is settled when its answer has left meanwhile", async () => {
    host = fakeHost({ run: (params) => answer(params, "pong"), connection: { isUp: false } });
    const message = directMessage("ping");
    const old = new AbortController();
    const first = receive(host.ctx(old.signal), STATE, message);
    await soon(100);
    assert.equal(host.outbox.length, 0);
    old.abort();
    await assert.rejects(first, /account stopped while the answer waited/);
    const second = receive(host.ctx(), STATE, { ...message, redelivered: true });
    host.connection.isUp = true;
    await second;
    assert.equal(host.runs.length, 1);
    assert.deepEqual(
      host.outbox.map(({ text, clientMsgID }) => [text, clientMsgID]),
      [["pong", answerMsgID(message.clientMsgID, { index: 0, left: 0 })]],
    );
  });
});

test("a message missed in an absence that was answered elsewhere is not asked", async () => {
  const message = directMessage("ping", { offline: true });
  const id = answerMsgID(message.clientMsgID, { index: 0, left: 0 });
  host = fakeHost({ sent: [{ clientMsgID: id, sendID: "bot", text: "pong", sendTime: Date.now(), seq: 1 }] });
  await receive(host.ctx(), STATE, message);
  assert.equal(host.runs.length, 0);
  assert.match(host.log.join(), /was answered by another gateway/);
});

test("a missed message waits for the connection before it is looked up", async () => {
  host = fakeHost({ connection: { isUp: false } });
  const received = receive(host.ctx(), STATE, directMessage("ping", { offline: true }));
  await soon(100);
  assert.equal(host.runs.length, 0);
  host.connection.isUp = true;
  await received;
  assert.equal(host.runs.length, 1);
});

describe("a pairing code", () => {
  test("whose sending failed is sent when the message comes again", async () => {
    host = fakeHost({ admission: "pairing-required", connection: { isUp: false } });
    const message = directMessage("hello");
    await assert.rejects(receive(host.ctx(), STATE, message), /not connected/);
    host.connection.isUp = true;
    await receive(host.ctx(), STATE, { ...message, redelivered: true });
    assert.deepEqual(
      host.outbox.map(({ text }) => text),
      ["your code is CODE"],
    );
  });

  test("is sent once while the request is pending", async () => {
    host = fakeHost({ admission: "pairing-required" });
    for (const text of ["hello", "anybody?"]) await receive(host.ctx(), STATE, directMessage(text));
    assert.equal(host.outbox.length, 1);
  });
});
