// What the host takes up again after a restart, and what it leaves to the plugin.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setRuntime } from "../../../dist/host.js";
import {
  turnRecordIn,
  turnRecordOf,
  recovered,
  turnId,
  NEVER_ASKED,
  waitForRecovery,
} from "../../../dist/restart/resumption.js";

after(() => setRuntime(undefined));

const MINUTE_MS = 60_000;
const BEFORE = performance.timeOrigin - MINUTE_MS;
const SINCE = performance.timeOrigin + 1;

const said = (message) => ({ type: "message", message });
const question = (messageId, channel = "multi-openim") =>
  said({
    role: "user",
    content: "hi",
    idempotencyKey: `turn ${messageId}`,
    __openclaw: { transport: { channel, messageId } },
  });
const answer = said({ role: "assistant", content: "hello" });
const resumption = said({
  role: "user",
  content: "Your previous turn was interrupted",
  provenance: { kind: "internal_system", sourceTool: "main_session_restart_recovery" },
});
const session = (more = {}) => ({ status: "done", startedAt: BEFORE, ...more });
const INTERRUPTED = session({ status: "running" });
const RUNNING = session({ status: "running", startedAt: SINCE });
const kept = (...states) => ({
  pendingFinalDelivery: {
    createdAt: SINCE,
    deliveries: states.map((state, index) => ({ id: `d${index}`, state })),
  },
});
const recorded = (...turns) => ({ restartRecoveryTerminalRunIds: turns.map((turn) => `turn ${turn}`) });
const hosts = (events, id, more = {}) => turnRecordIn(session(more), events, id).handledByHost !== undefined;

test("a message whose turn was over is left to the plugin, answered in the session or not", () => {
  assert.equal(hosts([question("m1")], "m1"), false);
  assert.equal(hosts([question("m1"), answer], "m1"), false);
});

test("a turn that was under way is waited for until the host has taken it up", async () => {
  const looks = [INTERRUPTED, { ...RUNNING, abortedLastRun: true }, RUNNING];
  await recovered(() => looks.shift());
  assert.equal(looks.length, 0);
});

test("an answer that a restart left in the host's outbound queue is waited for until it is sent", async () => {
  const since = kept("queued");
  const before = { pendingFinalDelivery: { ...since.pendingFinalDelivery, createdAt: BEFORE } };
  const looks = [session(before), session(before), session(kept("delivered"))];
  await recovered(() => looks.shift());
  assert.equal(looks.length, 0);
  looks.push(session(since));
  await recovered(() => looks.shift());
  assert.equal(looks.length, 0, "what is sent by this process is on its way");
});

test("a session that rests, or runs since this process began, or is none, is not waited for", async () => {
  for (const once of [session(), session({ abortedLastRun: true }), RUNNING, undefined]) {
    const looks = [once];
    await recovered(() => looks.shift());
    assert.equal(looks.length, 0);
  }
});

test("a stop ends the waiting, and the message comes again", async () => {
  const stop = new AbortController();
  const waiting = recovered(() => INTERRUPTED, stop.signal);
  stop.abort(new Error("the account stops"));
  await assert.rejects(waiting, /the account stops/);
});

test("a session that cannot be read is not waited for", async () => {
  await recovered(() => {
    throw new Error("the database is locked");
  }, new AbortController().signal);
});

test("a session is looked at once", async () => {
  let looks = 0;
  const getSessionEntry = () => {
    looks += 1;
    return session();
  };
  setRuntime({ agent: { session: { resolveStorePath: () => "sessions", getSessionEntry } } });
  const place = { cfg: {}, agentId: "main", sessionKey: "agent:main:looked-at" };
  for (let i = 0; i < 3; i++) await waitForRecovery(place, new AbortController().signal);
  assert.equal(looks, 1);
});

test("a message whose turn the host has resumed is left to the host, whatever it does by now", () => {
  const events = [question("m1"), answer, question("m2"), resumption, answer];
  assert.equal(hosts(events, "m1"), true);
  assert.equal(hosts(events, "m1", RUNNING), true);
});

test("a message whose turn the host is taking up is left to the host, before it has told the agent", () => {
  const resumed = { ...RUNNING, restartRecoveryRuns: [{ runId: "r1", lifecycleGeneration: "g1" }] };
  assert.equal(hosts([question("m1"), answer], "m1", resumed), true);
  assert.equal(hosts([question("m1"), answer], "m1", { ...INTERRUPTED, abortedLastRun: true }), true);
});

test("a turn of this process is another one", () => {
  assert.equal(hosts([question("m1"), answer, question("m2")], "m1", RUNNING), false);
});

