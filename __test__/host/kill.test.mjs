// Kill -9 of a whole gateway while somebody keeps asking. Twenty kills: `npm run kill -- --gateway --times 20`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gatewayKills, unanswered } from "../../scripts/lib/reliability/gateway-kills.mjs";

const TIMES = 2;

test("a gateway killed twice under questions answers every one of them", async (t) => {
  const verdict = await gatewayKills({ times: TIMES, seed: 7 });
  t.diagnostic(JSON.stringify(verdict));
  assert.deepEqual(unanswered(verdict), []);
  // A run in which hardly anybody asked proves nothing.
  assert.ok(verdict.asked > TIMES * 3, `${verdict.asked} questions`);
});
