// What the host takes up again after a restart, and what it leaves to the plugin.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setRuntime } from "../../../dist/host.js";
import { settledStanding, standingIn, standingOf, turnId, UNASKED } from "../../../dist/resumption.js";

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
const session = (events, more = {}) => ({
  status: "done",
  startedAt: BEFORE,
  recovering: false,
  recorded: [],
  events,
  ...more,
});
const hosts = (...where) => standingIn(...where).hosts;
const pending = (...where) => standingIn(...where).pending;

test("a message whose turn was over is left to the plugin, answered in the session or not", () => {
  assert.equal(hosts(session([question("m1")]), "m1"), false);
  assert.equal(hosts(session([question("m1"), answer]), "m1"), false);
});

test("a message whose turn was under way waits for the host to take it up", () => {
  const interrupted = { status: "running", startedAt: BEFORE };
  assert.equal(pending(session([question("m1")], interrupted), "m1"), true);
  assert.equal(pending(session([question("m1"), answer], interrupted), "m1"), true);
  assert.equal(pending(session([question("m1"), answer], { ...interrupted, recovering: true }), "m1"), false);
  assert.equal(pending(session([question("m1"), answer]), "m1"), false);
});

test("it is looked again until the host has taken the turn up", async () => {
  const looks = [true, true, false].map((pending) => ({ asked: 1, hosts: !pending, pending }));
  assert.deepEqual(await settledStanding(() => looks.shift()), { asked: 1, hosts: true, pending: false });
  assert.equal(looks.length, 0);
});

test("a message whose turn the host has resumed is left to the host, whatever it does by now", () => {
  const events = [question("m1"), answer, question("m2"), resumption, answer];
  assert.equal(hosts(session(events), "m1"), true);
  assert.equal(hosts(session(events, { status: "running", startedAt: SINCE }), "m1"), true);
});

test("a message whose turn the host is taking up is left to the host, before it has told the agent", () => {
  const recovering = { status: "running", startedAt: SINCE, recovering: true };
  assert.equal(hosts(session([question("m1"), answer], recovering), "m1"), true);
});

test("a turn of this process is another one", () => {
  const running = { status: "running", startedAt: SINCE };
  assert.equal(hosts(session([question("m1"), answer, question("m2")], running), "m1"), false);
});

test("a message that does not stand in the session is left to the plugin", () => {
  const interrupted = { status: "running", startedAt: BEFORE };
  const events = [undefined, { type: "session" }, said(undefined), question("m2"), question("m1", "other"), resumption];
  assert.equal(hosts(session(events, interrupted), "m1"), false);
});

test("a turn of which the host keeps a record is left to the host", () => {
  const events = [question("m1"), answer, question("m2"), answer];
  assert.equal(hosts(session(events, { recorded: ["turn m1"] }), "m1"), true);
  assert.equal(hosts(session(events, { recorded: ["turn m1"] }), "m2"), false);
});

test("what was resumed before a message came is another turn", () => {
  assert.equal(hosts(session([question("m1"), resumption, answer, question("m2"), answer]), "m2"), false);
});

test("an agent that is asked again is asked under an id that the host does not have, however often", () => {
  const events = [question("m10"), answer];
  const ids = [];
  for (let i = 0; i < 3; i++) {
    ids.push(turnId("m1", standingIn(session(events), "m1")));
    events.push(question(ids.at(-1)), answer);
  }
  assert.deepEqual(ids, ["m1", "m1-again-1", "m1-again-2"]);
});

test("a message that was asked again is known by its own id", () => {
  const interrupted = { status: "running", startedAt: BEFORE };
  const events = [question("m1"), answer, question("m1-again-1")];
  assert.deepEqual(standingIn(session(events, interrupted), "m1"), { asked: 2, hosts: false, pending: true });
});

const standing = (warned) =>
  standingOf({ cfg: {}, agentId: "main", sessionKey: "agent:main:main", messageId: "m1" }, (words) =>
    warned.push(words),
  );

test("a message without a session is new", () => {
  const warned = [];
  setRuntime({ agent: { session: { resolveStorePath: () => "sessions", getSessionEntry: () => undefined } } });
  assert.deepEqual(standing(warned), UNASKED);
  assert.deepEqual(warned, []);
});

test("a message whose session cannot be read is asked as if it were new, and that is said", () => {
  const warned = [];
  const getSessionEntry = () => {
    throw new Error("the database is locked");
  };
  setRuntime({ agent: { session: { resolveStorePath: () => "sessions", getSessionEntry } } });
  assert.deepEqual(standing(warned), UNASKED);
  assert.match(warned.join(), /was answered: .*the database is locked/);
});
