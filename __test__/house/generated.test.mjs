// The generated files are what their TypeScript sources generate.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { generatedFiles } from "../../scripts/lib/generate/index.mjs";
import { fromRoot } from "../../scripts/lib/paths.mjs";

for (const [path, text] of await generatedFiles()) {
  test(`${path} is what the sources generate`, () => {
    assert.ok(
      readFileSync(fromRoot(path), "utf8") === text,
      "run `node scripts/generate.mjs` and commit what it changes",
    );
  });
}
