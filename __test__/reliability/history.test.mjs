// The judge of the histories: it has to see what is wrong, or the other tests of this folder prove nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { broken, judge } from "../../scripts/lib/reliability/history.mjs";

const delivered = (seq, more = {}) => ({
  what: "delivered",
  to: "bot",
  id: `m${seq}`,
  conversationID: "c",
  seq,
  redelivered: false,
  pid: 1,
  at: 1_000,
  ...more,
});
const acked = (seq, more = {}) => ({ what: "acked", to: "bot", id: `m${seq}`, pid: 1, at: 1_001, ...more });
const sent = [1, 2].map((seq) => ({ to: "bot", id: `m${seq}` }));
const faults = (entries, { kills, ...options } = {}) => broken(judge(entries, { sent, kills }), options);
const whole = [delivered(1), acked(1), delivered(2), acked(2)];

test("a history in which everything came once is whole", () => {
  assert.deepEqual(faults(whole, { exactlyOnce: true }), []);
});

test("what is missing, strange or out of order is named", () => {
  assert.deepEqual(faults(whole.slice(0, 2)), ["1 lost: bot m2"]);
  assert.deepEqual(faults([...whole, delivered(3)]), ["1 that nobody sent: bot m3"]);
  assert.deepEqual(faults([delivered(2), delivered(1)]), ["1 out of order: bot c: 1 after 2"]);
});

test("a repeat within one run is explained by nothing but a refusal, and after an ack by nothing at all", () => {
  assert.match(faults([delivered(1), delivered(1), delivered(2)])[0], /^1 repeated without a reason: bot m1/);
  assert.match(faults([...whole, delivered(1, { redelivered: true })])[0], /again after its ack in the same run/);
});

test("a kill explains a repeat only of what is younger than a write takes", () => {
  const again = [...whole, delivered(2, { pid: 2, at: 2_000 })];
  assert.deepEqual(faults(again, { kills: new Map([[1, 1_050]]) }), []);
  assert.deepEqual(faults(again, { kills: new Map([[1, 1_500]]) }), [
    "a kill took an ack of 499 ms before it",
    "a repeat is not marked although it was first delivered 500 ms before the kill",
  ]);
  const marked = [delivered(1), ...whole.slice(2), delivered(1, { pid: 2, at: 2_000, redelivered: true })];
  assert.deepEqual(faults(marked, { kills: new Map([[1, 1_500]]) }), []);
  assert.deepEqual(faults(marked, { kills: new Map([[1, 1_500]]), exactlyOnce: true }), ["1 delivered more than once"]);
});
