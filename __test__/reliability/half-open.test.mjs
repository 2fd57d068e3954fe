// A half-open connection on a real socket.
import assert from "node:assert/strict";
import { test } from "node:test";
import { halfOpen } from "../../scripts/lib/reliability/half-open.mjs";
import { broken } from "../../scripts/lib/reliability/history.mjs";

test("a half-open connection is left after 22 s, and what came meanwhile is delivered once", async (t) => {
  const verdict = await halfOpen();
  t.diagnostic(JSON.stringify(verdict));
  assert.deepEqual(broken(verdict, { exactlyOnce: true }), []);
  assert.equal(verdict.reconnects, 1);
  // The last sign of life is a moment, at most a heartbeat, older than the trouble.
  assert.ok(verdict.backAfterMs > 10_000 && verdict.backAfterMs < 30_000, `${verdict.backAfterMs} ms`);
});
