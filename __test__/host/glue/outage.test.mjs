// An answer that is ready while the account is offline: sent again under the same id once the account is back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PlatformMessageNotDispatchedError } from "openclaw/plugin-sdk/error-runtime";
import { isWorthRepeating, sendThroughOutage, untilConnected } from "../../../dist/outbound/outage.js";
import { UncertainSendError } from "../../../dist/outbound/send.js";

const PATIENCE = { waitMs: 2_000, absentMs: 60, pollMs: 5, pausesMs: [5, 5] };

const notSent = (retryable = true) =>
  new PlatformMessageNotDispatchedError("not connected", { cause: new Error("not connected"), retryable });
const uncertain = () => new UncertainSendError("no answer");

/** An account that is in these states, one after the other; the last one stays. */
function outage({ states = ["connected"], answers = [], finds = [] }) {
  const log = { sends: 0, looks: 0, waiting: [] };
  const next = async (list) => {
    const one = list.length > 1 ? list.shift() : list[0];
    if (one instanceof Error) throw one;
    return one;
  };
  return {
    log,
    send: () => {
      log.sends += 1;
      return next(answers);
    },
    reachability: () => (states.length > 1 ? states.shift() : states[0]),
    find: () => {
      log.looks += 1;
      return next(finds);
    },
    onWaiting: (is) => log.waiting.push(is),
  };
}

test("a message that leaves at once does not wait", async () => {
  const one = outage({ answers: ["sent"] });
  assert.equal(await sendThroughOutage(one, PATIENCE), "sent");
  assert.deepEqual(one.log, { sends: 1, looks: 0, waiting: [false] });
});

test("an answer that is ready during an outage is sent when it is over", async () => {
  const one = outage({ states: ["offline", "offline", "offline", "connected"], answers: [notSent(), "sent"] });
  assert.equal(await sendThroughOutage(one, PATIENCE), "sent");
  assert.deepEqual(one.log, { sends: 2, looks: 0, waiting: [true, false] });
});

test("an answer waits through a restart of its account", async () => {
  const states = ["offline", "absent", "absent", "offline", "connected"];
  const one = outage({ states, answers: [notSent(), "sent"] });
  assert.equal(await sendThroughOutage(one, PATIENCE), "sent");
});

test("an answer does not wait for an account that was removed", async () => {
  const one = outage({ states: ["absent"], answers: [notSent()] });
  await assert.rejects(sendThroughOutage(one, PATIENCE), { message: "not connected" });
  assert.deepEqual(one.log, { sends: 1, looks: 0, waiting: [true, false] });
});

test("an answer does not wait for ever", async () => {
  const one = outage({ states: ["offline"], answers: [notSent()] });
  await assert.rejects(sendThroughOutage(one, { ...PATIENCE, waitMs: 40 }), { message: "not connected" });
});

test("a connected server that takes nothing is asked a few times", async () => {
  const one = outage({ answers: [notSent()] });
  await assert.rejects(sendThroughOutage(one, PATIENCE), { message: "not connected" });
  assert.equal(one.log.sends, 1 + PATIENCE.pausesMs.length);
});

test("what no repetition can help is not repeated", async () => {
  for (const error of [notSent(false), new Error("the file is gone")]) {
    const one = outage({ answers: [error] });
    await assert.rejects(sendThroughOutage(one, PATIENCE), error);
    assert.equal(one.log.sends, 1);
    assert.equal(isWorthRepeating(error), false);
  }
});

test("an answer without a certain end is looked for before it is sent again", async () => {
  const states = ["offline", "offline", "connected"];
  const there = outage({ states: [...states], answers: [uncertain()], finds: ["found"] });
  assert.equal(await sendThroughOutage(there, PATIENCE), "found");
  assert.deepEqual([there.log.sends, there.log.looks], [1, 1]);
  const absent = outage({ states: [...states], answers: [uncertain(), "sent"], finds: ["absent"] });
  assert.equal(await sendThroughOutage(absent, PATIENCE), "sent");
  assert.deepEqual([absent.log.sends, absent.log.looks], [2, 1]);
});

test("an answer that may be in its conversation is not sent again", async () => {
  const one = outage({ answers: [uncertain()], finds: ["unknown"] });
  await assert.rejects(sendThroughOutage(one, PATIENCE), { message: "no answer" });
  assert.equal(one.log.sends, 1);
});

test("a look that fails is repeated", async () => {
  const one = outage({ answers: [uncertain()], finds: [new Error("cut off"), "found"] });
  assert.equal(await sendThroughOutage(one, PATIENCE), "found");
  assert.deepEqual([one.log.sends, one.log.looks], [1, 2]);
});

test("waiting for an account has no end but the abort", async () => {
  const states = ["absent", "offline", "connected"];
  assert.equal(await untilConnected(() => states.shift(), { pollMs: 1 }), true);
  const stop = new AbortController();
  const waiting = untilConnected(() => "offline", { pollMs: 1, signal: stop.signal });
  stop.abort(new Error("the account stops"));
  await assert.rejects(waiting);
});
