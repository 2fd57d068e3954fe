// A session takes so many messages at once as the host's queue holds; the rest waits in line.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PER_SENDER } from "../../../dist/limits.js";
import { acquireShare, acquireSlot } from "../../../dist/inbound/session-limit.js";

const turns = () => new Promise((resolve) => setImmediate(resolve));
const cap = (value) => ({ messages: { queue: { cap: value } } });

test("as many as the host's queue holds, less a spare, and the next when one has left", async () => {
  const leave = [];
  for (let i = 0; i < 16; i++) leave.push(await acquireSlot("s", {}));
  const order = [];
  const next = [1, 2].map((n) => acquireSlot("s", {}).then((free) => (order.push(n), free)));
  await turns();
  assert.deepEqual(order, []);
  leave[5]();
  leave[5]();
  await turns();
  assert.deepEqual(order, [1], "given back once, however often it is called");
  leave[0]();
  await turns();
  assert.deepEqual(order, [1, 2]);
  for (const free of [...leave, ...(await Promise.all(next))]) free();
  (await acquireSlot("s", {}))();
});

test("other sessions are not held up, and a small cap still lets one through", async () => {
  const free = await acquireSlot("one", cap(1));
  let through = false;
  void acquireSlot("one", cap(1)).then(() => (through = true));
  await turns();
  assert.equal(through, false);
  await acquireSlot("two", cap(1));
  free();
  await turns();
  assert.equal(through, true);
});

test("a sender who floods a session leaves slots to others", async () => {
  const leave = [];
  for (let i = 0; i < PER_SENDER; i++) leave.push(await acquireShare("a", "mallory"));
  let through = false;
  const waiting = acquireShare("a", "mallory").then((free) => {
    through = true;
    return free;
  });
  await turns();
  assert.equal(through, false);
  (await acquireShare("a", "alice"))();
  (await acquireShare("b", "mallory"))();
  leave.pop()();
  (await waiting)();
  for (const free of leave) free();
  // A whole share is less than what a session takes.
  const slots = await Promise.all(Array.from({ length: PER_SENDER + 1 }, () => acquireSlot("flooded", {})));
  for (const free of slots) free();
});
