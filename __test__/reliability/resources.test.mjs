// Cut connections, starts and stops, and a JavaScript thread that is busy elsewhere: what the process holds on to afterwards.
import assert from "node:assert/strict";
import { test } from "node:test";
import { blocked } from "../../scripts/lib/reliability/blocked.mjs";
import { cuts } from "../../scripts/lib/reliability/cuts.mjs";
import { broken } from "../../scripts/lib/reliability/history.mjs";
import { BLOCKED_GROWTH_MAX, grown } from "../../scripts/lib/reliability/holdings.mjs";
import { starts } from "../../scripts/lib/reliability/starts.mjs";

const onLinux = process.platform === "linux" ? {} : { skip: "it reads /proc" };

test("100 cuts: every message exactly once, and nothing is held on to", onLinux, async (t) => {
  const verdict = await cuts({ times: 100, seed: 100 });
  t.diagnostic(JSON.stringify(verdict));
  assert.deepEqual(broken(verdict, { exactlyOnce: true }), []);
  assert.ok(verdict.reconnects >= 100 && verdict.sent > 200);
  assert.deepEqual(grown(verdict), []);
});

test("1,000 starts and stops leave memory, descriptors and handles where they were", onLinux, async (t) => {
  const verdict = await starts({ times: 1_000 });
  t.diagnostic(JSON.stringify(verdict));
  assert.equal(verdict.logins, 1_000);
  assert.deepEqual(grown(verdict), []);
});

test(
  "JavaScript blocked for 10 s under 1,000 messages a second: connected, nothing lost, memory bounded",
  onLinux,
  async (t) => {
    const verdict = await blocked({ seconds: 10, rate: 1_000 });
    t.diagnostic(JSON.stringify(verdict));
    assert.deepEqual(broken(verdict, { exactlyOnce: true }), []);
    assert.ok(verdict.sent > 8_000 && verdict.deliveredWhileBlocked === 0 && verdict.blockedForMs >= 10_000);
    assert.ok(verdict.alwaysConnected && verdict.newLogins === 0);
    assert.ok(Math.max(verdict.grownWhileBlocked, verdict.grownWhileDraining) < BLOCKED_GROWTH_MAX);
  },
);
