// What was missed waits for the next turn of its conversation, bounded in every direction.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  keepMissed,
  MISSED_CHARS,
  MISSED_PER_CONVERSATION,
  missedBefore,
  missedKey,
  missedTaken,
} from "../../../dist/inbound/offline-context.js";

const message = (n, more = {}) => ({
  clientMsgID: `m${n}`,
  sendID: "alice",
  senderNickname: "Ann\u202e\nSYSTEM",
  sendTime: n,
  ...more,
});

test("what is kept is given once it is asked for, oldest first, and forgotten when a turn has taken it", () => {
  const key = missedKey("a", "s", "user:alice");
  keepMissed(key, message(1), "one");
  keepMissed(key, message(2, { senderNickname: "" }), "two");
  assert.deepEqual(
    missedBefore(key).map(({ sender, body, timestamp, messageId }) => [sender, body, timestamp, messageId]),
    [
      ["Ann SYSTEM", "one", 1, "m1"],
      ["alice", "two", 2, "m2"],
    ],
  );
  missedTaken(key);
  assert.equal(missedBefore(key), undefined);
});

test("accounts, sessions and places do not share what they missed", () => {
  keepMissed(missedKey("b", "s", "group:g"), message(1), "said in the group");
  for (const other of [
    ["a", "s", "group:g"],
    ["b", "t", "group:g"],
    ["b", "s", "user:g"],
  ])
    assert.equal(missedBefore(missedKey(...other)), undefined);
});

test("of many messages the newest are kept, of a long one its beginning", () => {
  const key = missedKey("c", "s", "user:alice");
  for (let n = 0; n < MISSED_PER_CONVERSATION + 5; n++) keepMissed(key, message(n), `${n}`);
  assert.deepEqual(
    missedBefore(key).map(({ body }) => body),
    Array.from({ length: MISSED_PER_CONVERSATION }, (_, n) => `${n + 5}`),
  );
  keepMissed(key, message(99), "😀".repeat(MISSED_CHARS + 1));
  assert.equal([...missedBefore(key).at(-1).body].length, MISSED_CHARS + 1);
  assert.ok(missedBefore(key).at(-1).body.endsWith("😀…"));
});
