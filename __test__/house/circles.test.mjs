// No circle of source files: no file uses another one that leads back to it.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { circles, rustCircles, typescriptGraph } from "../../scripts/lib/file-graph.mjs";
import { fromRoot } from "../../scripts/lib/paths.mjs";

/** A quoted message holds a message that may hold a quoted message: these kinds of content are recursive. */
const RECURSIVE = ["at", "content", "embedded", "merger", "quote"].map((name) => `message/nested/${name}.rs`);

const crates = ["src", ...readdirSync(fromRoot("crates")).map((name) => `crates/${name}/src`)];

test("circles are found, and files that only share a third one are none", () => {
  const graph = (edges) => new Map(Object.entries(edges).map(([file, used]) => [file, new Set(used)]));
  assert.deepEqual(circles(graph({ a: ["b"], b: ["c"], c: ["a"], d: ["a", "e"], e: [] })), [["a", "b", "c"]]);
  assert.deepEqual(circles(graph({ a: ["c"], b: ["c"], c: [] })), []);
});

for (const dir of crates) {
  test(`no circle of files in ${dir}`, () => {
    const found = rustCircles(dir).filter((circle) => !isRecursive(circle));
    assert.deepEqual(found, []);
  });
}

test("the only circle of openim-core is that of the recursive kinds of content", () => {
  const found = rustCircles("crates/openim-core/src");
  assert.ok(found.length === 1 && isRecursive(found[0]), JSON.stringify(found, null, 2));
});

test("no circle of files in plugin", () => {
  const found = circles(typescriptGraph("plugin"));
  assert.deepEqual(found, []);
});

function isRecursive(circle) {
  return circle.every((file) => RECURSIVE.some((one) => file === `crates/openim-core/src/${one}`));
}