test("a message that does not stand in the session is left to the plugin", () => {
  const events = [undefined, { type: "session" }, said(undefined), question("m2"), question("m1", "other"), resumption];
  assert.deepEqual(turnRecordIn(INTERRUPTED, events, "m1"), NEVER_ASKED);
});

test("a turn of which the host keeps a record is left to the host", () => {
  const events = [question("m1"), answer, question("m2"), answer];
  assert.equal(hosts(events, "m1", recorded("m1")), true);
  assert.equal(hosts(events, "m1", { ...INTERRUPTED, restartRecoveryDeliverySourceRunId: "turn m1" }), true);
  assert.equal(hosts(events, "m2", recorded("m1")), false);
});

test("a turn that the host has on record as owed, although it is over, is left to the plugin", () => {
  assert.equal(hosts([question("m1"), answer], "m1", { restartRecoveryDeliverySourceRunId: "turn m1" }), false);
});

test("a message whose answer is not in the host's outbound queue is left to the plugin, recorded, resumed or neither", () => {
  const lost = { ...recorded("m1"), ...kept("prepared") };
  assert.equal(hosts([question("m1"), answer], "m1", lost), false);
  assert.equal(hosts([question("m1"), answer, resumption, answer], "m1", lost), false);
});

test("a message whose answer is in the host's outbound queue is left to the host, in whole or in part", () => {
  for (const answers of [["queued"], ["delivered"], ["prepared", "queued"]]) {
    assert.equal(hosts([question("m1"), answer], "m1", kept(...answers)), true);
  }
});

test("a message whose answer was being sent is left to the plugin, which looks for it", () => {
  for (const answers of [["unknown"], ["prepared", "unknown"]]) {
    const found = turnRecordIn(session({ ...recorded("m1"), ...kept(...answers) }), [question("m1"), answer], "m1");
    assert.deepEqual(found, { asked: 1, turn: "m1" });
  }
});

test("an answer that is kept from before the session's last turn says nothing of that", () => {
  const events = [question("m1"), answer];
  assert.equal(hosts(events, "m1", { ...kept("delivered"), startedAt: SINCE + MINUTE_MS }), false);
  assert.equal(hosts(events, "m1", { ...kept("delivered"), status: "running", startedAt: BEFORE }), false);
});

test("the last answer of a session says nothing of the questions before", () => {
  const events = [question("m1"), answer, question("m2"), answer];
  assert.equal(hosts(events, "m1", { ...recorded("m1"), ...kept("prepared") }), true);
  assert.equal(hosts(events, "m1", kept("queued")), false);
});

test("what was resumed before a message came is another turn", () => {
  assert.equal(hosts([question("m1"), resumption, answer, question("m2"), answer], "m2"), false);
});

test("an agent that is asked again is asked under an id that the host does not have, however often", () => {
  const events = [question("m10"), answer];
  const ids = [];
  for (let i = 0; i < 3; i++) {
    ids.push(turnId("m1", turnRecordIn(session(), events, "m1")));
    events.push(question(ids.at(-1)), answer);
  }
  assert.deepEqual(ids, ["m1", "m1-again-1", "m1-again-2"]);
});

test("a message that was asked again is known by its own id", () => {
  const events = [question("m1"), answer, question("m1-again-1")];
  assert.deepEqual(turnRecordIn(INTERRUPTED, events, "m1"), { asked: 2, turn: "m1-again-1" });
});

test("a turn that is not in the session leaves its number unused", () => {
  const events = [question("m1-again-1"), answer];
  assert.deepEqual(turnRecordIn(session(), events, "m1"), { asked: 2, turn: "m1-again-1" });
});

const standing = (warned) =>
  turnRecordOf({ cfg: {}, agentId: "main", sessionKey: "agent:main:main" }, "m1", (words) => warned.push(words));

test("a message without a session is new", () => {
  const warned = [];
  setRuntime({ agent: { session: { resolveStorePath: () => "sessions", getSessionEntry: () => undefined } } });
  assert.deepEqual(standing(warned), NEVER_ASKED);
  assert.deepEqual(warned, []);
});

test("a message whose session cannot be read is asked as if it were new, and that is said", () => {
  const warned = [];
  const getSessionEntry = () => {
    throw new Error("the database is locked");
  };
  setRuntime({ agent: { session: { resolveStorePath: () => "sessions", getSessionEntry } } });
  assert.deepEqual(standing(warned), NEVER_ASKED);
  assert.match(warned.join(), /was answered: .*the database is locked/);
});
