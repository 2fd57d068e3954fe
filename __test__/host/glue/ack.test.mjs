// When a delivery counts as taken, when it comes again, and that it is decided once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createTurnAck } from "../../../dist/ack.js";

const PENDING = Symbol("pending");
const outcome = (ack) =>
  Promise.race([
    ack.settled.then(
      () => "acked",
      (error) => `refused: ${error.message}`,
    ),
    new Promise((resolve) => setImmediate(resolve, PENDING)),
  ]);
const begin = () => {
  const stop = new AbortController();
  return { stop, ack: createTurnAck(stop.signal) };
};

test("adoption acknowledges, long before the answer is ready", async () => {
  const { ack } = begin();
  assert.equal(await outcome(ack), PENDING);
  ack.lifecycle.onAdopted();
  assert.equal(await outcome(ack), "acked");
});

test("a run that resolves without deferring acknowledges", async () => {
  const { ack } = begin();
  ack.resolved();
  assert.equal(await outcome(ack), "acked");
});

test("a deferred message waits for its turn", async () => {
  const { ack } = begin();
  ack.lifecycle.onDeferred();
  ack.resolved();
  assert.equal(await outcome(ack), PENDING);
  ack.lifecycle.onAdopted();
  ack.lifecycle.onSettled();
  assert.equal(await outcome(ack), "acked");
});

/** With an answer that is told when it leaves. */
const beginAnswered = () => {
  const stop = new AbortController();
  const watch = { stopped: 0 };
  const whenAnswered = (then) => {
    watch.leaves = then;
    return () => (watch.stopped += 1);
  };
  return { stop, watch, ack: createTurnAck(stop.signal, undefined, whenAnswered) };
};

test("a deferred message that a turn adopted waits until its answer leaves", async () => {
  const { ack, watch } = beginAnswered();
  ack.lifecycle.onDeferred();
  ack.resolved();
  // What leaves before is the answer to another one.
  assert.equal(watch.leaves, undefined);
  ack.lifecycle.onAdopted();
  assert.equal(await outcome(ack), PENDING);
  watch.leaves();
  assert.equal(await outcome(ack), "acked");
  assert.equal(watch.stopped, 1);
});

test("a deferred message is taken at the end of its turn, whether anything left or not", async () => {
  const { ack, watch } = beginAnswered();
  ack.lifecycle.onDeferred();
  ack.lifecycle.onAdopted();
  ack.lifecycle.onSettled();
  assert.equal(await outcome(ack), "acked");
  assert.equal(watch.stopped, 1);
});

test("a deferred message that a turn adopted does not come again for its failure", async () => {
  const { ack } = beginAnswered();
  ack.lifecycle.onDeferred();
  ack.lifecycle.onAdopted();
  ack.rejected(new Error("the model failed"));
  assert.equal(await outcome(ack), PENDING);
  ack.lifecycle.onSettled();
  assert.equal(await outcome(ack), "acked");
});

test("a message that was not deferred is taken when its turn adopts it", async () => {
  const { ack, watch } = beginAnswered();
  ack.lifecycle.onAdopted();
  assert.equal(await outcome(ack), "acked");
  assert.equal(watch.leaves, undefined);
});

test("a stop calls off a deferred message, but not one that a turn has adopted", async () => {
  const waiting = beginAnswered();
  waiting.ack.lifecycle.onDeferred();
  waiting.stop.abort();
  assert.match(await outcome(waiting.ack), /^refused: the account stopped/);
  const adopted = beginAnswered();
  adopted.ack.lifecycle.onDeferred();
  adopted.ack.lifecycle.onAdopted();
  adopted.stop.abort();
  assert.equal(await outcome(adopted.ack), "acked");
  assert.equal(adopted.ack.lifecycle.abortSignal.aborted, false);
});

test("a deferred message that is abandoned comes again", async () => {
  const { ack } = begin();
  ack.lifecycle.onDeferred();
  ack.resolved();
  ack.lifecycle.onAbandoned();
  ack.lifecycle.onSettled();
  assert.match(await outcome(ack), /^refused: the turn was abandoned/);
});

test("a deferred message the host consumed in another turn is taken", async () => {
  const { ack } = begin();
  ack.lifecycle.onDeferred();
  ack.resolved();
  ack.lifecycle.onSettled();
  assert.equal(await outcome(ack), "acked");
});

test("a run that rejects gives the message back, with the host's own error", async () => {
  const { ack } = begin();
  ack.rejected(new Error("the gateway is draining"));
  assert.equal(await outcome(ack), "refused: the gateway is draining");
});

test("a failure after adoption changes nothing: the turn has the message", async () => {
  const { ack } = begin();
  ack.lifecycle.onAdopted();
  ack.rejected(new Error("the model failed"));
  ack.lifecycle.onAbandoned();
  assert.equal(await outcome(ack), "acked");
});

test("stopping calls off what waits and gives it back", async () => {
  const { ack, stop } = begin();
  ack.lifecycle.onDeferred();
  ack.resolved();
  stop.abort();
  assert.match(await outcome(ack), /^refused: the account stopped/);
  assert.equal(ack.lifecycle.abortSignal.aborted, true);
});

test("stopping leaves an adopted turn to its answer", async () => {
  const { ack, stop } = begin();
  ack.lifecycle.onAdopted();
  stop.abort();
  assert.equal(ack.lifecycle.abortSignal.aborted, false);
  assert.equal(await outcome(ack), "acked");
});

test("an account that has stopped already takes nothing", async () => {
  const ack = createTurnAck(AbortSignal.abort());
  assert.match(await outcome(ack), /^refused: the account stopped/);
});

test("callbacks work when the host copies the object", async () => {
  const { ack } = begin();
  const copy = { ...ack.lifecycle };
  copy.onAdopted();
  assert.equal(await outcome(ack), "acked");
});

test("a deferral is told, so that the next message may follow", async () => {
  let queued = 0;
  const ack = createTurnAck(new AbortController().signal, () => queued++);
  ack.lifecycle.onDeferred();
  assert.equal(queued, 1);
  assert.equal(await outcome(ack), PENDING);
});
