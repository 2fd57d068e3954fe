// What is heard of a session's transcript: that a received message is in it, and nothing else.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { setRuntime } from "../../../dist/host.js";
import { whenWritten } from "../../../dist/written.js";

let listeners;
let heard;

beforeEach(() => {
  listeners = new Set();
  heard = [];
  setRuntime({
    events: {
      onSessionTranscriptUpdate(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  });
});
afterEach(() => setRuntime(undefined));

const tell = (message) => listeners.forEach((listener) => listener({ target: {}, message }));
const entry = (messageId, { role = "user", channel = "multi-openim" } = {}) => ({
  role,
  content: "hi",
  __openclaw: { transport: { channel, messageId } },
});
const wait = (id) => whenWritten(id, () => heard.push(id));

test("whoever waits for a message hears when it is written", () => {
  const stops = [wait("m1"), wait("m1"), wait("m2")];
  tell(entry("m1"));
  assert.deepEqual(heard, ["m1", "m1"]);
  tell(entry("m2"));
  assert.deepEqual(heard, ["m1", "m1", "m2"]);
  for (const stop of stops) stop();
});

test("answers, other channels, other messages and entries without an origin are something else", () => {
  const stop = wait("m1");
  tell(entry("m1", { role: "assistant" }));
  tell(entry("m1", { channel: "other" }));
  tell(entry("m2"));
  for (const message of [undefined, null, "m1", {}, { role: "user", __openclaw: {} }]) tell(message);
  assert.deepEqual(heard, []);
  stop();
});

test("the host is listened to only while somebody waits", () => {
  const stops = [wait("m1"), wait("m2")];
  assert.equal(listeners.size, 1);
  stops[0]();
  stops[0]();
  assert.equal(listeners.size, 1);
  tell(entry("m1"));
  assert.deepEqual(heard, []);
  stops[1]();
  assert.equal(listeners.size, 0);
  const stop = wait("m3");
  assert.equal(listeners.size, 1);
  stop();
});

test("a host that does not tell is not waited for", () => {
  setRuntime(undefined);
  assert.equal(wait("m1"), undefined);
  setRuntime({});
  assert.equal(wait("m1"), undefined);
});
