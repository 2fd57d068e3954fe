// What the host takes up again after a restart, and what it leaves to the plugin.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setRuntime } from "../../../dist/host.js";
import { answerOf, standingIn, standingOf, takenUp, turnId, UNASKED } from "../../../dist/resumption.js";

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
const session = (more = {}) => ({ status: "done", startedAt: BEFORE, recovering: false, recorded: [], answer: [], ...more });
const INTERRUPTED = session({ status: "running" });
const hosts = (events, id, more = {}) => standingIn(session(more), events, id).hosts;

test("a message whose turn was over is left to the plugin, answered in the session or not", () => {
  assert.equal(hosts([question("m1")], "m1"), false);
  assert.equal(hosts([question("m1"), answer], "m1"), false);
});

test("a turn that was under way is waited for until the host has taken it up", async () => {
  const looks = [INTERRUPTED, INTERRUPTED, { ...INTERRUPTED, recovering: true }];
  assert.equal((await takenUp(() => looks.shift())).recovering, true);
  assert.equal(looks.length, 0);
});

test("a session that rests, or runs since this process began, or is none, is not waited for", async () => {
  for (const once of [session(), session({ status: "running", startedAt: SINCE }), undefined]) {
    const looks = [once];
    assert.equal(await takenUp(() => looks.shift()), once);
  }
});

test("a message whose turn the host has resumed is left to the host, whatever it does by now", () => {
  const events = [question("m1"), answer, question("m2"), resumption, answer];
  assert.equal(hosts(events, "m1"), true);
  assert.equal(hosts(events, "m1", { status: "running", startedAt: SINCE }), true);
});

test("a message whose turn the host is taking up is left to the host, before it has told the agent", () => {
  const recovering = { status: "running", startedAt: SINCE, recovering: true };
  assert.equal(hosts([question("m1"), answer], "m1", recovering), true);
});

test("a turn of this process is another one", () => {
  const running = { status: "running", startedAt: SINCE };
  assert.equal(hosts([question("m1"), answer, question("m2")], "m1", running), false);
});

test("a message that does not stand in the session is left to the plugin", () => {
  const events = [undefined, { type: "session" }, said(undefined), question("m2"), question("m1", "other"), resumption];
  assert.deepEqual(standingIn(INTERRUPTED, events, "m1"), UNASKED);
});

test("a turn of which the host keeps a record is left to the host", () => {
  const events = [question("m1"), answer, question("m2"), answer];
  assert.equal(hosts(events, "m1", { recorded: ["turn m1"] }), true);
  assert.equal(hosts(events, "m2", { recorded: ["turn m1"] }), false);
});

test("a message whose answer is not in the host's outbound queue is left to the plugin, recorded, resumed or neither", () => {
  const lost = { recorded: ["turn m1"], answer: ["prepared"] };
  assert.equal(hosts([question("m1"), answer], "m1", lost), false);
  assert.equal(hosts([question("m1"), answer, resumption, answer], "m1", lost), false);
});

test("a message whose answer is in the host's outbound queue is left to the host, in whole or in part", () => {
  for (const answers of [["queued"], ["delivered"], ["prepared", "unknown"]]) {
    assert.equal(hosts([question("m1"), answer], "m1", { answer: answers }), true);
  }
});

test("an answer is that of the session's last turn only once that is over, and when it is no older", () => {
  const pendingFinalDelivery = { createdAt: 20, deliveries: [{ id: "d1", state: "prepared" }] };
  assert.deepEqual(answerOf({ status: "done", startedAt: 10, pendingFinalDelivery }), ["prepared"]);
  assert.deepEqual(answerOf({ status: "running", startedAt: 10, pendingFinalDelivery }), []);
  assert.deepEqual(answerOf({ status: "done", startedAt: 30, pendingFinalDelivery }), []);
  assert.deepEqual(answerOf({ status: "done", startedAt: 10 }), []);
});

test("the last answer of a session says nothing of the questions before", () => {
  const events = [question("m1"), answer, question("m2"), answer];
  assert.equal(hosts(events, "m1", { recorded: ["turn m1"], answer: ["prepared"] }), true);
  assert.equal(hosts(events, "m1", { answer: ["queued"] }), false);
});

test("what was resumed before a message came is another turn", () => {
  assert.equal(hosts([question("m1"), resumption, answer, question("m2"), answer], "m2"), false);
});

test("an agent that is asked again is asked under an id that the host does not have, however often", () => {
  const events = [question("m10"), answer];
  const ids = [];
  for (let i = 0; i < 3; i++) {
    ids.push(turnId("m1", standingIn(session(), events, "m1")));
    events.push(question(ids.at(-1)), answer);
  }
  assert.deepEqual(ids, ["m1", "m1-again-1", "m1-again-2"]);
});

test("a message that was asked again is known by its own id", () => {
  const events = [question("m1"), answer, question("m1-again-1")];
  assert.deepEqual(standingIn(INTERRUPTED, events, "m1"), { asked: 2, hosts: false });
});

const standing = (warned) =>
  standingOf({ cfg: {}, agentId: "main", sessionKey: "agent:main:main", messageId: "m1" }, (words) =>
    warned.push(words),
  );

test("a message without a session is new", async () => {
  const warned = [];
  setRuntime({ agent: { session: { resolveStorePath: () => "sessions", getSessionEntry: () => undefined } } });
  assert.deepEqual(await standing(warned), UNASKED);
  assert.deepEqual(warned, []);
});

test("a message whose session cannot be read is asked as if it were new, and that is said", async () => {
  const warned = [];
  const getSessionEntry = () => {
    throw new Error("the database is locked");
  };
  setRuntime({ agent: { session: { resolveStorePath: () => "sessions", getSessionEntry } } });
  assert.deepEqual(await standing(warned), UNASKED);
  assert.match(warned.join(), /was answered: .*the database is locked/);
});
