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
const begin = (more = {}) => {
  const stop = new AbortController();
  const watch = { stopped: 0 };
  const whenAnswered = (then) => {
    watch.leaves = then;
    return () => (watch.stopped += 1);
  };
  return { stop, watch, ack: createTurnAck({ stop: stop.signal, whenAnswered, ...more }) };
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
  const ack = createTurnAck({ stop: AbortSignal.abort() });
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
  const ack = createTurnAck({ stop: new AbortController().signal, onQueued: () => queued++ });
  ack.lifecycle.onDeferred();
  assert.equal(queued, 1);
  assert.equal(await outcome(ack), PENDING);
});

test("a stop while the answer waits for a connection gives the message back", async () => {
  let isWaiting = true;
  const { ack, stop } = begin({ isAnswerWaiting: () => isWaiting });
  ack.lifecycle.onAdopted();
  stop.abort();
  assert.equal(await outcome(ack), "refused: the account stopped while the answer waited");
  isWaiting = false;
  const other = begin({ isAnswerWaiting: () => isWaiting });
  other.ack.lifecycle.onAdopted();
  other.stop.abort();
  assert.equal(await outcome(other.ack), "acked");
});

for (const deferred of [false, true]) {
  test(`a message whose answer was lost comes again${deferred ? ", after a deferral too" : ""}`, async () => {
    const { ack } = begin();
    if (deferred) ack.lifecycle.onDeferred();
    ack.lifecycle.onAdopted();
    ack.answerLost(new Error("not connected"));
    ack.resolved();
    if (deferred) {
      assert.equal(await outcome(ack), PENDING);
      ack.lifecycle.onSettled();
    }
    assert.equal(await outcome(ack), "refused: not connected");
  });
}

test("a queued message of which the host says nothing for long comes again", async () => {
  const { ack } = begin({ silentMs: 20 });
  ack.lifecycle.onDeferred();
  ack.resolved();
  await assert.rejects(ack.settled, /^Error: the host lost the message in its queue$/);
  assert.equal(ack.lifecycle.abortSignal.aborted, true, "its turn is cancelled");
  await ack.ended;
});

test("a queued message stays with the host while the host reports it", async () => {
  const { ack } = begin({ silentMs: 60 });
  ack.lifecycle.onDeferred();
  ack.resolved();
  for (let i = 0; i < 6; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    ack.lifecycle.onDeferredHeartbeat();
  }
  assert.equal(await outcome(ack), PENDING);
  ack.lifecycle.onAdopted();
  await new Promise((resolve) => setTimeout(resolve, 80));
  assert.equal(await outcome(ack), PENDING, "an adopted message is no longer in the queue");
});

test("the host is done with a refused message when its run has ended", async () => {
  const { ack, stop } = begin();
  let ended = false;
  void ack.ended.then(() => (ended = true));
  stop.abort();
  assert.match(await outcome(ack), /^refused/);
  assert.equal(ended, false);
  ack.rejected(new Error("aborted"));
  await ack.ended;
});
