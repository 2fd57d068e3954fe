// When a delivery counts as taken, when it comes again, and that it is decided once.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createTurnAck } from "../../../dist/inbound/acknowledge.js";

const PENDING = Symbol("pending");
const outcome = (ack) =>
  Promise.race([
    ack.settled.then(
      () => "acked",
      (error) => `refused: ${error.message}`,
    ),
    new Promise((resolve) => setImmediate(resolve, PENDING)),
  ]);
/** With an answer that is told when it leaves. */
const begin = () => {
  const stop = new AbortController();
  const watch = { stopped: 0 };
  const whenAnswered = (then) => {
    watch.leaves = then;
    return () => (watch.stopped += 1);
  };
  return { stop, watch, ack: createTurnAck(stop.signal, undefined, whenAnswered) };
};

for (const deferred of [false, true]) {
  describe(deferred ? "after a deferral" : "at once", () => {
    const beginAdopted = () => {
      const begun = begin();
      if (deferred) {
        begun.ack.lifecycle.onDeferred();
        begun.ack.resolved();
      }
      // What leaves before is the answer to another one.
      assert.equal(begun.watch.leaves, undefined);
      begun.ack.lifecycle.onAdopted();
      return begun;
    };

    test("an adopted message waits until its answer leaves", async () => {
      const { ack, watch } = beginAdopted();
      assert.equal(await outcome(ack), PENDING);
      watch.leaves();
      assert.equal(await outcome(ack), "acked");
      assert.equal(watch.stopped, 1);
    });

    test("an adopted message is taken at the end of its turn, whether anything left or not", async () => {
      const { ack, watch } = beginAdopted();
      if (deferred) ack.lifecycle.onSettled();
      else ack.resolved();
      assert.equal(await outcome(ack), "acked");
      assert.equal(watch.stopped, 1);
    });

    test("an adopted message does not come again for the failure of its turn", async () => {
      const { ack } = beginAdopted();
      ack.lifecycle.onAbandoned();
      assert.equal(await outcome(ack), PENDING);
      ack.rejected(new Error("the model failed"));
      if (deferred) {
        assert.equal(await outcome(ack), PENDING);
        ack.lifecycle.onSettled();
      }
      assert.equal(await outcome(ack), "acked");
    });

    test("a message whose turn was cut off comes again, also when the account stops first", async () => {
      for (const stopped of [false, true]) {
        const { ack, stop } = beginAdopted();
        ack.cutOff();
        if (stopped) stop.abort();
        else ack.rejected(new Error("the gateway is draining"));
        assert.match(await outcome(ack), /^refused: the (account stopped|gateway is draining)/);
      }
    });

    test("a message whose answer has left does not come again when its turn is cut off", async () => {
      const { ack, watch } = beginAdopted();
      watch.leaves();
      ack.cutOff();
      ack.rejected(new Error("the gateway is draining"));
      assert.equal(await outcome(ack), "acked");
    });

    test("a stop leaves an adopted message to its answer", async () => {
      const { ack, stop } = beginAdopted();
      stop.abort();
      assert.equal(await outcome(ack), "acked");
      assert.equal(ack.lifecycle.abortSignal.aborted, false);
    });
  });
}

test("a run that resolves without deferring acknowledges", async () => {
  const { ack } = begin();
  ack.resolved();
  assert.equal(await outcome(ack), "acked");
});

test("a deferred message that is abandoned comes again", async () => {
  const { ack } = begin();
  ack.lifecycle.onDeferred();
  ack.resolved();
  assert.equal(await outcome(ack), PENDING);
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

test("stopping calls off what waits and gives it back", async () => {
  const { ack, stop } = begin();
  ack.lifecycle.onDeferred();
  ack.resolved();
  stop.abort();
  assert.match(await outcome(ack), /^refused: the account stopped/);
  assert.equal(ack.lifecycle.abortSignal.aborted, true);
});

test("an account that has stopped already takes nothing", async () => {
  const ack = createTurnAck(AbortSignal.abort());
  assert.match(await outcome(ack), /^refused: the account stopped/);
});

test("callbacks work when the host copies the object", async () => {
  const { ack } = begin();
  const copy = { ...ack.lifecycle };
  copy.onAdopted();
  copy.onSettled();
  assert.equal(await outcome(ack), "acked");
});

test("a deferral is told, so that the next message may follow", async () => {
  let queued = 0;
  const ack = createTurnAck(new AbortController().signal, () => queued++);
  ack.lifecycle.onDeferred();
  assert.equal(queued, 1);
  assert.equal(await outcome(ack), PENDING);
});
