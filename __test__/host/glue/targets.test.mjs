// Targets: `user:<id>` and `group:<id>`, with and without a prefix of the channel.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatTarget,
  normalizeTarget,
  normalizeUserEntry,
  parseBareTarget,
  parseTarget,
} from "../../../dist/config/targets.js";

test("a target names a user or a group", () => {
  assert.deepEqual(parseBareTarget("user:alice"), { kind: "user", id: "alice" });
  assert.deepEqual(parseBareTarget(" Group: g100 "), { kind: "group", id: "g100" });
});

test("an id may hold a colon and keeps its case", () => {
  assert.deepEqual(parseBareTarget("user:a:B"), { kind: "user", id: "a:B" });
});

for (const bad of ["", "alice", "user:", "user: ", "room:1", ":x", "user:a\nb", "user:a\u0000"]) {
  test(`${JSON.stringify(bad)} is no target`, () => assert.equal(parseBareTarget(bad), null));
}

test("a formatted target is read again as the same one", () => {
  for (const id of ["alice", "a:b", "ü", "😀", "group:x", "a b", "user", "x\u2028y", "%", "Ⅷ"])
    for (const kind of ["user", "group"]) assert.deepEqual(parseBareTarget(formatTarget({ kind, id })), { kind, id });
});

test("only the channel's own prefixes are taken off", () => {
  assert.deepEqual(parseTarget("mopenim:group:g"), { kind: "group", id: "g" });
  assert.equal(parseTarget("telegram:user:a"), null);
  assert.equal(parseBareTarget("mopenim:group:g"), null);
  assert.equal(normalizeTarget("MULTI-OPENIM:USER: a "), "user:a");
  assert.equal(normalizeUserEntry("multi-openim:user:alice"), "alice");
});
