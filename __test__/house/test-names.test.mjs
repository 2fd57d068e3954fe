// Names of tests are short: one statement, at most 70 characters.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/lib/paths.mjs";

const MAX = 70;

const TEST_FUNCTION = /#\[(?:tokio::)?test(?:\([^\]]*\))?\]\s*(?:(?:#\[[^\]]*\]|\/\/[^\n]*)\s*)*(?:async )?fn (\w+)/g;

function testFunctions(dir) {
  return readdirSync(join(root, dir), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".rs"))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(TEST_FUNCTION)].map(([, name]) => ({ path: relative(root, path), name })),
    );
}

test(`names of Rust tests have at most ${MAX} characters`, () => {
  const all = ["crates", "src"].flatMap(testFunctions);
  assert.ok(all.length > 500, `${all.length} tests were found`);
  const long = all.filter(({ name }) => name.length > MAX).map(({ path, name }) => `${path}: ${name}`);
  assert.deepEqual(long, []);
});
