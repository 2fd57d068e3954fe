// A token that changes in the configuration is news once: to the one that waits for it, or to the running account.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { configuredToken, watchToken } from "../../../dist/config/token-watch.js";

const SECOND = 1_000;

test("another token is told once, the one in use never", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  let token = "one";
  const changed = mock.fn();
  const watch = watchToken(() => token, changed);
  t.mock.timers.tick(3 * SECOND);
  token = "two";
  t.mock.timers.tick(3 * SECOND);
  token = undefined;
  t.mock.timers.tick(SECOND);
  token = "two";
  t.mock.timers.tick(SECOND);
  watch.use("three");
  token = "three";
  t.mock.timers.tick(SECOND);
  watch.close();
  token = "four";
  t.mock.timers.tick(SECOND);
  assert.deepEqual(
    changed.mock.calls.map(({ arguments: [value] }) => value),
    ["two"],
  );
});

test("who waits gets the next token, also one that has come before, and nothing when the watch ends", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  let token = "one";
  const changed = mock.fn();
  const watch = watchToken(() => token, changed);
  token = "two";
  assert.equal(await watch.next(), "two");
  const waiting = watch.next();
  token = "three";
  t.mock.timers.tick(SECOND);
  assert.equal(await waiting, "three");
  const last = watch.next();
  watch.close();
  assert.equal(await last, undefined);
  assert.equal(changed.mock.callCount(), 0);
});

test("a reference and a missing account are no token", () => {
  const cfg = { channels: { "multi-openim": { accounts: { a: { token: " t " }, b: { token: { source: "env" } } } } } };
  assert.deepEqual(
    ["a", "b", "c"].map((id) => configuredToken(cfg, id)),
    ["t", undefined, undefined],
  );
});
