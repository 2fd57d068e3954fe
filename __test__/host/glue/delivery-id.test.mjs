// Messages of the host's queue have ids by which they are known again, whichever process looks for them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clientMsgID, partOf } from "../../../dist/outbound/delivery-id.js";

const part = (deliveryPartIndex, deliveryPartCount, deliveryQueueId = "q-1") => ({
  deliveryQueueId,
  deliveryPartIndex,
  deliveryPartCount,
});

test("the same part of the same delivery always has the same id, every other one another", () => {
  const ids = [part(0, 2), part(1, 2), part(0, 1), part(0, 2, "q-2")].map((one) => clientMsgID(one));
  ids.push(clientMsgID(part(0, 2), { words: true }));
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(clientMsgID(part(0, 2)), ids[0]);
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
});

test("an id tells which part of its delivery it is, and nothing of another delivery", () => {
  assert.deepEqual(partOf("q-1", clientMsgID(part(3, 7))), { index: 3, count: 7, words: false });
  assert.deepEqual(partOf("q-1", clientMsgID(part(0, 2), { words: true })), { index: 0, count: 2, words: true });
  assert.equal(partOf("q-2", clientMsgID(part(3, 7))), undefined);
  assert.equal(partOf("q-1", "0123456789abcdef0123456789abcdef"), undefined);
  assert.equal(partOf("q-1", `${clientMsgID(part(0, 1))}0`), undefined);
});

test("what the host sends outside of its queue gets no such id, nor what has more parts than an id can count", () => {
  assert.equal(clientMsgID({}), undefined);
  assert.equal(clientMsgID(part(0x8000, 0x8001)), undefined);
});
