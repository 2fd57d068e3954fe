// Waiting for an answer to leave: a message that leaves for the same place through the host's queue ends the wait.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { notifyAnswer, whenAnswered } from "../../../dist/outbound/answer-watch.js";
import { outboundAdapter } from "../../../dist/adapters/outbound.js";

const ALICE = { accountId: "a", target: "user:alice" };
let heard;
beforeEach(() => {
  heard = [];
});
const wait = (place, name) => whenAnswered(place, () => heard.push(name));

test("the answer to several messages is told to each of them", () => {
  const stops = [wait(ALICE, "one"), wait(ALICE, "two")];
  notifyAnswer(ALICE);
  assert.deepEqual(heard, ["one", "two"]);
  for (const stop of stops) stop();
});

test("what leaves for another place, or from another account, is another answer", () => {
  const stop = wait(ALICE, "one");
  notifyAnswer({ ...ALICE, target: "group:alice" });
  notifyAnswer({ ...ALICE, accountId: "b" });
  assert.deepEqual(heard, []);
  stop();
});

test("who no longer waits is not told", () => {
  const stop = wait(ALICE, "one");
  const other = wait(ALICE, "two");
  stop();
  stop();
  notifyAnswer(ALICE);
  assert.deepEqual(heard, ["two"]);
  other();
});

test("another evaluation of the plugin tells those who wait in this one", async () => {
  const other = await import("../../../dist/outbound/answer-watch.js?another");
  const stop = wait(ALICE, "one");
  other.notifyAnswer(ALICE);
  assert.deepEqual(heard, ["one"]);
  stop();
});

const send = (more) =>
  outboundAdapter.sendText({
    cfg: { channels: { "multi-openim": { accounts: { a: {} } } } },
    to: "user:alice",
    accountId: "a",
    text: "an answer",
    ...more,
  });

test("an answer has left when the adapter is given it, whatever becomes of the sending", async () => {
  const stop = wait(ALICE, "one");
  await assert.rejects(send({ deliveryQueueId: "q-1" }), /is not connected/);
  assert.deepEqual(heard, ["one"]);
  stop();
});

test("what is not in the host's queue is no answer yet", async () => {
  const stop = wait(ALICE, "one");
  await assert.rejects(send({}), /is not connected/);
  assert.deepEqual(heard, []);
  stop();
});
