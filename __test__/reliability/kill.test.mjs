// Kill -9 of a process that runs the addon, at random moments under traffic. 200 kills: `npm run kill -- --times 200`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { broken } from "../../scripts/lib/reliability/history.mjs";
import { kills } from "../../scripts/lib/reliability/kills.mjs";

const TIMES = 20;

test("a process killed 20 times loses no message and repeats only what was not on disk yet", async (t) => {
  const verdict = await kills({ times: TIMES, seed: 20 });
  t.diagnostic(JSON.stringify(verdict));
  // By hand it is 100 ms; here other work may hold up the disk.
  assert.deepEqual(broken(verdict, { oldestMs: 500 }), []);
  // A run without traffic, or in which no kill hit anything, proves nothing.
  assert.ok(verdict.sent > TIMES * 5 && verdict.repeats > 0);
});
